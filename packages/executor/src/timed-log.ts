/**
 * How far a log was told whose lines have their times, so that it can be gone on with when it broke. A place is the time of the last
 * line told and how many there were of that time: an engine gives one time to all lines that it read at once. Pure.
 *
 * Only the time at the beginning of a line is the engine's for certain. What a program wrote in several pieces has one more for each,
 * in the line: not earlier than the first, whereas a time that a program prints of itself is.
 */
import { parseInstant } from '@terok/sandbox';
import type { OutputChunk } from './processes.ts';

type Stream = OutputChunk['stream'];

export type LogPlace = {
  /** What to read to go on: what is later than this. Null: from the beginning. Undefined: nothing was told yet. */
  since(): Date | null | undefined;
  /** One more reading of the log, which passes over what earlier ones told. */
  reading(): LogReading;
};

export type LogReading = {
  /** What is new in this piece of the log, without times. */
  takes(chunk: OutputChunk): Uint8Array;
  /** What came of a last line without an end. To be asked when the log has ended, not when it broke. */
  ends(stream: Stream): Uint8Array;
};

/** Moments as texts that sort as they do: milliseconds and six more digits. */
type Place = {
  /** Of the last line told to its end, how many of that moment there were, and of the line before them. */
  last: string | null;
  count: number;
  before: string | null;
  /** A line too long to be waited for, of which the beginning was told. */
  open: { readonly moment: string; readonly chars: number } | null;
  /** Of a line of which the beginning came, and nothing was told. */
  waiting: string | null;
};

const timeText = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)`;
const lineTime = new RegExp(`^(${timeText}) `);
const innerTime = new RegExp(`(${timeText}) `, 'g');
const timeMaxChars = 40;
/** A line that is longer is told in pieces: no memory is filled with one that never ends. */
const lineMaxChars = 256 * 1024;
/** What the program that reads the log says of itself has no time, and is no part of it. */
const readersOwn = /^(?:Error: |time=)/;

/** `fromBeginning`: false where lines that come before the first one told are not wanted. */
export function logPlace({ fromBeginning }: { readonly fromBeginning: boolean }): LogPlace {
  const places = { stdout: nowhere(), stderr: nowhere() };
  let first: string | null = null;

  return {
    since() {
      const moments = Object.values(places).flatMap(({ last, before, open, waiting }) => {
        const begun = open?.moment ?? waiting;
        if (last === null) return begun === null ? [] : [fromBeginning ? null : begun];
        // The pieces of an earlier line may have the moment of the last one: that line is read from its beginning.
        if (before === null) return [fromBeginning ? null : last];
        return [before < last ? before : last];
      });
      if (first === null) return undefined;
      const [one = null, ...others] = moments;
      const earliest = others.reduce((a, b) => (a === null || b === null ? null : a < b ? a : b), one);
      return earliest === null ? null : new Date(Number(earliest.slice(0, msDigits)) - 1);
    },
    reading() {
      const from = fromBeginning ? null : first;
      const parts = { stdout: streamReading(places.stdout, from), stderr: streamReading(places.stderr, from) };
      return {
        takes({ stream, bytes }) {
          // One character for each byte, so that what is no UTF-8 comes through as it was.
          const told = parts[stream].takes(Buffer.from(bytes).toString('latin1'));
          first ??= places[stream].last ?? places[stream].open?.moment ?? null;
          return Buffer.from(told, 'latin1');
        },
        ends: (stream) => Buffer.from(parts[stream].ends(), 'latin1'),
      };
    },
  };
}

/** A log that was kept with its times, as it was printed. */
export async function* withoutTimes(log: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reading = logPlace({ fromBeginning: true }).reading();
  for await (const bytes of log) {
    const told = reading.takes({ stream: 'stdout', bytes });
    if (told.length > 0) yield told;
  }
  const last = reading.ends('stdout');
  if (last.length > 0) yield last;
}

const nowhere = (): Place => ({ last: null, count: 0, before: null, open: null, waiting: null });

type Line = { readonly moment: string | null; readonly skipChars: number; chars: number };

function streamReading(place: Place, earliest: string | null) {
  const told = { ...place };
  const from = told.last ?? earliest;
  let passed = 0;
  let rest = '';
  let line: Line | null = null;

  function begun(): Line {
    const match = lineTime.exec(rest);
    const moment = match?.[1] === undefined ? null : momentOf(match[1]);
    if (match === null || moment === null) return { moment: null, skipChars: readersOwn.test(rest) ? Infinity : 0, chars: 0 };
    rest = rest.slice(match[0].length);
    return { moment, skipChars: toldOf(moment), chars: 0 };
  }

  /** How much of a line that begins now was told by earlier readings. */
  function toldOf(moment: string): number {
    if (from !== null && moment < from) return Infinity;
    if (moment === told.last && passed < told.count) {
      passed += 1;
      return Infinity;
    }
    const chars = told.open?.moment === moment ? told.open.chars : 0;
    told.open = null;
    return chars;
  }

  function piece(chars: number): string {
    line ??= begun();
    const text = withoutInnerTimes(rest.slice(0, chars), line.moment);
    rest = rest.slice(chars);
    const fresh = text.slice(Math.min(text.length, Math.max(0, line.skipChars - line.chars)));
    line.chars += text.length;
    if (line.moment !== null && line.skipChars !== Infinity)
      place.open = { moment: line.moment, chars: Math.max(line.skipChars, line.chars) };
    return fresh;
  }

  function whole(): string {
    line ??= begun();
    const { moment, skipChars } = line;
    const fresh = piece(rest.length);
    line = null;
    if (moment === null || skipChars === Infinity) return fresh;
    place.open = null;
    place.waiting = null;
    if (place.last === moment) place.count += 1;
    else [place.before, place.last, place.count] = [place.last, moment, 1];
    return fresh;
  }

  return {
    takes(text: string): string {
      const lines = text.split('\n');
      const last = lines.pop() ?? '';
      let fresh = '';
      for (const end of lines) {
        rest += `${end}\n`;
        fresh += whole();
      }
      rest += last;
      if (line === null) place.waiting ??= momentOf(lineTime.exec(rest)?.[1] ?? '');
      if (rest.length <= lineMaxChars) return fresh;
      line ??= begun();
      return fresh + piece(pieceChars(rest));
    },
    ends: () => (rest === '' ? '' : whole()),
  };
}

/** All but what may be the beginning of a time. */
function pieceChars(rest: string): number {
  const cut = rest.length - timeMaxChars;
  const around = rest.slice(cut - timeMaxChars);
  const across = [...around.matchAll(innerTime)].find(({ index, 0: { length } }) => index < timeMaxChars && index + length > timeMaxChars);
  return across === undefined ? cut : cut - timeMaxChars + across.index;
}

function withoutInnerTimes(text: string, moment: string | null): string {
  if (moment === null) return text;
  return text.replace(innerTime, (found, time: string) => ((momentOf(time) ?? '') >= moment ? '' : found));
}

const msDigits = 15;

function momentOf(time: string): string | null {
  const ms = parseInstant(time)?.getTime();
  if (ms === undefined || ms < 0) return null;
  const fraction = /\.(\d+)/.exec(time)?.[1] ?? '';
  return `${String(ms).padStart(msDigits, '0')}${fraction.padEnd(9, '0').slice(3)}`;
}
