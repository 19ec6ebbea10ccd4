/**
 * Which of two versions is newer. Written out here and not taken from a library: the setup stamp is read at every start, and each file that is loaded then is
 * waited for. The tests hold it against the `semver` package.
 */

/** Semver order, prereleases included and build metadata not. When either side is no semver, both are plain text and sort by code point. */
export function compareVersions(a: string, b: string): -1 | 0 | 1 {
  const [left, right] = [parse(a), parse(b)];
  return left === null || right === null ? sign(Buffer.compare(Buffer.from(a), Buffer.from(b))) : compareParsed(left, right);
}

type Parsed = { readonly release: readonly number[]; readonly prerelease: readonly (number | string)[] };

const number = '0|[1-9]\\d*';
const word = '\\d*[A-Za-z-][0-9A-Za-z-]*';
const grammar = new RegExp(
  `^v?(${number})\\.(${number})\\.(${number})(?:-((?:${word}|${number})(?:\\.(?:${word}|${number}))*))?(?:\\+[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*)?$`,
);
const versionMaxCharacters = 256;

function parse(version: string): Parsed | null {
  const match = version.length <= versionMaxCharacters ? grammar.exec(version) : null;
  if (match === null) return null;
  const release = match.slice(1, 4).map(Number);
  const prerelease = (match[4]?.split('.') ?? []).map((part) =>
    /^\d+$/.test(part) && Number.isSafeInteger(Number(part)) ? Number(part) : part,
  );
  return release.every(Number.isSafeInteger) ? { release, prerelease } : null;
}

function compareParsed(a: Parsed, b: Parsed): -1 | 0 | 1 {
  const release = compareLists(a.release, b.release);
  if (release !== 0) return release;
  if (a.prerelease.length === 0 || b.prerelease.length === 0) return sign(b.prerelease.length - a.prerelease.length);
  return compareLists(a.prerelease, b.prerelease);
}

/** By the first part that differs; when there is none, the longer list is the later one. */
function compareLists(a: readonly (number | string)[], b: readonly (number | string)[]): -1 | 0 | 1 {
  for (const [index, left] of a.entries()) {
    const right = b[index];
    if (right === undefined) return 1;
    const order = compareParts(left, right);
    if (order !== 0) return order;
  }
  return a.length < b.length ? -1 : 0;
}

/** Numbers by their size, words by code point, and every number before every word. */
function compareParts(a: number | string, b: number | string): -1 | 0 | 1 {
  if (typeof a !== typeof b) return typeof a === 'number' ? -1 : 1;
  return a === b ? 0 : a < b ? -1 : 1;
}

function sign(value: number): -1 | 0 | 1 {
  return value === 0 ? 0 : value < 0 ? -1 : 1;
}
