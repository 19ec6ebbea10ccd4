/** Secrets of a task: where their values are is configured, the values are looked up at each launch and are never kept. */
import { join } from 'node:path';
import { describeEnd, toolEnvironment, type Processes } from '@terok/executor';
import { readText, TerokError, type Environment, type Files, type SecretSource } from '@terok/sandbox';
import { projectErrors } from '../errors.ts';

export type SecretsContext = { readonly files: Files; readonly processes: Processes; readonly env: Environment };
export type SecretSources = Readonly<Record<string, SecretSource>>;
/** Name of the variable in the container → its value. */
export type Secrets = Readonly<Record<string, string>>;

const secretMaxBytes = 32 * 1024;
const commandTimeoutMs = 60_000;

/** Those that a container of this agent gets: a secret that names agents is for them alone. */
export function secretsFor(agent: string, sources: SecretSources): SecretSources {
  return Object.fromEntries(Object.entries(sources).filter(([, { agents }]) => agents === undefined || agents.includes(agent)));
}

/** Looks every value up. Throws SECRET_UNAVAILABLE with the reason, never with a value: a task must not start with less than it was promised. */
export async function resolveSecrets(ctx: SecretsContext, sources: SecretSources): Promise<Secrets> {
  const found: [string, string][] = [];
  for (const [name, source] of Object.entries(sources)) {
    const value = (await valueOf(ctx, name, source)).replace(/\r?\n$/, '');
    const reason = refusal(value);
    if (reason !== null) throw projectErrors.SECRET_UNAVAILABLE({ secret: name, reason });
    found.push([name, value]);
  }
  return Object.fromEntries(found);
}

/** The values that can be had, for taking them out of text: one that cannot be had is left out. */
export async function knownSecrets(ctx: SecretsContext, sources: SecretSources): Promise<readonly string[]> {
  const found = await Promise.all(
    Object.entries(sources).map(async ([name, source]) => {
      try {
        return Object.values(await resolveSecrets(ctx, { [name]: source }));
      } catch (error) {
        if (error instanceof TerokError) return [];
        throw error;
      }
    }),
  );
  return found.flat();
}

async function valueOf(ctx: SecretsContext, name: string, { file, env, command }: SecretSource): Promise<string> {
  const unavailable = (reason: string, cause?: unknown) => projectErrors.SECRET_UNAVAILABLE({ secret: name, reason }, cause);
  if (file !== undefined) {
    const path = file.startsWith('~/') ? join(ctx.env['HOME'] ?? '/', file.slice(2)) : file;
    const text = await readText(ctx.files, path, { maxBytes: secretMaxBytes, followLink: true }).catch((error: unknown) => {
      throw error instanceof TerokError ? unavailable(error.message, error) : error;
    });
    if (text === null) throw unavailable(`there is no file \`${path}\``);
    return text;
  }
  if (env !== undefined) {
    const value = ctx.env[env];
    if (value === undefined || value === '') throw unavailable(`the variable \`${env}\` is not set`);
    return value;
  }
  const [binary = '', ...args] = command ?? [];
  const { end, stdout } = await ctx.processes.run({
    binary,
    args,
    env: toolEnvironment(ctx.env, keyringVariables),
    timeoutMs: commandTimeoutMs,
    outputMaxBytes: secretMaxBytes,
  });
  if (end.kind !== 'exited' || end.exitCode !== 0) throw unavailable(`\`${binary}\` ${describeEnd(end)}`);
  return new TextDecoder().decode(stdout);
}

/** What programs that keep passwords need beside the usual variables. */
const keyringVariables = [
  ...['GNUPGHOME', 'GPG_TTY', 'PASSWORD_STORE_DIR', 'SSH_AUTH_SOCK', 'DBUS_SESSION_BUS_ADDRESS', 'XDG_RUNTIME_DIR'],
  ...['DISPLAY', 'WAYLAND_DISPLAY'],
];

/** The engine reads a file of lines: what a line cannot carry byte for byte is refused. */
function refusal(value: string): string | null {
  if (value === '') return 'it is empty';
  if (/[\u0000-\u001f\u007f]/.test(value)) return 'its value holds a line break or another control character';
  if (/^["']/.test(value)) return 'its value begins with a quotation mark, which the engine would take for its own';
  return null;
}
