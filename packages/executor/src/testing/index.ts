/** Fakes that work, for whoever builds on the executor. */
export {
  memoryRuntime,
  type ContainerFile,
  type ContainerTree,
  type MemoryRuntime,
  type MemoryRuntimeOptions,
  type Program,
} from './memory-runtime.ts';
export { engineProfile } from './engine-profile.ts';
export { hostConditions } from './host-conditions.ts';
export { memoryBuildPrograms } from './memory-build-programs.ts';
export { contractPrograms, runtimeContract, type ContractClause, type ContractProgram, type ContractWorld } from './runtime-contract.ts';
export { runSpec } from './run-spec.ts';
