/** What the file of an agent may say. Keys are those of the file; everything that reaches a shell, a flag or a path is held to a pattern. */
import { z } from '@terok/sandbox';

/** The streams that agents print, by the names under which their readers are known. */
export const logFormats = ['plain', 'claude-stream-json', 'codex', 'opencode', 'copilot', 'gemini'] as const;
export type LogFormat = (typeof logFormats)[number];

const about = (description: string) => z.meta({ description });
const noNul = z.regex(/^[^\u0000]*$/, 'Holds a NUL');
const Line = z.string().check(z.trim(), z.regex(/^[^\u0000-\u001f\u007f]{1,200}$/, 'Not one line of text'));
const Words = z.array(z.string().check(noNul));
const Environment = z.record(z.string().check(z.regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'Not the name of a variable')), z.string().check(noNul));
/** Relative, and without a way up. */
const Inside = z.string().check(z.regex(/^(?!.*\.\.)[A-Za-z0-9@_{][A-Za-z0-9@_.{}/-]*$/, 'Not a path inside of the packages'));

const Package = z.strictObject({
  name: z.string().check(z.regex(/^(?:@[a-z0-9][a-z0-9._-]*\/)?[a-z0-9][a-z0-9._-]*$/, 'Not the name of an npm package')),
  version: z.string().check(z.regex(/^\d+\.\d+\.\d+(?:[-+][A-Za-z0-9.-]+)?$/, 'Not an exact version')),
  integrity: z
    .string()
    .check(z.regex(/^sha512-[A-Za-z0-9+/]{86}==$/, 'Not a sha512 integrity'), about('As `npm view NAME@VERSION dist.integrity` says.')),
  architecture: z.optional(z.enum(['x64', 'arm64']).check(about('Only wanted there; left out, everywhere.'))),
  directory: z.optional(Inside.check(about('Where it is unpacked; its name when left out.'))),
});

const Install = z.strictObject({
  packages: z.array(Package).check(z.minLength(1), about('npm packages, unpacked side by side; none of their scripts ever runs.')),
  commands: z
    .record(z.string().check(z.regex(/^[a-z0-9][a-z0-9._-]*$/, 'Not the name of a command')), Inside)
    .check(about('Name of a command → its file in the packages. `{architecture}` is x64 or arm64, `{machine}` x86_64 or aarch64.')),
  files: z.prefault(
    z
      .record(
        z.string().check(z.regex(/^\/etc\/[a-z0-9][a-z0-9-]*(?:\/[A-Za-z0-9][A-Za-z0-9._-]*)+$/, 'Not a file in a folder of /etc')),
        z.string(),
      )
      .check(about('Settings of its own that the image brings: path → text.')),
    {},
  ),
});

const Run = z.strictObject({
  prompt: z.enum(['stdin', 'file']).check(about('`stdin`: read from standard input. `file`: named by `{prompt_file}`. Never an argument.')),
  start: Words.check(
    z.minLength(1),
    about('The words that run it without a person. `{model}` and `{endpoint}` stand for words of their own, or none.'),
  ),
  resume: z.optional(Words.check(z.minLength(1), about('The words that go on with `{session}`; without them every prompt begins anew.'))),
  model: z.optional(Words.check(about('What `{model}` stands for; `{name}` is the model.'))),
  session: z.optional(
    z.enum(['given', 'reported']).check(about('Who names a session: terok, as `{session}` of `start`, or the agent in its output.')),
  ),
  environment: z.prefault(Environment, {}),
  keys: z.prefault(z.array(z.string()).check(about('Secrets of which it needs at least one to reach its model.')), []),
});

const Endpoint = z.strictObject({
  environment: z.prefault(Environment, {}),
  words: z.prefault(Words.check(about('What `{endpoint}` stands for.')), []),
  model: z.optional(Words.check(about('Instead of `run.model`.'))),
  default_model: z.optional(Line.check(about('The model where none is named.'))),
});

/** One agent as its file says it. */
export const AgentFile = z.strictObject({
  label: Line,
  git_identity: z.strictObject({ name: Line, email: Line }),
  install: z.optional(Install),
  run: Run,
  endpoint: z.optional(Endpoint.check(about('How it is pointed at another address than its maker’s; `{base_url}` is that address.'))),
  log_format: z.prefault(z.enum(logFormats), 'plain'),
  root_filesystem: z.prefault(z.enum(['read_only', 'writable']), 'read_only'),
});
export type AgentFile = z.output<typeof AgentFile>;
/** One agent as it is written, before defaults. */
export type WrittenAgentFile = z.input<typeof AgentFile>;
