/** Fakes that work, for whoever builds on the executor. */
export { memoryRuntime, type MemoryRuntime, type MemoryRuntimeOptions, type Program } from './memory-runtime.ts';
