/** An agent's stream as text for people. What agents print is theirs: whatever it holds, no control character of it gets through. */
import { printable, stripControl } from '@terok/sandbox';
import type { LogFormat } from '../agent-file.ts';
import type { AgentEvent, LogReader } from './agent-event.ts';
import { claudeStreamJson } from './claude-stream-json.ts';
import { codex } from './codex.ts';
import { copilot } from './copilot.ts';
import { gemini } from './gemini.ts';
import { logLines } from './log-lines.ts';
import { opencode } from './opencode.ts';

const readers: Readonly<Record<LogFormat, LogReader | null>> = {
  plain: null,
  'claude-stream-json': claudeStreamJson,
  codex,
  opencode,
  copilot,
  gemini,
};

/** Null for a format without structure. */
export const logReader = (format: LogFormat): LogReader | null => readers[format];

export interface LogRenderer {
  /** The text that these bytes complete; whole lines, except where an agent hands its text over in parts. */
  push(bytes: Uint8Array): string;
  end(): string;
}

/** Text of a tool's result is cut here; the whole of it is in the raw log. */
const resultMaxChars = 500;
const valueMaxChars = 200;

/** A line that is none of the format's is printed as it is. Only for standard output: standard error has no format. */
export function renderLog(format: LogFormat): LogRenderer {
  const reader = logReader(format);
  const lines = logLines();
  let session: string | null = null;
  let open = false;

  const written = (event: AgentEvent): string => {
    if (event.kind === 'text_part') {
      open = true;
      return stripControl(event.text);
    }
    const before = open ? '\n' : '';
    open = false;
    if (event.kind !== 'session') return `${before}${eventText(event)}`;
    if (event.id === session) return before;
    session = event.id;
    return `${before}${eventText(event)}`;
  };
  const rendered = (line: string): string => {
    if (reader === null) return `${stripControl(line)}\n`;
    if (line.trim() === '') return '';
    const parsed = parsedLine(line);
    const before = open && parsed === undefined ? '\n' : '';
    if (parsed === undefined) open = false;
    return parsed === undefined ? `${before}${stripControl(line)}\n` : reader.events(parsed).map(written).join('');
  };
  return {
    push: (bytes) => lines.push(bytes).map(rendered).join(''),
    end: () => lines.end().map(rendered).join('') + (open ? '\n' : ''),
  };
}

/** Undefined for what is no JSON object. */
function parsedLine(line: string): object | undefined {
  if (!line.trimStart().startsWith('{')) return undefined;
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

function eventText(event: Exclude<AgentEvent, { kind: 'text_part' }>): string {
  switch (event.kind) {
    case 'session':
      return `· session ${printable(event.id)}${event.model === null ? '' : `, model ${printable(event.model)}`}\n`;
    case 'text':
      return `${stripControl(event.text).trimEnd()}\n`;
    case 'tool_call':
      return [
        `→ ${printable(event.tool)}`,
        ...event.input.map(([name, value]) => `    ${printable(name)}: ${shortened(printable(value), valueMaxChars)}`),
        '',
      ].join('\n');
    case 'tool_result': {
      const text = shortened(stripControl(event.text).trim(), resultMaxChars);
      return `${event.failed ? '✗' : '←'} ${text === '' ? (event.failed ? 'failed' : 'done') : text.replaceAll('\n', '\n    ')}\n`;
    }
    case 'notice':
      return `· ${printable(event.text)}\n`;
    case 'error':
      return `error: ${printable(event.text)}\n`;
    case 'end':
      return `· ${[event.failed ? 'failed' : 'finished', ...event.facts.map(printable)].join(', ')}\n`;
  }
}

/** By whole characters, with a mark where something is missing. */
function shortened(text: string, maxChars: number): string {
  return text.length <= maxChars ? text : `${text.slice(0, maxChars - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}
