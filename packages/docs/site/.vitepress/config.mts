/** The site: the pages of `packages/docs` as they are, with the contents as side bar and a search that needs no server. A dead link fails the build. */
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { defineConfig } from 'vitepress';
import { contents } from '../../src/contents.ts';

const sidebar = contents.map(({ title, pages }) => ({
  text: title,
  items: pages.map(({ path, title: text }) => ({ text, link: `/${path}` })),
}));

export default defineConfig({
  title: 'terok',
  description: 'AI coding agents, unattended, in hardened containers on your own machine.',
  srcDir: '..',
  srcExclude: ['README.md', '{dist,node_modules,site,src}/**'],
  outDir: 'dist',
  cacheDir: 'node_modules/.vitepress',
  themeConfig: {
    sidebar,
    nav: sidebar.map(({ text, items }) => ({ text, link: items[0]?.link ?? '/' })),
    outline: [2, 3],
    search: { provider: 'local' },
  },
  // The schemas that the reference links to are no pages.
  buildEnd: ({ srcDir, outDir }) => cp(join(srcDir, 'reference/json'), join(outDir, 'reference/json'), { recursive: true }),
  vite: {
    plugins: [
      {
        // The pages lie outside of the folder in which the generator is installed, where nothing finds what they are made into.
        name: 'vue-beside-the-generator',
        enforce: 'pre',
        resolveId: (id, _importer, { ssr }) => (ssr === true && /^vue(?:\/|$)/.test(id) ? { id, external: true } : null),
      },
    ],
  },
});
