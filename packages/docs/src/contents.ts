/** The pages of the site in the order in which they are read: its side bar, and what the check holds the folders to. */

export type Section = { readonly title: string; readonly pages: readonly ContentsPage[] };
/** `path` is below `packages/docs`, without `.md`; `title` is the page's heading. */
export type ContentsPage = { readonly path: string; readonly title: string };

export const contents: readonly Section[] = [
  {
    title: 'Guides',
    pages: [
      { path: 'guides/first-task', title: 'Your first task' },
      { path: 'guides/overnight', title: 'A run overnight' },
      { path: 'guides/your-own-agent', title: 'An agent of your own' },
      { path: 'guides/offline-host', title: 'A host without the internet' },
      { path: 'guides/troubleshooting', title: 'Troubleshooting' },
    ],
  },
  {
    title: 'Concepts',
    pages: [
      { path: 'concepts/house', title: 'The house' },
      { path: 'concepts/life-of-a-task', title: 'The life of a task' },
      { path: 'concepts/installations', title: 'Installations and labels' },
      { path: 'concepts/setup-stamp', title: 'The setup stamp' },
      { path: 'concepts/hardening', title: 'Hardening' },
      { path: 'concepts/images', title: 'Images' },
      { path: 'concepts/archive', title: 'Archive and salvage' },
      { path: 'concepts/lifecycle-daemon', title: 'The lifecycle daemon' },
      { path: 'concepts/digest', title: 'The digest' },
    ],
  },
  {
    title: 'Reference',
    pages: [
      { path: 'reference/cli', title: 'Commands' },
      { path: 'reference/config', title: 'config.yml' },
      { path: 'reference/project', title: 'project.yml' },
      { path: 'reference/errors', title: 'Errors' },
      { path: 'reference/exit-codes', title: 'Exit codes' },
      { path: 'reference/json', title: 'What --json prints' },
    ],
  },
  {
    title: 'Libraries',
    pages: [
      { path: 'libraries/sandbox', title: '@terok/sandbox' },
      { path: 'libraries/executor', title: '@terok/executor' },
      { path: 'libraries/orchestration', title: '@terok/orchestration' },
      { path: 'libraries/lifecycle-daemon', title: '@terok/lifecycle-daemon' },
    ],
  },
];

/** What is on the disk and not in the contents, in the contents and not on the disk, or headed otherwise. `titles` are by path. */
export function contentsProblems(sections: readonly Section[], titles: ReadonlyMap<string, string | null>): readonly string[] {
  const listed = new Map(sections.flatMap(({ pages }) => pages.map(({ path, title }) => [path, title])));
  return [
    ...[...titles.keys()].filter((path) => !listed.has(path)).map((path) => `${path}.md is not in the contents`),
    ...[...listed].flatMap(([path, title]) => {
      const found = titles.get(path);
      if (found === undefined) return [`${path}.md is in the contents, and not there`];
      return found === title ? [] : [`${path}.md is headed \`${found}\`, and \`${title}\` in the contents`];
    }),
  ];
}
