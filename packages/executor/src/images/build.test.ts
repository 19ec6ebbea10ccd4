import { expect, test } from 'vitest';
import { failedLine } from './build.ts';

const containerfile = 'FROM base\nUSER root\nRUN make it\nRUN make it \\\n    # twice\n    well\nRUN make more\nUSER dev\n';
const sources = [{ name: 'image.snippet', firstLine: 4, lastLine: 7 }];

test.each([
  [
    'the step podman was at',
    'Error: building at STEP "RUN make it": while running runtime: exit status 2',
    { source: 'its Containerfile', line: 3, text: 'RUN make it' },
  ],
  [
    'the line in the project’s own words',
    'error building at STEP "RUN make more": exit status 1',
    { source: 'image.snippet', line: 4, text: 'RUN make more' },
  ],
  [
    'where a step of several lines begins',
    'Error: building at STEP "RUN make it     well": x',
    { source: 'image.snippet', line: 1, text: 'RUN make it well' },
  ],
  [
    'a step that podman has added to',
    'Error: building at STEP "RUN make it "a b"": x',
    { source: 'its Containerfile', line: 3, text: 'RUN make it "a b"' },
  ],
  ['none when podman names none', 'Error: no space left on device', null],
  ['none for a step that is not ours', 'Error: building at STEP "LABEL x": what', null],
])('a failed build names %s', (_, said, expected) => {
  expect(failedLine({ containerfile, sources }, said)).toEqual(expected);
});
