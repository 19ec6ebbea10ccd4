/** What `terok config paths --json` prints. */
import { z, type Paths } from '@terok/sandbox';

export const ConfigPathsJson = z.strictObject({
  state_root: z.string(),
  config_root: z.string(),
  system_config_file: z.string(),
  user_config_file: z.string(),
  override_config_file: z.nullable(z.string()),
  projects: z.string(),
  agents: z.string(),
  tasks: z.string(),
  mirrors: z.string(),
  archive: z.string(),
  setup_stamp: z.string(),
  engine_profile: z.string(),
  lifecycle: z.string(),
  runtime: z.string(),
});
export type ConfigPathsJson = z.infer<typeof ConfigPathsJson>;

export function configPathsJson(paths: Paths): ConfigPathsJson {
  return {
    state_root: paths.stateRoot,
    config_root: paths.configRoot,
    system_config_file: paths.systemConfigFile,
    user_config_file: paths.userConfigFile,
    override_config_file: paths.overrideConfigFile,
    projects: paths.projects,
    agents: paths.agents,
    tasks: paths.tasks,
    mirrors: paths.mirrors,
    archive: paths.archive,
    setup_stamp: paths.setupStamp,
    engine_profile: paths.engineProfile,
    lifecycle: paths.lifecycle,
    runtime: paths.runtime,
  };
}
