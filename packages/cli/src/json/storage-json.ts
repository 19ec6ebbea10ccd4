/** What `terok storage --json` prints. Bytes as the disk counts them; null where podman does not tell. */
import type { StorageUsage } from '@terok/orchestration';
import { z } from '@terok/sandbox';

export const StorageJson = z.strictObject({
  projects: z.array(
    z.strictObject({
      project_id: z.string(),
      tasks: z.array(
        z.strictObject({
          task_id: z.string(),
          workspace_bytes: z.number(),
          home_bytes: z.number(),
          logs_bytes: z.number(),
          container_bytes: z.nullable(z.number()),
          total_bytes: z.number(),
        }),
      ),
      archive_bytes: z.number(),
      mirror_bytes: z.number(),
      total_bytes: z.number(),
    }),
  ),
  images: z.nullable(
    z.strictObject({
      images: z.array(
        z.strictObject({
          id: z.string(),
          references: z.array(z.string()),
          exclusive_bytes: z.nullable(z.number()),
          shared_bytes: z.nullable(z.number()),
        }),
      ),
      total_bytes: z.nullable(z.number()),
    }),
  ),
  /** What could not be measured: the sums are too small by that. */
  incomplete: z.array(z.string()),
});
export type StorageJson = z.infer<typeof StorageJson>;

export function storageJson({ projects, images, incomplete }: StorageUsage): StorageJson {
  return {
    projects: projects.map(({ projectId, tasks, archiveBytes, mirrorBytes, totalBytes }) => ({
      project_id: projectId,
      tasks: tasks.map(({ taskId, workspaceBytes, homeBytes, logsBytes, containerBytes, totalBytes: all }) => ({
        task_id: taskId,
        workspace_bytes: workspaceBytes,
        home_bytes: homeBytes,
        logs_bytes: logsBytes,
        container_bytes: containerBytes,
        total_bytes: all,
      })),
      archive_bytes: archiveBytes,
      mirror_bytes: mirrorBytes,
      total_bytes: totalBytes,
    })),
    images:
      images === null
        ? null
        : {
            images: images.images.map(({ image, exclusiveBytes, sharedBytes }) => ({
              id: image.id,
              references: [...image.references],
              exclusive_bytes: exclusiveBytes,
              shared_bytes: sharedBytes,
            })),
            total_bytes: images.totalBytes,
          },
    incomplete: [...incomplete],
  };
}
