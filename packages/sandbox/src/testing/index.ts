/** Stand-ins that work, for tests that touch neither the disk nor the clock. */
export { fakeClock, type FakeClock } from './fake-clock.ts';
export { memoryFiles, PowerCut, reboot, type MemoryEntry, type MemoryFiles, type MemoryOptions } from './memory-files.ts';
export { seededRandom } from './seeded-random.ts';
