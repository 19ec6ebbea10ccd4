/** What `config.yml` may say: one schema per section, with the defaults. Keys are those of the file. */
import { z } from './schema.ts';

const about = (description: string) => z.meta({ description });
const optionalText = (description: string) => z.prefault(z.nullable(z.string().check(z.minLength(1), about(description))), null);

const sizePattern = /^(?:\d+(?:\.\d+)? ?(?:[kmgtp]i?)?b?)$/i;
const cpusPattern = /^\d+(?:\.\d+)?$/;
type Amount = { readonly pattern: RegExp; readonly message: string; readonly description: string };
/** YAML reads `1024` and `2.5` as numbers; an empty text counts as not given. */
const amount = ({ pattern, message, description }: Amount, whenEmpty: string) =>
  z.pipe(
    z.union([z.string(), z.number()], { error: message }).check(about(description)),
    z.pipe(
      z.transform((value: string | number) => (value === '' ? whenEmpty : String(value))),
      z.string().check(z.regex(pattern, message)),
    ),
  );
const sizeOf = (description: string): Amount => ({ pattern: sizePattern, message: 'Not a size such as `512m` or `4g`', description });
const memoryAmount = sizeOf('Most memory of one container.');
const cpusAmount: Amount = {
  pattern: cpusPattern,
  message: 'Not a number of CPUs such as `2` or `0.5`',
  description: 'Most CPUs of one container.',
};
/** `limits.memory` of `project.yml`: neither an empty text nor nothing, which an engine takes for no limit. */
export const memoryLimit = amount({ ...memoryAmount, pattern: /^(?![0. ]*[a-z]*$)\d+(?:\.\d+)? ?(?:[kmgtp]i?)?b?$/i }, '');
/** `limits.cpus` of `project.yml`, likewise. */
export const cpusLimit = amount({ ...cpusAmount, pattern: /^(?![0.]*$)\d+(?:\.\d+)?$/ }, '');
const size = (fallback: string, description: string) => z.prefault(amount(sizeOf(description), fallback), fallback);
const seconds = (fallback: number, description: string) =>
  z.prefault(z.int().check(z.nonnegative(), z.maximum(10_000_000), about(`${description} In seconds.`)), fallback);

const paths = z.strictObject({
  root: z.prefault(
    z.nullable(
      z
        .string()
        .check(
          z.regex(/^(?:\/|~(?:\/|$))[^\u0000-\u001f\u007f]*$/, 'Not a path that starts with `/` or `~/`'),
          about('Where all state lives. `TEROK_ROOT` goes before it.'),
        ),
    ),
    null,
  ),
});

const podman = z.strictObject({
  binary: z.prefault(
    z.string().check(z.minLength(1), z.regex(/^[^-]/, 'Not the name of a program'), about('The podman to run.')),
    'podman',
  ),
  runtime: z.prefault(z.nullable(z.enum(['crun', 'runc'])), null),
  cgroup_manager: z.prefault(z.nullable(z.enum(['cgroupfs', 'systemd'])), null),
  storage_root: optionalText("Podman's `--root`."),
  run_root: optionalText("Podman's `--runroot`."),
});

const image = z.strictObject({
  base: z.prefault(
    z
      .string()
      .check(
        z.regex(/^[A-Za-z0-9][^\s]*$/, 'Not an image reference'),
        about('`auto` (a public Debian image when a registry answers, else `bootstrap`), `bootstrap`, or any image reference.'),
      ),
    'auto',
  ),
  suite: optionalText('The distribution release that `bootstrap` installs.'),
  mirror: optionalText('The package mirror that `bootstrap` installs from.'),
});

const limits = z.strictObject({
  memory: z.prefault(amount(memoryAmount, '4g'), '4g'),
  cpus: z.prefault(amount(cpusAmount, '2'), '2'),
  pids: z.prefault(z.int().check(z.positive(), about('Most processes of one container.')), 4096),
  disk_free_min: size('1g', 'A task is stopped when its file system has less room than this.'),
  log_max: size('64m', 'Most log kept of one task.'),
});

/** Also of `project.yml`. What an argument may be is the executor's to say. */
export const podmanArgs = z
  .array(z.string())
  .check(
    about(
      'More arguments for podman: `--dns=ADDRESS`, `--dns-search=DOMAIN`, `--add-host=NAME:ADDRESS` (these with an open network), `--shm-size=SIZE`, `--tz=AREA/CITY`, `--env=NAME=VALUE`, `--tmpfs=PATH[:SIZE]`; any other is refused.',
    ),
  );
