/** Where an agent is written, in words. */
import type { AgentSource } from '@terok/executor';
import { printable } from '@terok/sandbox';

export function agentSourceText({ bundled, file }: AgentSource): string {
  if (file === null) return 'terok';
  return bundled ? `terok, changed by ${printable(file)}` : printable(file);
}
