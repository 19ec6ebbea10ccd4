/** Prints `bundled-agents.ts` anew. */
import { readFileSync, writeFileSync } from 'node:fs';
import { bundledModule, writtenAgents } from './written-agents.ts';

const here = (name: string) => new URL(name, import.meta.url);
writeFileSync(here('bundled-agents.ts'), bundledModule(writtenAgents((name) => readFileSync(here(`${name}.yaml`), 'utf8'))));