/** Also of `project.yml`. */
export const gpus = z.string().check(about('`off`; anything else is refused, for containers get no device of the host.'));

const run = z.strictObject({
  shutdown_timeout: seconds(10, 'How long a container may take to stop before it is killed.'),
  time_limit: z.prefault(
    z.nullable(z.int().check(z.positive(), about('How long an agent may run, in seconds; null is without end.'))),
    null,
  ),
  agent: z.prefault(
    z.string().check(z.regex(/^[a-z0-9][a-z0-9-]*$/, 'Not the name of an agent'), about('The agent that runs a task which names none.')),
    'shell',
  ),
  podman_args: z.prefault(podmanArgs, []),
  gpus: z.prefault(gpus, 'off'),
});

const network = z.strictObject({
  mode: z.prefault(
    z.enum(['none', 'open']).check(about('What a container reaches. `open` lets an agent send out whatever it can read.')),
    'none',
  ),
});

const git = z.strictObject({
  author_name: optionalText('The author of commits made in a container.'),
  author_email: optionalText('The address of that author.'),
  authorship: z.prefault(
    z.nullable(
      z
        .enum(['agent', 'human', 'agent-human', 'human-agent'])
        .check(
          about(
            'Who commits made in a container are by: author, then committer where they differ. Unset: the author above, else the agent.',
          ),
        ),
    ),
    null,
  ),
});

const tasks = z.strictObject({
  name_categories: z.prefault(
    z.nullable(
      z
        .union([z.string().check(z.minLength(1)), z.array(z.string().check(z.minLength(1)))])
        .check(about('Word lists that names of tasks are made from.')),
    ),
    null,
  ),
});

const archive = z.strictObject({
  retention: z.prefault(
    z.nullable(z.int().check(z.positive(), about('Archives older than this many days are deleted; null keeps all.'))),
    null,
  ),
  max_size: z.prefault(z.nullable(amount(sizeOf('The oldest archives are deleted beyond this size; null keeps all.'), '')), null),
});

const orphans = z.strictObject({
  remove: z.prefault(z.boolean().check(about('Whether containers that no record knows are removed, once their work is saved.')), false),
});

const secretSources = ['file', 'env', 'command'] as const;
const secret = z
  .strictObject({
    file: z.optional(z.string().check(z.minLength(1), about('A file that holds the value.'))),
    env: z.optional(z.string().check(z.minLength(1), about('A variable of the host that holds the value.'))),
    command: z.optional(z.array(z.string()).check(z.minLength(1), about('A command, as a list of words, that prints the value.'))),
    agents: z.optional(
      z.array(z.string().check(z.minLength(1))).check(z.minLength(1), about('Only containers of these agents get it; all when left out.')),
    ),
  })
  .check(
    z.refine(
      (value) => secretSources.filter((source) => value[source] !== undefined).length === 1,
      'Give exactly one of `file`, `env` or `command`',
    ),
  );
const secrets = z.record(z.string().check(z.regex(/^[A-Z_][A-Z0-9_]*$/, 'Not the name of a variable in capitals')), secret);

const lifecycle = z.strictObject({
  drowsy_after: seconds(300, 'Idle this long, the daemon grows drowsy.'),
  sleep_after: seconds(1800, 'Idle this long, it sleeps and tidies up.'),
  hibernate_after: seconds(7200, 'Idle this long, it ends until it is needed.'),
});

/** Every section by its name. */
export const configSections = { paths, podman, image, limits, run, network, git, tasks, archive, orphans, secrets, lifecycle };
export type ConfigSections = typeof configSections;
/** A section of `config.yml` that is known. */
export type SectionName = keyof ConfigSections;

/** The whole configuration after defaults. */
export type Config = { readonly [K in SectionName]: Readonly<z.output<ConfigSections[K]>> };
/** Where the value of one secret comes from: exactly one of the three is set. */
export type SecretSource = Config['secrets'][string];

/** As an editor checks it: every section optional, sections of others let be. */
export const configFile = z.looseObject({
  paths: z.optional(paths),
  podman: z.optional(podman),
  image: z.optional(image),
  limits: z.optional(limits),
  run: z.optional(run),
  network: z.optional(network),
  git: z.optional(git),
  tasks: z.optional(tasks),
  archive: z.optional(archive),
  orphans: z.optional(orphans),
  secrets: z.optional(secrets),
  lifecycle: z.optional(lifecycle),
});
