/** @terok/sandbox: where everything is, what is configured, whether this host is set up, and how bytes reach the disk and stay there. */
export { exitStatus, defineErrors, TerokError, type ErrorMakers, type ErrorRow } from './terok-error.ts';
export { sandboxErrors } from './errors.ts';

export type {
  Claim,
  Clock,
  Content,
  DirectoryEntry,
  Environment,
  FileFacts,
  FileKind,
  FileRead,
  Files,
  ListOptions,
  Owner,
  Random,
  ReadOptions,
  SyncFiles,
} from './host.ts';
export { nodeFiles } from './node-files.ts';
export { nodeSyncFiles } from './node-sync-files.ts';
export { systemClock } from './node-clock.ts';
export { cryptoRandom } from './node-random.ts';
export { bareHost, hostContext, type BareHost, type HostOptions, type SandboxContext } from './node-context.ts';
export { hostPlaces, type Places } from './node-places.ts';

export { pathSegment } from './path-segment.ts';
export { resolvePaths, type Paths } from './paths.ts';
export type { DurablePaths, Locations } from './durable-paths.ts';
export { installationId } from './installation-id.ts';

export { configMaxBytes, type ConfigFilePaths } from './config-files.ts';
export { configTextProblems, loadConfig, type ConfigRead } from './config.ts';
export { z } from './schema.ts';
export {
  configFile,
  configSections,
  cpusLimit,
  gpus,
  memoryLimit,
  podmanArgs,
  type Config,
  type SecretSource,
  type SectionName,
} from './config-sections.ts';
export { changedYaml, updateConfigSection, writeConfigText, type SectionChanges, type YamlChange } from './config-write.ts';
export { configValues, type ConfigValue } from './config-values.ts';
export { mergeLayers } from './config-merge.ts';
export { parseYamlWith, type ConfigProblem } from './yaml-source.ts';
export { compareVersions } from './version-order.ts';
export { nearestName } from './nearest-name.ts';

export { keepCorruptCopy, readText, textOfRead } from './durable-file.ts';
export { appendJsonLine, readJsonLines, type JsonLinesOptions, type JsonLinesRead } from './json-lines.ts';
export { lockHolder, withFileLock, type LockContext, type LockOptions } from './file-lock.ts';
export { formatInstant, parseInstant } from './instant.ts';
export { sizeBytes } from './size.ts';

export { redact, redacted } from './redact.ts';
export { printable, stripControl } from './printable.ts';

export {
  checkSetup,
  clearStamp,
  installedVersions,
  judgeSetup,
  needsSetup,
  readStamp,
  SetupVerdict,
  stampPath,
  TRACKED_PACKAGES,
  writeStamp,
  type InstalledVersionsOptions,
  type MovedPackage,
  type SetupCheck,
  type StampContext,
  type Versions,
} from './setup-stamp.ts';
