import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { manyTasks } from './tasks-figures.ts';
import { getTasks, resolveTaskId } from '@terok/orchestration';
const d = await mkdtemp('/tmp/orch-prof-');
for (const n of [1000, 10000]) {
  const m = await manyTasks(join(d, String(n)), n);
  for (let i = 0; i < 4; i++) {
    const a = process.cpuUsage();
    const t = performance.now();
    await getTasks(m.ctx, m.project, { live: true });
    const b = process.cpuUsage(a);
    console.log(n, 'wall', (performance.now() - t).toFixed(0), 'user', b.user / 1000, 'sys', b.system / 1000);
  }
  const a = process.cpuUsage();
  const t = performance.now();
  for (let i = 0; i < 200; i++) await resolveTaskId(m.ctx, m.project, m.ids[500]!);
  console.log('exact', (performance.now() - t) / 200);
}
