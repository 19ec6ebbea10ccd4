/**
 * `node:fs` for modules that are loaded at every start. An `import` of it builds every lazy part of it at once, its streams and promises too, and an `import` of
 * `node:process` does the same with the standard streams: 3 ms each, which is what all of these modules cost together.
 */
export const fs = process.getBuiltinModule('node:fs');
