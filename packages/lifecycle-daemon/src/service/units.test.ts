import { resolvePaths } from '@terok/sandbox';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { daemonUnits, unitNames, type ServiceSettings } from './units.ts';

const pathsOf = (root: string) =>
  resolvePaths({ env: { TEROK_ROOT: root, XDG_RUNTIME_DIR: '/run/user/1000' }, uid: 1000, initialUserNamespace: true, home: '/home/user' });
const settings: ServiceSettings = {
  paths: pathsOf('/state'),
  command: ['/usr/bin/node', '/opt/terok/bin.js', 'daemon', 'run'],
  environment: { PATH: '/usr/bin:/bin', TEROK_ROOT: '/state' },
};
const short = unitNames(settings.paths).service.slice('terok-daemon-'.length, -'.service'.length);
const textOf = (suffix: string, given = settings) => daemonUnits(given).find(({ name }) => name.endsWith(suffix))?.text ?? '';

describe('the units', () => {
  test('are a service, and what starts it', () => {
    expect(textOf('.service')).toBe(`# Written by \`terok daemon install\`, removed by \`terok daemon uninstall\`.
[Unit]
Description=terok lifecycle daemon of /state
StartLimitIntervalSec=60
StartLimitBurst=5

[Service]
Type=exec
ExecStart="/usr/bin/node" "/opt/terok/bin.js" "daemon" "run"
Environment="PATH=/usr/bin:/bin"
Environment="TEROK_ROOT=/state"
UMask=0077
Restart=on-failure
RestartSec=5
RestartPreventExitStatus=2 3 4 5
TimeoutStopSec=30
KillMode=mixed
`);
    expect(textOf('.socket')).toContain(`[Socket]
ListenStream=/run/user/1000/terok/${short}/daemon.sock
SocketMode=0600
DirectoryMode=0700
RemoveOnStop=yes
`);
    expect(textOf('.path')).toContain(`[Path]
PathExists=/state/lifecycle/wake.signal
Unit=terok-daemon-${short}.service
`);
  });

  test('of which the service is not enabled: it ends when nothing is left to do', () => {
    expect(textOf('.service')).not.toContain('[Install]');
    expect(textOf('.socket')).toContain('WantedBy=sockets.target');
    expect(textOf('.path')).toContain('WantedBy=paths.target');
  });

  test('of two installations have different names', () => {
    expect(unitNames(pathsOf('/state'))).not.toEqual(unitNames(pathsOf('/other')));
  });

  test('take words as they are: no specifier, no variable, no end of a quotation', () => {
    const odd = { ...settings, command: ['/opt/50% "off"/$HOME\\x/node', 'daemon'] } satisfies ServiceSettings;
    expect(textOf('.service', odd)).toContain('ExecStart="/opt/50%% \\"off\\"/$$HOME\\\\x/node" "daemon"\n');
  });

  test.each(['a\nExecStartPre=/bin/evil', 'a\u0000', '\ud800'])('refuse what no line can hold: %j', (text) => {
    expect(() => daemonUnits({ ...settings, command: ['/usr/bin/node', text] })).toThrow('No systemd unit can hold');
    expect(() => daemonUnits({ ...settings, environment: { A: text } })).toThrow('No systemd unit can hold');
    expect(() => daemonUnits({ ...settings, paths: { ...settings.paths, wakeSignal: text } })).toThrow('No systemd unit can hold');
  });

  test.each(['/ends with \\', ' /blank', '/blank '])('refuse a path that would be another one: %j', (text) => {
    expect(() => daemonUnits({ ...settings, paths: { ...settings.paths, wakeSignal: text } })).toThrow('No systemd unit can hold');
  });

  test('never get a line, a key or a section from what they are given', () => {
    const plain = daemonUnits(settings).map(({ text }) => text.split('\n').map((line) => line.split('=', 1)[0]));
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        let units;
        try {
          units = daemonUnits({
            ...settings,
            command: ['/usr/bin/node', text, 'daemon', 'run'],
            environment: { PATH: text, TEROK_ROOT: text },
          });
        } catch {
          return;
        }
        expect(units.map((unit) => unit.text.split('\n').map((line) => line.split('=', 1)[0]))).toEqual(plain);
      }),
    );
  });
});
