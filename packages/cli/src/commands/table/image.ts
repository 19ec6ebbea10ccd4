/** `terok image …` */
import { command, type CommandTree } from '../row.ts';
import { agentFlag, jsonFlag, projectArgument, textFlag, yesFlag } from '../parameters.ts';

const switchFlag = { kind: 'boolean', optional: true, withNegated: false } as const;

export const imageCommands = {
  brief: 'Images that tasks run in',
  routes: {
    build: command({
      load: async () => (await import('../image-build.ts')).runImageBuild,
      json: async () => (await import('../../json/image-json.ts')).ImageBuildJson,
      brief: 'Build the image of a project or of an agent, unless it is fresh',
      description: [
        'A task builds what it needs by itself; this is for doing it before.',
        'Without a network `--rebuild` works from the packages that were fetched before; `--full-rebuild` asks registries and mirrors again.',
        'A build that fails or is interrupted leaves the image that was there.',
      ].join('\n'),
      flags: {
        agent: { ...agentFlag, brief: "Image for this agent (the project's agent when left out)" },
        base: {
          ...textFlag,
          optional: true,
          placeholder: 'IMAGE',
          brief: 'Base of an image without a project (from config.yml when left out)',
        },
        rebuild: { ...switchFlag, brief: 'Build the layers of terok again' },
        fullRebuild: { ...switchFlag, brief: 'Build everything again: the base too, from packages that are fetched anew' },
        json: jsonFlag,
      },
      positional: {
        kind: 'tuple',
        parameters: [
          {
            ...projectArgument,
            optional: true,
            brief: 'Project (left out, the image is that of `--agent`, or of a project chosen from a list)',
          },
        ],
      },
    }),
    list: command({
      load: async () => (await import('../image-list.ts')).runImageList,
      json: async () => (await import('../../json/image-json.ts')).ImageListJson,
      brief: 'List the images with what is in them and who uses them',
      flags: { json: jsonFlag },
    }),
    usage: command({
      load: async () => (await import('../image-usage.ts')).runImageUsage,
      json: async () => (await import('../../json/image-json.ts')).ImageUsageJson,
      brief: 'Show what images and stored packages take on the disk',
      flags: { json: jsonFlag },
    }),
    cleanup: command({
      load: async () => (await import('../image-cleanup.ts')).runImageCleanup,
      json: async () => (await import('../../json/image-json.ts')).ImageCleanupJson,
      brief: 'Remove images and packages that nothing needs, and say why of each',
      description:
        'Shows first what would go, and asks; without a terminal it removes nothing unless told `--yes`. What a container or a project uses stays.',
      flags: { dryRun: { ...switchFlag, brief: 'Only show what would go' }, yes: yesFlag, json: jsonFlag },
    }),
  },
} as const satisfies CommandTree;
