/** Our seccomp profile: the engine's default, less what an agent never needs and an escape often does. Pure. */
import { z } from '@terok/sandbox';

const Rule = z.looseObject({ names: z.array(z.string()), action: z.string() });
const Profile = z.looseObject({ defaultAction: z.string(), syscalls: z.array(Rule) });
type Rule = z.infer<typeof Rule>;

/** New namespaces, entering others, the mount family, looking into other processes, kernel keys, programs in the kernel. */
const taken: ReadonlySet<string> = new Set([
  ...['unshare', 'setns'],
  ...[
    'mount',
    'umount',
    'umount2',
    'pivot_root',
    'fsopen',
    'fsconfig',
    'fsmount',
    'fspick',
    'move_mount',
    'open_tree',
    'open_tree_attr',
    'mount_setattr',
  ],
  ...['ptrace', 'process_vm_readv', 'process_vm_writev', 'kcmp'],
  ...['keyctl', 'add_key', 'request_key'],
  ...['bpf', 'perf_event_open', 'userfaultfd'],
]);
/** Default actions under which what is not named does not happen. */
const denying: ReadonlySet<string> = new Set([
  'SCMP_ACT_ERRNO',
  'SCMP_ACT_KILL',
  'SCMP_ACT_KILL_PROCESS',
  'SCMP_ACT_KILL_THREAD',
  'SCMP_ACT_TRAP',
]);
const narrowed: ReadonlySet<string> = new Set(['clone', 'clone3']);

/** CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID and NEWNET together (clone(2)). */
const namespaceFlags = 0x7e020000;
const notPermitted = 1; // EPERM
const notImplemented = 38; // ENOSYS: the C library then falls back from clone3 to clone, whose flags can be looked at

/** The profile as an object to be written as JSON, or why the text is no profile. */
export function hardenedSeccomp(engineDefault: string): { readonly profile: object } | { readonly reason: string } {
  let raw: unknown;
  try {
    raw = JSON.parse(engineDefault);
  } catch (error) {
    return { reason: error instanceof Error ? error.message : String(error) };
  }
  const parsed = Profile.safeParse(raw);
  if (!parsed.success) return { reason: 'it is not a seccomp profile' };
  if (!denying.has(parsed.data.defaultAction)) return { reason: 'it allows what it does not name, so nothing can be taken away from it' };

  return { profile: { ...parsed.data, syscalls: [...parsed.data.syscalls.flatMap(withoutTaken), ...ourRules] } };
}

function withoutTaken(rule: Rule): readonly Rule[] {
  const names = rule.names.filter((name) => !taken.has(name) && !narrowed.has(name));
  return names.length === 0 ? [] : [{ ...rule, names }];
}

const ourRules = [
  { names: [...taken], action: 'SCMP_ACT_ERRNO', errnoRet: notPermitted },
  { names: ['clone'], action: 'SCMP_ACT_ALLOW', args: [{ index: 0, value: namespaceFlags, valueTwo: 0, op: 'SCMP_CMP_MASKED_EQ' }] },
  { names: ['clone3'], action: 'SCMP_ACT_ERRNO', errnoRet: notImplemented },
];
