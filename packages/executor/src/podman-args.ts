/**
 * Arguments that a person may add to a container: a short list, each read into a value of its own and written anew. Nothing that a
 * person wrote reaches podman as a word, so that what is not on the list cannot lower a wall.
 */
import { printable, z } from '@terok/sandbox';
import { executorErrors } from './errors.ts';

export type PodmanArg =
  | { readonly kind: 'dns'; readonly address: string }
  | { readonly kind: 'dns_search'; readonly domain: string }
  | { readonly kind: 'add_host'; readonly host: string; readonly address: string }
  | { readonly kind: 'shm_size'; readonly size: string }
  | { readonly kind: 'tz'; readonly zone: string }
  | { readonly kind: 'env'; readonly name: string; readonly value: string }
  | { readonly kind: 'tmpfs'; readonly target: string; readonly size: string };

/** As they are written, for messages and the reference. */
export const allowedPodmanArgs: readonly string[] = [
  '--dns=ADDRESS',
  '--dns-search=DOMAIN',
  '--add-host=NAME:ADDRESS',
  '--shm-size=SIZE',
  '--tz=AREA/CITY',
  '--env=NAME=VALUE',
  '--tmpfs=PATH[:SIZE]',
];

const domain = /^(?=.{1,253}$)[A-Za-z0-9](?:[A-Za-z0-9-]{0,62})(?:\.[A-Za-z0-9][A-Za-z0-9-]{0,62})*$/;
const zone = /^[A-Z][A-Za-z0-9_+-]{0,31}(?:\/[A-Z][A-Za-z0-9_+-]{0,31}){0,2}$/;
const size = /^[1-9]\d{0,9}[kmg]?$/;
const variable = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/;
const secretName = /KEY|TOKEN|SECRET|PASSW|CREDENTIAL/i;
/** Places that are empty in every image of ours; a tmpfs elsewhere could hide what the walls are made of. */
const tmpfsTarget = /^\/(?:mnt|srv|var\/cache|var\/tmp)(?:\/[A-Za-z0-9_][A-Za-z0-9._-]{0,63}){1,8}$/;
const ipAddress = z.union([z.ipv4(), z.ipv6()]);
const valueMaxLength = 4096;
const countMax = 64;

/** Throws PODMAN_ARG_REFUSED for the first that is not allowed. Names are only looked up where there is a network. */
export function parsePodmanArgs(words: readonly string[], network: 'none' | 'open'): readonly PodmanArg[] {
  if (words.length > countMax) throw refusal(String(words.length), `there are more than ${countMax} of them`);
  return words.map((word) => parsedArg(word, network));
}

function parsedArg(word: string, network: 'none' | 'open'): PodmanArg {
  const match = /^(--[a-z-]+)=([^\u0000-\u001f\u007f]*)$/.exec(word);
  const [, flag, value = ''] = match ?? [];
  if (value.length > valueMaxLength) throw refusal(flag ?? word, `its value is longer than ${valueMaxLength} characters`);
  const checked = (good: boolean, arg: PodmanArg, wanted: string): PodmanArg => {
    if (!good) throw refusal(word, wanted);
    return arg;
  };
  const networked = (): void => {
    if (network === 'none') throw refusal(word, 'it needs `network.mode: open`');
  };
  switch (flag) {
    case '--dns':
      networked();
      return checked(isAddress(value), { kind: 'dns', address: value }, 'its value is no IP address');
    case '--dns-search':
      networked();
      return checked(domain.test(value), { kind: 'dns_search', domain: value }, 'its value is no domain');
    case '--add-host': {
      networked();
      const [host, address] = parted(value);
      const good = domain.test(host) && isAddress(address ?? '');
      return checked(good, { kind: 'add_host', host, address: address ?? '' }, 'its value is no NAME:ADDRESS');
    }
    case '--shm-size':
      return checked(size.test(value), { kind: 'shm_size', size: value }, 'its value is no size such as `256m`');
    case '--tz':
      return checked(zone.test(value), { kind: 'tz', zone: value }, 'its value is no time zone such as `Europe/Berlin`');
    case '--env': {
      const cut = value.indexOf('=');
      const name = value.slice(0, Math.max(cut, 0));
      if (secretName.test(name)) throw refusal(`${flag}=${name}`, 'values that are secret belong under `secrets`');
      return checked(variable.test(name), { kind: 'env', name, value: value.slice(cut + 1) }, 'its value is no NAME=VALUE');
    }
    case '--tmpfs': {
      const [target, given] = parted(value);
      const good = tmpfsTarget.test(target) && (given === null || size.test(given));
      const wanted = 'its value is no PATH[:SIZE] below /mnt, /srv, /var/cache or /var/tmp';
      return checked(good, { kind: 'tmpfs', target, size: given ?? '64m' }, wanted);
    }
    case undefined:
    default:
      throw refusal(word, 'it is not on the list');
  }
}

const isAddress = (text: string): boolean => ipAddress.safeParse(text).success;

/** What is before and after the first colon. */
function parted(text: string): readonly [string, string | null] {
  const cut = text.indexOf(':');
  return cut < 0 ? [text, null] : [text.slice(0, cut), text.slice(cut + 1)];
}

const refusal = (argument: string, reason: string) =>
  executorErrors.PODMAN_ARG_REFUSED({ argument: printable(argument), reason, allowed: allowedPodmanArgs });

/** The words for podman. `shm_size` is not among them: it is the size of the tmpfs at /dev/shm that every container has. */
export function podmanArgWords(args: readonly PodmanArg[]): readonly string[] {
  return args.flatMap((arg) => {
    switch (arg.kind) {
      case 'dns':
        return [`--dns=${arg.address}`];
      case 'dns_search':
        return [`--dns-search=${arg.domain}`];
      case 'add_host':
        return [`--add-host=${arg.host}:${arg.address}`];
      case 'shm_size':
        return [];
      case 'tz':
        return [`--tz=${arg.zone}`];
      case 'env':
        return [`--env=${arg.name}=${arg.value}`];
      case 'tmpfs':
        return [`--tmpfs=${arg.target}:rw,nosuid,nodev,noexec,size=${arg.size},mode=1777`];
    }
  });
}

/** The last one counts, as with every flag. */
export const shmSizeOf = (args: readonly PodmanArg[]): string => args.findLast((arg) => arg.kind === 'shm_size')?.size ?? '65536k';

/** Asked before anything is made: containers get no device of the host. */
export function refuseGpus(gpus: string): void {
  if (gpus !== 'off') throw executorErrors.GPU_UNAVAILABLE({ gpus: printable(gpus) });
}
