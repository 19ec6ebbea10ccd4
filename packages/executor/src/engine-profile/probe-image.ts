/**
 * The smallest program that proves a container can start: a static executable of some hundred bytes that exits 0,
 * in an image of its own. It needs no registry, no package and no libc.
 */
import { executorErrors } from '../errors.ts';

/** ELF machine number and the instructions of `exit(0)`, per name that Node gives an architecture. */
const programs: Readonly<Record<string, { readonly machine: number; readonly code: readonly number[] }>> = {
  // mov eax, 60 ; xor edi, edi ; syscall
  x64: { machine: 62, code: [0xb8, 0x3c, 0, 0, 0, 0x31, 0xff, 0x0f, 0x05] },
  // mov x0, #0 ; mov x8, #93 ; svc #0
  arm64: { machine: 183, code: [0x00, 0x00, 0x80, 0xd2, 0xa8, 0x0b, 0x80, 0xd2, 0x01, 0x00, 0x00, 0xd4] },
  // li a0, 0 ; li a7, 93 ; ecall
  riscv64: { machine: 243, code: [0x13, 0x05, 0x00, 0x00, 0x93, 0x08, 0xd0, 0x05, 0x73, 0x00, 0x00, 0x00] },
};

const loadAddress = 0x400000n;
const headerBytes = 64;
const programHeaderBytes = 56;
const codeOffset = headerBytes + programHeaderBytes;

/** A 64-bit little-endian ELF file with one loadable segment, as the System V ABI lays it out. */
export function exitZeroProgram(architecture: string): Uint8Array {
  const program = programs[architecture];
  if (program === undefined) throw executorErrors.ARCHITECTURE_UNKNOWN({ architecture });

  const size = codeOffset + program.code.length;
  const file = new DataView(new ArrayBuffer(size));
  const bytes = new Uint8Array(file.buffer);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  file.setUint16(16, 2, true); // an executable
  file.setUint16(18, program.machine, true);
  file.setUint32(20, 1, true);
  file.setBigUint64(24, loadAddress + BigInt(codeOffset), true); // where it begins
  file.setBigUint64(32, BigInt(headerBytes), true); // where the program header is
  file.setUint16(52, headerBytes, true);
  file.setUint16(54, programHeaderBytes, true);
  file.setUint16(56, 1, true);

  file.setUint32(headerBytes, 1, true); // loadable
  file.setUint32(headerBytes + 4, 5, true); // readable and executable
  file.setBigUint64(headerBytes + 16, loadAddress, true);
  file.setBigUint64(headerBytes + 24, loadAddress, true);
  file.setBigUint64(headerBytes + 32, BigInt(size), true);
  file.setBigUint64(headerBytes + 40, BigInt(size), true);
  file.setBigUint64(headerBytes + 48, 0x1000n, true);
  bytes.set(program.code, codeOffset);
  return bytes;
}
