/** Questions on this process's own terminal; loaded when the first one is asked. */
import process from 'node:process';
import { autocomplete, isCancel, text } from '@clack/prompts';
import type { Dialog } from '../world/world.ts';

const streams = { input: process.stdin, output: process.stderr, withGuide: false } as const;
const choicesShownMax = 10;

export const nodeDialog: Dialog = {
  async choose(question, choices) {
    const options = choices.map(({ label, hint }, index) => ({ value: index, label, ...(hint === undefined ? {} : { hint }) }));
    const index = await autocomplete({ ...streams, message: question, options, maxItems: choicesShownMax });
    return isCancel(index) ? null : (choices[index]?.value ?? null);
  },
  async ask(question, { initial, example, check } = {}) {
    const answer = await text({
      ...streams,
      message: question,
      ...(initial === undefined ? {} : { initialValue: initial }),
      ...(example === undefined ? {} : { placeholder: example }),
      validate: (given) => check?.(given ?? '') ?? undefined,
    });
    return isCancel(answer) ? null : (answer ?? '');
  },
};
