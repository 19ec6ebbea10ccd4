import { expect, test } from 'vitest';
import { contentsProblems } from './contents.ts';

const sections = [{ title: 'Guides', pages: [{ path: 'guides/start', title: 'Start' }] }];

test.each<[readonly (readonly [string, string])[], readonly string[]]>([
  [[['guides/start', 'Start']], []],
  [[], ['guides/start.md is in the contents, and not there']],
  [[['guides/start', 'Begin']], ['guides/start.md is headed `Begin`, and `Start` in the contents']],
  [
    [
      ['guides/start', 'Start'],
      ['guides/end', 'End'],
    ],
    ['guides/end.md is not in the contents'],
  ],
])('of %j it says %j', (titles, expected) => expect(contentsProblems(sections, new Map(titles))).toEqual(expected));
