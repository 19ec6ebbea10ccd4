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

export {
  consumeFirstTurn,
  daemonStatePath,
  DIGEST_SHOW_THRESHOLD_HOURS,
  FIRST_TURN_PENDING_TTL_SEC_DEFAULT,
  FIRST_TURN_TTL_HOURS,
  getPendingDigest,
  loadDaemonState,
  markSessionOpened,
  MAX_FIRST_TURN_ENTRIES,
  pruneFirstTurnPending,
  pruneStaleFirstTurn,
  saveDaemonState,
  type DaemonState,
} from './daemon-state.ts';

export {
  afterEvent,
  computeTransition,
  fsmState,
  lifecycleEvents,
  type Dispatched,
  type EventPayload,
  type FsmState,
  type LifecycleEvent,
} from './machine.ts';

export {
  isSleepStepId,
  sleepStepIds,
  sleepStepNumbers,
  type SleepStep,
  type SleepStepId,
  type StepDecision,
  type StepProblem,
  type StepReport,
  type StepRun,
} from './sleep/sleep-step.ts';
export {
  runSleepCycle,
  runSleepStep,
  type SingleStepOptions,
  type SleepCycleOptions,
  type SleepCycleResult,
  type UpdateRecord,
} from './sleep/run-sleep-cycle.ts';
export { stepSlot, type StepEnd, type StepSlot, type StepWork } from './sleep/step-slot.ts';
export { liftQuarantine } from './sleep/cycle-record.ts';
export { stepStatesOf, type StepState, type StepStates } from './sleep/step-states.ts';
export { sleepEventKinds, type SleepEvent } from './sleep/sleep-event.ts';

export {
  buildDigest,
  Digest,
  DigestTask,
  UnmergedWork,
  type DigestPeriod,
  type DigestProblem,
  type DigestStep,
  type SleepFacts,
  type TaskFacts,
} from './digest/digest.ts';
export { acknowledgeDigest, offeredDigest, pendingDigest } from './digest/digest-offer.ts';
export {
  currentDigest,
  readDigestCopy,
  rebuildDigest,
  type DigestContext,
  type DigestSources,
  type UpdateDaemonState,
} from './digest/rebuild-digest.ts';

export { runDaemon, type DaemonContext, type DaemonExit, type DaemonOptions } from './daemon.ts';
export type { HouseEnd } from './daemon-house.ts';
export type { Probe, ProbeChange } from './daemon-probes.ts';
export {
  eventDays,
  eventLogPath,
  eventsSince,
  readEvents,
  type EventLogContext,
  type LifecycleLogEvent,
  type LoggedEvent,
} from './event-log.ts';
export { awaitTurn, isSuccessorWaiting, type SuccessionContext } from './succession.ts';
export { consumeWakeMark, isWakeMarked, markWake, type WakeSignalContext } from './wake-signal.ts';
export { daemonSocketPath, inheritedSocket } from './socket/address.ts';
export { refuseClients } from './socket/refuse-clients.ts';
export { runningDaemon, type RunningDaemon } from './socket/single-writer.ts';
export {
  connectDaemon,
  wakeDaemon,
  type ClientContext,
  type ClientOptions,
  type DaemonClient,
  type DaemonEvent,
  type WakeOptions,
} from './socket/client.ts';
export type { CommandArgs, CommandName, CommandResult, DaemonStatus } from './socket/protocol.ts';

export { daemonUnits, unitNames, type ServiceSettings, type Unit, type UnitNames } from './service/units.ts';
export {
  installPlan,
  installService,
  isServiceInstalled,
  uninstallPlan,
  uninstallService,
  type RunProgram,
  type ServiceAct,
  type ServiceContext,
} from './service/install-service.ts';
export { startDetached, type DetachedOptions } from './service/node-detached.ts';
