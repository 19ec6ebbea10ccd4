import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Locations } from './durable-paths.ts';
import { resolvePaths } from './paths.ts';

const person: Locations = { env: {}, uid: 1000, initialUserNamespace: true, home: '/home/ann' };
const root: Locations = { env: {}, uid: 0, initialUserNamespace: true, home: '/root' };

test('the places of a person who moved nothing', () => {
  expect(resolvePaths(person)).toMatchInlineSnapshot(`
    {
      "agents": "/home/ann/.config/terok/agents",
      "archive": "/home/ann/.local/share/terok/archive",
      "configRoot": "/home/ann/.config/terok",
      "coreProjects": "/home/ann/.local/share/terok/core/projects",
      "daemonState": "/home/ann/.local/share/terok/lifecycle/.daemon-state.json",
      "digest": "/home/ann/.local/share/terok/lifecycle/digest.json",
      "engineProfile": "/home/ann/.local/share/terok/engine-profile.json",
      "events": "/home/ann/.local/share/terok/lifecycle/events",
      "images": "/home/ann/.local/share/terok/images",
      "installationId": "/home/ann/.local/share/terok/installation-id",
      "lifecycle": "/home/ann/.local/share/terok/lifecycle",
      "lifecycleState": "/home/ann/.local/share/terok/lifecycle/lifecycle_state.json",
      "mirrors": "/home/ann/.local/share/terok/mirrors",
      "overrideConfigFile": null,
      "projects": "/home/ann/.config/terok/projects",
      "runtime": "/home/ann/.local/state/terok/1983130a",
      "seccompProfile": "/home/ann/.local/share/terok/seccomp.json",
      "setupStamp": "/home/ann/.local/share/terok/setup.stamp",
      "stateRoot": "/home/ann/.local/share/terok",
      "systemConfigFile": "/etc/terok/config.yml",
      "tasks": "/home/ann/.local/share/terok/tasks",
      "userConfigFile": "/home/ann/.config/terok/config.yml",
      "wakeSignal": "/home/ann/.local/share/terok/lifecycle/wake.signal",
    }
  `);
});

describe('the state', () => {
  test.each<[string, Partial<Locations>, string]>([
    ['follows TEROK_ROOT', { env: { TEROK_ROOT: '/x' } }, '/x'],
    ['follows paths.root of the configuration', { config: { paths: { root: '/virt/terok' } } }, '/virt/terok'],
    ['follows TEROK_ROOT before paths.root', { env: { TEROK_ROOT: '/x' }, config: { paths: { root: '/y' } } }, '/x'],
    ['follows XDG_DATA_HOME', { env: { XDG_DATA_HOME: '/data' } }, '/data/terok'],
    ['takes an empty variable as unset', { env: { TEROK_ROOT: '', XDG_DATA_HOME: '' } }, '/home/ann/.local/share/terok'],
    ['takes a relative XDG_DATA_HOME as unset', { env: { XDG_DATA_HOME: 'data' } }, '/home/ann/.local/share/terok'],
    ['knows the home directory as ~', { env: { TEROK_ROOT: '~/t' } }, '/home/ann/t'],
    ['knows ~ in the configuration', { config: { paths: { root: '~' } } }, '/home/ann'],
    ['takes a relative TEROK_ROOT from where the caller is', { env: { TEROK_ROOT: 'here' }, cwd: '/place' }, '/place/here'],
    ['is one place however it is spelt', { env: { TEROK_ROOT: '/x/./y/../z/' } }, '/x/z'],
    ['is the system’s for root', { ...root }, '/var/lib/terok'],
    ['is a person’s for uid 0 in a user namespace', { ...root, initialUserNamespace: false }, '/root/.local/share/terok'],
  ])('%s', (_, from, expected) => {
    const paths = resolvePaths({ ...person, ...from });
    expect(paths.stateRoot).toBe(expected);
    expect(paths.setupStamp).toBe(`${expected}/setup.stamp`);
  });
});

