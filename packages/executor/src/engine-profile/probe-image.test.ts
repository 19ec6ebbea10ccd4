import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { expect, test } from 'vitest';
import { exitZeroProgram } from './probe-image.ts';

test('the program of this architecture runs here and exits 0, whatever it is given', () => {
  const directory = mkdtempSync(join(tmpdir(), 'terok-probe-'));
  try {
    const program = join(directory, 'probe');
    writeFileSync(program, exitZeroProgram(process.arch), { mode: 0o755 });
    expect(spawnSync(program, [])).toMatchObject({ status: 0, signal: null });
    expect(spawnSync(program, ['a', 'b'], { env: {} })).toMatchObject({ status: 0, signal: null });
  } finally {
    rmSync(directory, { recursive: true });
  }
});

// Machine numbers: the System V ABI's list of `e_machine` values.
test.each([
  { architecture: 'x64', machine: 62 },
  { architecture: 'arm64', machine: 183 },
  { architecture: 'riscv64', machine: 243 },
])('for $architecture it is a static 64-bit ELF executable that begins inside of its one segment', ({ architecture, machine }) => {
  const bytes = exitZeroProgram(architecture);
  const file = new DataView(bytes.buffer);
  const word = (offset: number) => Number(file.getBigUint64(offset, true));
  expect({
    magic: [...bytes.subarray(0, 7)],
    type: file.getUint16(16, true),
    machine: file.getUint16(18, true),
    headers: [word(32), file.getUint16(54, true), file.getUint16(56, true)],
    segment: [file.getUint32(64, true), file.getUint32(68, true)],
    sizes: [word(64 + 32), word(64 + 40)],
  }).toEqual({
    magic: [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1],
    type: 2,
    machine,
    headers: [64, 56, 1],
    segment: [1, 5],
    sizes: [bytes.length, bytes.length],
  });
  const [entry, address] = [word(24), word(64 + 16)];
  expect(entry).toBe(address + 120);
  expect(entry - address).toBeLessThan(bytes.length);
});

test('an architecture that is not known is named', () => {
  expect(() => exitZeroProgram('mips')).toThrow(
    expect.objectContaining({ code: 'ARCHITECTURE_UNKNOWN', message: expect.stringContaining('`mips`') as string }),
  );
});
