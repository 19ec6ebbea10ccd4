/**
 * A model that is none: a small server which speaks the wire protocols of the agents, asks once for a command to be run, and then
 * says how many prompts it has seen in the conversation. What the agents send is theirs; only what is looked at here is checked.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** `works`: a tool call, then an answer. `refuses`: 401 to everything. `hangs`: takes every request and never answers. */
export type Mood = 'works' | 'refuses' | 'hangs';

export type SeenRequest = { readonly path: string; readonly key: string | null; readonly body: Body };
type Body = Readonly<Record<string, unknown>>;

export type MockApi = {
  readonly port: number;
  mood: Mood;
  readonly requests: SeenRequest[];
  readonly close: () => Promise<void>;
};

/** Listens on every address, so that containers reach it. A conversation is asked to run `command`. */
export async function openMockApi(command: string): Promise<MockApi> {
  const requests: SeenRequest[] = [];
  const server = createServer((request, response) => {
    void answer(api, command, { request, response });
  });
  await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve));
  const api: MockApi = {
    port: (server.address() as AddressInfo).port,
    mood: 'works',
    requests,
    close: () =>
      new Promise((resolve, reject) => {
        server.closeAllConnections();
        server.close((error) => (error === undefined ? resolve() : reject(error)));
      }),
  };
  return api;
}

async function answer(
  api: MockApi,
  command: string,
  { request, response }: { readonly request: IncomingMessage; readonly response: ServerResponse },
): Promise<void> {
  const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
  const body = await bodyOf(request);
  const protocol = protocols.find(({ ends }) => ends.test(path));
  if (request.method !== 'POST' || protocol === undefined) {
    response.writeHead(404).end();
    return;
  }
  api.requests.push({ path, key: keyOf(request), body });
  switch (api.mood) {
    case 'hangs':
      return;
    case 'refuses':
      response.writeHead(401, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ type: 'error', error: { type: 'authentication_error', message: 'invalid x-api-key', code: 401 } }));
      return;
    case 'works': {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      for (const event of protocol.events(replyTo(protocol, body, command))) response.write(event);
      response.end();
    }
  }
}

async function bodyOf(request: IncomingMessage): Promise<Body> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of request) chunks.push(chunk as Uint8Array);
  const text = Buffer.concat(chunks).toString('utf8');
  return text === '' ? {} : (JSON.parse(text) as Body);
}

function keyOf({ headers }: IncomingMessage): string | null {
  const key = headers['x-api-key'] ?? headers['x-goog-api-key'] ?? headers.authorization?.replace(/^Bearer /, '');
  return typeof key === 'string' ? key : null;
}

/** What is answered, in no protocol's words. */
type Reply = { readonly kind: 'text'; readonly text: string } | { readonly kind: 'call'; readonly tool: string; readonly input: Body };

type Protocol = {
  readonly ends: RegExp;
  /** The names of the tools that are offered. */
  readonly tools: (body: Body) => readonly string[];
  /** The turns of the conversation, oldest first. */
  readonly turns: (body: Body) => readonly Turn[];
  readonly events: (reply: Reply) => readonly string[];
};
type Turn = 'prompt' | 'result' | 'other';

/** Tools that run a command, and what each of them calls it. */
const commandTools: Readonly<Record<string, (command: string) => Body>> = {
  Bash: (command) => ({ command, description: 'Make the file' }),
  bash: (command) => ({ command, description: 'Make the file' }),
  run_shell_command: (command) => ({ command, description: 'Make the file' }),
  exec_command: (cmd) => ({ cmd }),
  shell_command: (command) => ({ command }),
  exec: (command) => ({ program: `text(await tools.exec_command({ cmd: ${JSON.stringify(command)} }));` }),
};

function replyTo(protocol: Protocol, body: Body, command: string): Reply {
  const offered = protocol.tools(body);
  const turns = protocol.turns(body);
  const tool = offered.find((name) => Object.hasOwn(commandTools, name));
  const prompts = turns.filter((turn) => turn === 'prompt').length;
  if (tool === undefined || turns.includes('result')) return { kind: 'text', text: `Done. Prompts so far: ${prompts}.` };
  return { kind: 'call', tool, input: commandTools[tool]?.(command) ?? {} };
}

const list = (value: unknown): readonly Body[] => (Array.isArray(value) ? (value as readonly Body[]) : []);
const sse = (value: unknown, event?: string): string =>
  `${event === undefined ? '' : `event: ${event}\n`}data: ${JSON.stringify(value)}\n\n`;

