/** Step 4: what is left of deleted tasks can still be read, takes no more room than it must, and goes only where that was configured. */
import { join } from 'node:path';
import {
  applyArchiveRetention,
  archiveFolderSizes,
  archiveReasons,
  planArchiveRetention,
  retentionLimits,
  type ArchiveDecision,
  type TaskContext,
} from '@terok/orchestration';
import type { SleepStep } from '@terok/lifecycle-daemon';
import { readText, sandboxErrors, TerokError } from '@terok/sandbox';
import { isWholeGzip } from './compressed-file.ts';
import { compression } from './file-acts.ts';
import { plannedStep, type PlannedAct } from './planned-step.ts';

const recordMaxBytes = 1024 * 1024;
const tarBlockBytes = 512;

export function archiveStep(ctx: TaskContext): SleepStep {
  return plannedStep({
    id: 'archive',
    title: 'verify and compress the archives of deleted tasks',
    async *plan() {
      for (const decision of planArchiveRetention(await archiveFolderSizes(ctx), retentionLimits(ctx.config.archive), ctx.clock.now())) {
        yield retention(ctx, decision);
        if (decision.action === 'remove' || decision.archive.archivedAt === null) continue;
        const { archiveDir } = decision.archive;
        for (const problem of await flaws(ctx, archiveDir)) yield { subject: subjectOf(decision), problem };
        // Logs only: what git and tar read again stays as they wrote it.
        const log = join(archiveDir, 'logs', 'container.log');
        const compressed = await compression(ctx.files, log, { subject: `log ${log}`, reason: 'its task is archived' });
        if (compressed !== null) yield compressed;
      }
    },
  });
}

const subjectOf = ({ archive }: ArchiveDecision): string => `archive ${archive.archiveDir}`;

function retention(ctx: TaskContext, decision: ArchiveDecision): PlannedAct {
  const [subject, reason] = [subjectOf(decision), archiveReasons[decision.reason]];
  if (decision.action === 'keep') return { subject, decision: 'keep', reason };
  const { archiveDir, bytes } = decision.archive;
  const act = async () => {
    for (const { error } of await applyArchiveRetention(ctx, [decision]))
      if (error !== null) throw sandboxErrors.FILE_FAILED({ path: archiveDir, attempt: 'remove', reason: error });
  };
  return { subject, decision: 'remove', reason, bytes, act };
}

/** What is wrong with an archive, as far as its files tell: a copy that was cut short, a disk that lost part of one. */
async function flaws(ctx: TaskContext, archiveDir: string): Promise<readonly string[]> {
  const found: string[] = [];
  if (!(await isRecord(ctx, join(archiveDir, 'task.json')))) found.push('its task.json cannot be read');
  const log = join(archiveDir, 'logs', 'container.log.gz');
  if ((await ctx.files.stat(log)) !== null && !(await isWholeGzip(ctx.files, log))) found.push('its compressed log is damaged');
  for (const name of ['workspace.tar', 'work/untracked.tar', 'work/repository.tar']) {
    const facts = await ctx.files.stat(join(archiveDir, name));
    if (facts !== null && (facts.kind !== 'file' || facts.sizeBytes === 0 || facts.sizeBytes % tarBlockBytes !== 0))
      found.push(`${name} is no whole tar archive`);
  }
  return found;
}

async function isRecord(ctx: TaskContext, path: string): Promise<boolean> {
  try {
    const record: unknown = JSON.parse((await readText(ctx.files, path, { maxBytes: recordMaxBytes })) ?? 'null');
    return typeof record === 'object' && record !== null && !Array.isArray(record);
  } catch (error) {
    if (error instanceof TerokError || error instanceof SyntaxError) return false;
    throw error;
  }
}