describe('the configuration', () => {
  test.each<[string, Partial<Locations>, string]>([
    ['follows TEROK_CONFIG_DIR', { env: { TEROK_CONFIG_DIR: '/c' } }, '/c'],
    ['follows XDG_CONFIG_HOME', { env: { XDG_CONFIG_HOME: '/conf' } }, '/conf/terok'],
    ['stays where it is when the state moves', { env: { TEROK_ROOT: '/x' }, config: { paths: { root: '/y' } } }, '/home/ann/.config/terok'],
    ['is the system’s for root', { ...root }, '/etc/terok'],
  ])('%s', (_, from, expected) => {
    const paths = resolvePaths({ ...person, ...from });
    expect([paths.configRoot, paths.userConfigFile, paths.projects, paths.agents]).toEqual([
      expected,
      `${expected}/config.yml`,
      `${expected}/projects`,
      `${expected}/agents`,
    ]);
  });

  test('is one file when TEROK_CONFIG_FILE names it', () => {
    expect(resolvePaths({ ...person, env: { TEROK_CONFIG_FILE: '/one.yml' } }).overrideConfigFile).toBe('/one.yml');
  });
});

describe('sockets', () => {
  test.each<[string, Partial<Locations>, string]>([
    ['follow TEROK_RUNTIME_DIR', { env: { TEROK_RUNTIME_DIR: '/r' } }, '/r'],
    ['follow XDG_RUNTIME_DIR', { env: { XDG_RUNTIME_DIR: '/run/user/1000' } }, '/run/user/1000/terok'],
    ['follow XDG_STATE_HOME without it', { env: { XDG_STATE_HOME: '/s' } }, '/s/terok'],
    ['live in the home directory otherwise', {}, '/home/ann/.local/state/terok'],
    ['are the system’s for root', { ...root }, '/run/terok'],
  ])('%s', (_, from, expected) => {
    expect(resolvePaths({ ...person, ...from }).runtime).toMatch(new RegExp(`^${expected}/[0-9a-f]{8}$`));
  });

  test('of two installations never meet', () => {
    const runtime = (stateRoot: string) => resolvePaths({ ...person, env: { TEROK_ROOT: stateRoot } }).runtime;
    expect(runtime('/a')).not.toBe(runtime('/b'));
    expect(runtime('/a')).toBe(runtime('/a/'));
  });
});

test.each<[string, Partial<Locations>]>([
  ['TEROK_ROOT', { env: { TEROK_ROOT: 'relative' } }],
  ['TEROK_CONFIG_DIR', { env: { TEROK_CONFIG_DIR: '~someone/x' }, cwd: '/work' }],
  ['HOME', { home: '' }],
])('a relative %s is refused by name', (name, from) => {
  expect(() => resolvePaths({ ...person, ...from })).toThrow(
    expect.objectContaining({ code: 'PATH_NOT_ABSOLUTE', message: expect.stringContaining(`\`${name}\``) as string }),
  );
});

test('the paths cannot be changed', () => {
  expect(Object.isFrozen(resolvePaths(person))).toBe(true);
});

test('every state file moves with the state, whatever the state root', () => {
  const part = fc.stringMatching(/^[a-z0-9 _-]{1,12}$/);
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 4 }), (parts) => {
      const stateRoot = `/${parts.join('/')}`;
      const { configRoot, projects, agents, systemConfigFile, userConfigFile, overrideConfigFile, runtime, ...state } = resolvePaths({
        ...person,
        env: { TEROK_ROOT: stateRoot },
      });
      expect(Object.values(state).filter((path) => path !== stateRoot && !path.startsWith(`${stateRoot}/`))).toEqual([]);
      expect([configRoot, projects, agents, userConfigFile].every((path) => path.startsWith('/home/ann/.config/terok'))).toBe(true);
      expect([systemConfigFile, overrideConfigFile]).toEqual(['/etc/terok/config.yml', null]);
      expect(runtime.startsWith('/home/ann/.local/state/terok/')).toBe(true);
    }),
  );
});