const anthropicMessages: Protocol = {
  ends: /\/v1\/messages$/,
  tools: (body) => list(body['tools']).map(({ name }) => String(name)),
  turns: (body) =>
    list(body['messages']).map(({ role, content }) => {
      if (role !== 'user') return 'other';
      return list(content).some(({ type }) => type === 'tool_result') ? 'result' : 'prompt';
    }),
  events(reply) {
    const usage = { input_tokens: 10, output_tokens: 5, cache_creation_input_tokens: 0, cache_read_input_tokens: 0 };
    const message = {
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      model: 'mock',
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage,
    };
    const [block, delta, stop] =
      reply.kind === 'text'
        ? [{ type: 'text', text: '' }, { type: 'text_delta', text: reply.text }, 'end_turn']
        : [
            { type: 'tool_use', id: 'toolu_01mock', name: reply.tool, input: {} },
            { type: 'input_json_delta', partial_json: JSON.stringify(reply.input) },
            'tool_use',
          ];
    return [
      { type: 'message_start', message },
      { type: 'content_block_start', index: 0, content_block: block },
      { type: 'content_block_delta', index: 0, delta },
      { type: 'content_block_stop', index: 0 },
      { type: 'message_delta', delta: { stop_reason: stop, stop_sequence: null }, usage },
      { type: 'message_stop' },
    ].map((event) => sse(event, event.type));
  },
};

const openaiResponses: Protocol = {
  ends: /\/v1\/responses$/,
  // Newer clients describe their tools in the conversation, in groups, and want them called from a small program.
  tools: (body) => [body, ...list(body['input'])].flatMap(({ tools }) => list(tools)).flatMap(namesOf),
  turns: (body) =>
    list(body['input']).map(({ type, role, content }) => {
      if (type === 'function_call_output' || type === 'custom_tool_call_output') return 'result';
      const text = list(content)
        .map((part) => String(part['text']))
        .join('');
      return role === 'user' && !text.startsWith('<') ? 'prompt' : 'other';
    }),
  events(reply) {
    const item =
      reply.kind === 'text'
        ? { type: 'message', role: 'assistant', id: 'msg_1', content: [{ type: 'output_text', text: reply.text }] }
        : reply.tool === 'exec'
          ? { type: 'custom_tool_call', id: 'ctc_1', call_id: 'call_1', name: 'exec', input: String(reply.input['program']) }
          : { type: 'function_call', id: 'fc_1', call_id: 'call_1', name: reply.tool, arguments: JSON.stringify(reply.input) };
    const usage = {
      input_tokens: 10,
      input_tokens_details: { cached_tokens: 0 },
      output_tokens: 5,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: 15,
    };
    return [
      { type: 'response.created', response: { id: 'resp_1' } },
      { type: 'response.output_item.done', output_index: 0, item },
      { type: 'response.completed', response: { id: 'resp_1', usage } },
    ].map((event) => sse(event, event.type));
  },
};

function namesOf(tool: Body): readonly string[] {
  return tool['type'] === 'namespace' ? list(tool['tools']).flatMap(namesOf) : [String(tool['name'])];
}

const openaiChat: Protocol = {
  ends: /\/chat\/completions$/,
  tools: (body) => list(body['tools']).map(({ function: described }) => String((described as Body)['name'])),
  turns: (body) => list(body['messages']).map(({ role }) => (role === 'tool' ? 'result' : role === 'user' ? 'prompt' : 'other')),
  events(reply) {
    const chunk = (delta: unknown, finish: string | null, more: object = {}) =>
      sse({
        id: 'chat_1',
        object: 'chat.completion.chunk',
        created: 1,
        model: 'mock',
        choices: [{ index: 0, delta, finish_reason: finish }],
        ...more,
      });
    const usage = { usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 } };
    const call = (input: Body, tool: string) => ({
      tool_calls: [{ index: 0, id: 'call_1', type: 'function', function: { name: tool, arguments: JSON.stringify(input) } }],
    });
    return [
      chunk({ role: 'assistant', content: '' }, null),
      ...(reply.kind === 'text'
        ? [chunk({ content: reply.text }, null), chunk({}, 'stop', usage)]
        : [chunk(call(reply.input, reply.tool), null), chunk({}, 'tool_calls', usage)]),
      'data: [DONE]\n\n',
    ];
  },
};

const geminiContent: Protocol = {
  ends: /:streamGenerateContent$/,
  tools: (body) => list(body['tools']).flatMap((tool) => list(tool['functionDeclarations']).map(({ name }) => String(name))),
  turns: (body) =>
    list(body['contents']).map(({ role, parts }) => {
      if (role !== 'user') return 'other';
      if (list(parts).some((part) => 'functionResponse' in part)) return 'result';
      return list(parts).every(({ text }) => String(text).startsWith('<session_context>')) ? 'other' : 'prompt';
    }),
  events(reply) {
    const part = reply.kind === 'text' ? { text: reply.text } : { functionCall: { name: reply.tool, args: reply.input } };
    return [
      sse({
        candidates: [{ content: { role: 'model', parts: [part] }, finishReason: 'STOP', index: 0 }],
        usageMetadata: { promptTokenCount: 10, candidatesTokenCount: 5, totalTokenCount: 15 },
      }),
    ];
  },
};

const protocols: readonly Protocol[] = [anthropicMessages, openaiResponses, openaiChat, geminiContent];
