/** A container as data, for tests to which most of it does not matter. */
import type { RunSpec } from '../run-spec.ts';

export function runSpec(others: Partial<RunSpec> = {}): RunSpec {
  return {
    name: 'demo-run-k3v8h',
    image: 'localhost/image:1',
    labels: {},
    command: ['/bin/true'],
    environment: {},
    mounts: [],
    network: 'none',
    rootFilesystem: 'read_only',
    limits: { memory: null, cpus: null, pids: 64 },
    timeoutSeconds: null,
    stopGraceSeconds: 0,
    logMaxSize: '1m',
    ...others,
  };
}
