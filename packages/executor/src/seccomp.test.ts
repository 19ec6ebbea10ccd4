import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { hardenedSeccomp } from './seccomp.ts';

type Rule = {
  readonly names: readonly string[];
  readonly action: string;
  readonly args?: readonly { readonly index: number; readonly value: number; readonly valueTwo: number; readonly op: string }[];
  readonly errnoRet?: number;
};
type Profile = { readonly defaultAction: string; readonly defaultErrnoRet?: number; readonly syscalls: readonly Rule[] };

function hardened(profile: Profile): Profile {
  const made = hardenedSeccomp(JSON.stringify(profile));
  if ('reason' in made) throw new Error(made.reason);
  return made.profile as Profile;
}

const deniesByDefault = { defaultAction: 'SCMP_ACT_ERRNO', defaultErrnoRet: 38 };
const taken = [
  ...['unshare', 'setns', 'mount', 'umount', 'umount2', 'pivot_root', 'fsopen', 'fsconfig', 'fsmount', 'fspick', 'move_mount', 'open_tree'],
  ...['open_tree_attr', 'mount_setattr', 'ptrace', 'process_vm_readv', 'process_vm_writev', 'kcmp', 'keyctl', 'add_key', 'request_key'],
  ...['bpf', 'perf_event_open', 'userfaultfd'],
];
const kept = ['read', 'write', 'execve', 'fork', 'vfork', 'openat', 'futex', 'socket', 'chroot', 'getpid', 'wait4'];
const name = fc.constantFrom(...taken, ...kept, 'clone', 'clone3');
const rule: fc.Arbitrary<Rule> = fc.record(
  {
    names: fc.array(name, { maxLength: 6 }),
    action: fc.constantFrom('SCMP_ACT_ALLOW', 'SCMP_ACT_ERRNO', 'SCMP_ACT_LOG'),
    includes: fc.constantFrom({}, { caps: ['CAP_SYS_ADMIN'] }),
    comment: fc.string(),
  },
  { requiredKeys: ['names', 'action'] },
);

/** The rules of a profile that speak of a system call. */
const rulesFor = (profile: Profile, systemCall: string) =>
  profile.syscalls.filter(({ names }) => names.includes(systemCall)).map((found) => ({ ...found, names: [systemCall] }));

test('nothing that is taken away is allowed, whatever the engine’s own profile says', () => {
  fc.assert(
    fc.property(fc.array(rule), (syscalls) => {
      const profile = hardened({ ...deniesByDefault, syscalls });
      for (const systemCall of taken)
        expect(rulesFor(profile, systemCall)).toEqual([{ names: [systemCall], action: 'SCMP_ACT_ERRNO', errnoRet: 1 }]);
      expect(rulesFor(profile, 'clone3')).toEqual([{ names: ['clone3'], action: 'SCMP_ACT_ERRNO', errnoRet: 38 }]);
    }),
  );
});

test('everything else is as the engine has it', () => {
  fc.assert(
    fc.property(fc.array(rule), (syscalls) => {
      const before = { ...deniesByDefault, architectures: ['SCMP_ARCH_X86_64'], syscalls };
      const after = hardened(before);
      for (const systemCall of kept) expect(rulesFor(after, systemCall)).toEqual(rulesFor(before, systemCall));
      expect({ ...after, syscalls: [] }).toEqual({ ...before, syscalls: [] });
    }),
  );
});

// Flags of clone(2), as linux/sched.h has them.
test.each([
  { flag: 'CLONE_NEWNS', value: 0x00020000 },
  { flag: 'CLONE_NEWCGROUP', value: 0x02000000 },
  { flag: 'CLONE_NEWUTS', value: 0x04000000 },
  { flag: 'CLONE_NEWIPC', value: 0x08000000 },
  { flag: 'CLONE_NEWUSER', value: 0x10000000 },
  { flag: 'CLONE_NEWPID', value: 0x20000000 },
  { flag: 'CLONE_NEWNET', value: 0x40000000 },
])('clone is allowed without $flag only', ({ value }) => {
  const profile = hardened({ ...deniesByDefault, syscalls: [{ names: ['clone', 'read'], action: 'SCMP_ACT_ALLOW' }] });
  const [clone, ...others] = rulesFor(profile, 'clone');
  expect(others).toEqual([]);
  const [condition] = clone?.args ?? [];
  expect(condition).toMatchObject({ index: 0, op: 'SCMP_CMP_MASKED_EQ', valueTwo: 0 });
  const allows = (flags: number) => (flags & (condition?.value ?? 0)) >>> 0 === 0;
  expect({ withFlag: allows(value), process: allows(17), thread: allows(0x003d0f00) }).toEqual({
    withFlag: false,
    process: true,
    thread: true,
  });
});

test('a profile that was hardened already stays as it is', () => {
  const once = hardened({ ...deniesByDefault, syscalls: [{ names: ['read', 'mount'], action: 'SCMP_ACT_ALLOW' }] });
  expect(hardened(once)).toEqual(once);
});

test.each([
  {
    what: 'one that allows what it does not name',
    text: '{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[]}',
    reason: /nothing can be taken away/,
  },
  {
    what: 'one that only logs what it does not name',
    text: '{"defaultAction":"SCMP_ACT_LOG","syscalls":[]}',
    reason: /nothing can be taken away/,
  },
  { what: 'half a file', text: '{"defaultAction":', reason: /JSON/ },
  { what: 'something else', text: '{"listeners":[]}', reason: /not a seccomp profile/ },
  { what: 'an empty file', text: '', reason: /JSON/ },
])('of $what there is no hardened profile, and the reason is said', ({ text, reason }) => {
  expect(hardenedSeccomp(text)).toEqual({ reason: expect.stringMatching(reason) as string });
});

test('no text makes it throw', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      expect(Object.keys(hardenedSeccomp(text))).toHaveLength(1);
    }),
  );
});
