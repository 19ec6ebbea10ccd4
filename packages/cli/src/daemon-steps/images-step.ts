/** Step 5: images that no project needs any more, and what builds left behind. Nothing that a container uses, and nothing by force. */
import {
  applyImageCleanup,
  imageUsage,
  keepReasons,
  readImageCleanup,
  removeReasons,
  storeReasons,
  type ImageCleanupPlan,
} from '@terok/executor';
import type { SleepStep } from '@terok/lifecycle-daemon';
import { neededImages, type TaskContext } from '@terok/orchestration';
import { cliErrors } from '../errors.ts';
import { plannedStep, type PlannedAct } from './planned-step.ts';

const nothing: ImageCleanupPlan = { images: [], stored: [], partials: [], remains: [] };

export function imagesStep(ctx: TaskContext): SleepStep {
  return plannedStep({
    id: 'images',
    title: 'remove images that no project needs',
    timeLimitMs: 20 * 60_000,
    async *plan() {
      const { users, unclear } = await neededImages(ctx);
      const plan = await readImageCleanup(ctx, { freshReferences: [...users.keys()], unclear: unclear.length > 0 });
      const usage = new Map((await imageUsage(ctx)).images.map(({ image, exclusiveBytes }) => [image.id, exclusiveBytes]));
      yield* actsOf(ctx, plan, usage);
      for (const project of unclear)
        yield {
          subject: `project ${project}`,
          problem: 'which images it needs is not known, so none of them is removed',
          fix: `terok project edit ${project}`,
        };
    },
  });
}

/** In the order in which they can go: what builds left first, then images, each before the one that it stands on. */
function actsOf(ctx: TaskContext, plan: ImageCleanupPlan, exclusive: ReadonlyMap<string, number | null>): readonly PlannedAct[] {
  const removal = (part: Partial<ImageCleanupPlan>) => async () => {
    for (const result of await applyImageCleanup(ctx, { ...nothing, ...part }))
      if (result.error !== null) throw cliErrors.NOT_REMOVED({ what: result.kept, reason: result.error });
  };
  return [
    ...plan.remains.map((remain): PlannedAct => ({
      subject: `${remain.kind} ${remain.what}`,
      decision: 'remove',
      reason: 'a build that was killed has left it',
      act: removal({ remains: [remain] }),
    })),
    ...plan.images
      .toSorted((a, b) => b.image.createdAt.getTime() - a.image.createdAt.getTime())
      .map((decision): PlannedAct => {
        const subject = `image ${decision.image.references[0] ?? decision.image.id.slice(0, 12)}`;
        if (decision.action === 'keep') return { subject, decision: 'keep', reason: keepReasons[decision.reason] };
        const bytes = exclusive.get(decision.image.id) ?? null;
        const freed = bytes === null ? {} : { bytes };
        return { subject, decision: 'remove', reason: removeReasons[decision.reason], ...freed, act: removal({ images: [decision] }) };
      }),
    ...plan.stored.map((decision): PlannedAct => {
      const { path, sizeBytes } = decision.file;
      const told = { subject: `file ${path}`, reason: storeReasons[decision.reason] };
      return decision.action === 'keep'
        ? { ...told, decision: 'keep' }
        : { ...told, decision: 'remove', bytes: sizeBytes, act: removal({ stored: [decision] }) };
    }),
    ...plan.partials.map((partial): PlannedAct => ({
      subject: `${partial.kind} ${partial.path}`,
      decision: 'remove',
      reason: 'a base was being made when terok was ended',
      act: removal({ partials: [partial] }),
    })),
  ];
}
