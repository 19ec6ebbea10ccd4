import { expect, test } from 'vitest';
import { failedLine } from './build.ts';

const containerfile = 'FROM base\nUSER root\nRUN make it\nRUN make it well\n';

test.each([
  [
    'the step podman was at',
    'Error: building at STEP "RUN make it": while running runtime: exit status 2',
    { line: 3, text: 'RUN make it' },
  ],
  ['none when podman names none', 'Error: no space left on device', null],
  ['none for a step that is not ours', 'Error: building at STEP "LABEL x": what', null],
])('a failed build names %s', (_, said, expected) => {
  expect(failedLine(containerfile, said)).toEqual(expected);
});
