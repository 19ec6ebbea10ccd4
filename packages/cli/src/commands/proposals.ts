/** What may stand where the cursor is, as the command table names it; how it is found out is the completion's to know. */
import type { CommandContext, Proposals } from '../command-context.ts';

type Proposed = readonly string[] | Promise<readonly string[]>;

/** As the command library asks: with the command's context as `this`, and the word up to the cursor. */
function proposed(from: (proposals: Proposals, typed: string) => Proposed) {
  return function propose(this: CommandContext, typed: string): Proposed {
    return from(this.proposals, typed);
  };
}

export const proposeProjects = proposed((proposals) => proposals.projects());
/** Projects; once a slash is typed, the tasks of the project before it. */
export const proposeAddresses = proposed((proposals, typed) => proposals.addresses(typed));
export const proposeTasks = proposed((proposals, typed) => proposals.tasks(typed));
export const proposeArchives = proposed((proposals, typed) => proposals.archives(typed));
export const proposeAgents = proposed((proposals) => proposals.agents());
export const proposeFiles = proposed((proposals) => proposals.places('files'));
export const proposeDirectories = proposed((proposals) => proposals.places('directories'));
