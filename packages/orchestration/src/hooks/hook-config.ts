/** What a project may have run on the host around a launch. */
import { z } from '@terok/sandbox';

/**
 * `pre_start`: before the container is made; a launch whose `pre_start` fails does not happen. `post_start`: when it runs.
 * `post_ready`: when its workspace is ready, told by whoever watches. `post_stop`: when somebody learns that it ended.
 */
export const hookNames = ['pre_start', 'post_start', 'post_ready', 'post_stop'] as const;
export type HookName = (typeof hookNames)[number];

/** How long each may take unless it says so itself. */
const timeoutDefaultSeconds: Readonly<Record<HookName, number>> = { pre_start: 120, post_start: 120, post_ready: 120, post_stop: 30 };

const Hook = z.strictObject({
  /** Program and arguments; no shell reads them. */
  command: z.array(z.string().check(z.minLength(1))).check(z.minLength(1)),
  /** In seconds; a launch waits no longer than ten minutes for anybody. */
  timeout: z.optional(z.int().check(z.positive(), z.maximum(600))),
});

/** As written. */
export const HooksSection = z.strictObject({
  pre_start: z.optional(Hook),
  post_start: z.optional(Hook),
  post_ready: z.optional(Hook),
  post_stop: z.optional(Hook),
});

export type HookCommand = { readonly command: readonly string[]; readonly timeoutSeconds: number };
/** Null: nothing is to be run. */
export type Hooks = Readonly<Record<HookName, HookCommand | null>>;

export function hooksOf(written: z.output<typeof HooksSection> | null | undefined): Hooks {
  const hook = (name: HookName): HookCommand | null => {
    const given = written?.[name];
    return given === undefined ? null : { command: given.command, timeoutSeconds: given.timeout ?? timeoutDefaultSeconds[name] };
  };
  return { pre_start: hook('pre_start'), post_start: hook('post_start'), post_ready: hook('post_ready'), post_stop: hook('post_stop') };
}
