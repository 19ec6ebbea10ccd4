/** How states, modes and phases look: a word that carries the meaning, and an emoji and a colour that only help the eye. */
import type { EffectiveStatus } from './task-state.ts';
import type { WorkPhase } from './work-status.ts';

export type Colour = 'green' | 'yellow' | 'red' | 'blue' | 'magenta';

/** Every emoji is two columns wide by itself, without a variation selector, so that a table stays straight. */
export type Badge = { readonly label: string; readonly emoji: string };
export type StatusDisplay = Badge & { readonly colour: Colour };

export const statusDisplay: Readonly<Record<EffectiveStatus, StatusDisplay>> = {
  created: { label: 'created', emoji: '🆕', colour: 'yellow' },
  starting: { label: 'starting', emoji: '⏳', colour: 'yellow' },
  init: { label: 'init', emoji: '🟡', colour: 'yellow' },
  running: { label: 'running', emoji: '🟢', colour: 'green' },
  paused: { label: 'paused', emoji: '💤', colour: 'blue' },
  completed: { label: 'completed', emoji: '✅', colour: 'green' },
  failed: { label: 'failed', emoji: '❌', colour: 'red' },
  stopped: { label: 'stopped', emoji: '🔴', colour: 'red' },
  interrupted: { label: 'interrupted', emoji: '✋', colour: 'yellow' },
  timed_out: { label: 'timed out', emoji: '⏰', colour: 'red' },
  'not found': { label: 'not found', emoji: '❓', colour: 'yellow' },
  deleting: { label: 'deleting', emoji: '🧹', colour: 'yellow' },
  damaged: { label: 'damaged', emoji: '💥', colour: 'magenta' },
  unknown: { label: 'unknown', emoji: '❔', colour: 'magenta' },
};

const modes: Readonly<Record<string, Badge>> = {
  cli: { label: 'CLI', emoji: '💻' },
  run: { label: 'Unattended', emoji: '🚀' },
  toad: { label: 'Toad', emoji: '🐸' },
};

const otherMode: Badge = { label: '', emoji: '🦗' };

export const workPhaseDisplay: Readonly<Record<WorkPhase, Badge>> = {
  planning: { label: 'Planning', emoji: '📋' },
  coding: { label: 'Coding', emoji: '💻' },
  testing: { label: 'Testing', emoji: '🧪' },
  debugging: { label: 'Debugging', emoji: '🐛' },
  reviewing: { label: 'Reviewing', emoji: '🔍' },
  documenting: { label: 'Documenting', emoji: '📝' },
  done: { label: 'Done', emoji: '✅' },
  blocked: { label: 'Blocked', emoji: '🚧' },
  error: { label: 'Error', emoji: '🚫' },
};

/** A task that was never launched and one of a mode that is no more look the same. */
export function modeDisplay(mode: string | null): Badge {
  return mode !== null && Object.hasOwn(modes, mode) ? (modes[mode] ?? otherMode) : otherMode;
}

/** The emoji, or `[label]` where emojis are not wanted. */
export function badgeText({ emoji, label }: Badge, { emojis }: { readonly emojis: boolean }): string {
  return emojis ? emoji : `[${label}]`;
}
