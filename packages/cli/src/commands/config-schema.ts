import { ProjectFile } from '@terok/orchestration';
import { configFile, z } from '@terok/sandbox';
import type { Invocation } from '../invocation.ts';

export type SchemaOf = 'config' | 'project';

export async function runConfigSchema({ out }: Invocation, { of }: { readonly of: SchemaOf }): Promise<void> {
  await out.json(z.toJSONSchema(of === 'config' ? configFile : ProjectFile, { io: 'input' }));
}
