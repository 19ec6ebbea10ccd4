/** @terok/lifecycle-daemon: the four states of a house that tidies itself while nobody works. */
export { lifecycleErrors } from './errors.ts';

export {
  defaultLifecycleState,
  LAST_SLEEP_STEP,
  LifecycleState,
  lifecycleStatePath,
  loadLifecycleState,
  saveLifecycleState,
  validateLifecycleState,
  type LifecycleContext,
  type LifecycleStateRecord,
  type LoadedLifecycleState,
  type Quarantine,
  type SleepCycleProgress,
} from './lifecycle-state.ts';
