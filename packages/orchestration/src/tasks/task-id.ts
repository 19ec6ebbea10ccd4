/** Task IDs as they stand on the disk. Apart from the rest of `identity` for those who ask at every key. */

declare const taskIdBrand: unique symbol;

/** A text that passed `isTaskId`. */
export type TaskId = string & { readonly [taskIdBrand]: true };

/** Whether this is a whole task ID in its canonical form. */
export function isTaskId(text: unknown): text is TaskId {
  return typeof text === 'string' && fullId.test(text);
}

const fullId = /^[ghjkmnp-tv-z][0-9][0-9a-hjkmnp-tv-z]{3}$/;
