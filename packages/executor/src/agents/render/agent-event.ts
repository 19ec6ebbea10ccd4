/** What agents say about their work, in one vocabulary, and how the words of each kind of stream are turned into it. */

export type AgentEvent =
  | { readonly kind: 'session'; readonly id: string; readonly model: string | null }
  | { readonly kind: 'text'; readonly text: string }
  /** More of the text before: no line of its own. */
  | { readonly kind: 'text_part'; readonly text: string }
  | { readonly kind: 'tool_call'; readonly tool: string; readonly input: readonly (readonly [name: string, value: string])[] }
  | { readonly kind: 'tool_result'; readonly failed: boolean; readonly text: string }
  | { readonly kind: 'notice'; readonly text: string }
  | { readonly kind: 'error'; readonly text: string }
  | { readonly kind: 'end'; readonly failed: boolean; readonly facts: readonly string[] };

/** How one kind of stream is read: one JSON value per line. */
export type LogReader = {
  /** Empty for what is of no interest. Never throws, whatever the value is. */
  readonly events: (line: unknown) => readonly AgentEvent[];
  /** What the agent prints when it is told to go on with a session that it does not have. */
  readonly sessionLost: RegExp;
};
