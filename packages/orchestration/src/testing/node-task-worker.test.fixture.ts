/** One of many processes that make, rename and delete tasks of one project. Arguments: its number, and a task that all of them rename. Prints what it did. */
import process from 'node:process';
import { executorContext } from '@terok/executor';
import { memoryRuntime } from '@terok/executor/testing';
import { hostContext } from '@terok/sandbox';
import { taskDelete, taskRename } from '../tasks/lifecycle.ts';
import { updateTask } from '../tasks/meta.ts';
import { taskNew } from '../tasks/new-task.ts';

const [number = '', shared = ''] = process.argv.slice(2);
const env = process.env;
const runtime = memoryRuntime({ now: () => new Date() });
const ctx = await executorContext(await hostContext({ env }), { env, runtime });

const kept = await taskNew(ctx, 'demo', { name: `kept-${number}` });
const renamed = await taskNew(ctx, 'demo', { name: `first-${number}` });
await taskRename(ctx, 'demo', renamed, `renamed-${number}`);
await taskRename(ctx, 'demo', shared, `shared-${number}`);
await updateTask(ctx, 'demo', shared, (record) => ({ x_count: Number(record['x_count'] ?? 0) + 1 }));
const deleted = await taskNew(ctx, 'demo', { name: `deleted-${number}` });
const { warnings } = await taskDelete(ctx, 'demo', deleted);
process.stdout.write(JSON.stringify({ kept, renamed, deleted, warnings }));
