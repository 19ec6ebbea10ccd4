import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { mergeLayers } from './config-merge.ts';

type Layer = Readonly<Record<string, unknown>>;

test.each<[string, Layer, Layer, Layer]>([
  ['a null deletes the key from below', { a: 1 }, { a: null }, {}],
  ['a null with nothing below leaves nothing', {}, { a: null }, {}],
  ['a scalar replaces', { a: 1 }, { a: 2 }, { a: 2 }],
  ['maps merge key by key', { a: { x: 1, y: 2 } }, { a: { y: 3 } }, { a: { x: 1, y: 3 } }],
  ['a null deep inside deletes there', { a: { x: 1, y: 2 } }, { a: { y: null } }, { a: { x: 1 } }],
  ['a list replaces', { a: [1, 2] }, { a: [3] }, { a: [3] }],
  ['a list takes the lower items in where it says so', { a: [1, 2] }, { a: ['x', '_inherit', 'y'] }, { a: ['x', 1, 2, 'y'] }],
  ['a list takes nothing in where there is nothing below', {}, { a: ['x', '_inherit'] }, { a: ['x'] }],
  ['a list takes nothing in from what is no list', { a: 1 }, { a: ['_inherit', 'x'] }, { a: ['x'] }],
  ['a value that says so keeps the lower one', { a: [1] }, { a: '_inherit' }, { a: [1] }],
  ['a value that says so without a lower one is nothing', {}, { a: '_inherit' }, {}],
  [
    'a map that says so keeps the lower map, and does not say so in the result',
    { a: { x: 1 } },
    { a: { _inherit: true, y: 2 } },
    { a: { x: 1, y: 2 } },
  ],
  ['a map replaces what is no map', { a: 1 }, { a: { x: 1 } }, { a: { x: 1 } }],
  ['what is no map replaces a map', { a: { x: 1 } }, { a: 1 }, { a: 1 }],
])('%s', (_, lower, upper, expected) => {
  expect(mergeLayers(lower, upper)).toEqual(expected);
});

test('a key named __proto__ is a key', () => {
  const hostile = JSON.parse('{"__proto__": {"polluted": true}, "a": {"__proto__": {"polluted": true}}}') as Layer;
  const merged = mergeLayers({ a: { x: 1 } }, hostile);
  expect(Object.keys(merged).toSorted()).toEqual(['__proto__', 'a']);
  expect(Object.getPrototypeOf(merged)).toBe(Object.prototype);
  expect('polluted' in {}).toBe(false);
});

const { layer } = fc.letrec<{ layer: Layer; value: unknown }>((tie) => ({
  layer: fc.dictionary(fc.constantFrom('a', 'b', 'c', '_inherit'), tie('value'), { maxKeys: 4 }),
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom(null, true, false, 0, 1, 'text', '_inherit'),
    fc.array(fc.constantFrom(1, 2, 'x', '_inherit'), { maxLength: 4 }),
    tie('layer'),
  ),
}));

test('nothing over a layer, and a layer over nothing, are the layer without its marks', () => {
  fc.assert(
    fc.property(layer, (only) => {
      expect(mergeLayers(only, {})).toEqual(mergeLayers({}, only));
      expect(marksIn(mergeLayers({}, only))).toEqual([]);
    }),
  );
});

test('a merged layer is settled: merging it with nothing changes it no more', () => {
  fc.assert(
    fc.property(layer, layer, (lower, upper) => {
      const merged = mergeLayers(lower, upper);
      expect(mergeLayers(merged, {})).toEqual(merged);
      expect(mergeLayers({}, merged)).toEqual(merged);
      expect(mergeLayers(merged, merged)).toEqual(merged);
      expect(marksIn(merged)).toEqual([]);
    }),
  );
});

test('a key comes from the upper layer where it says something, else from the lower', () => {
  fc.assert(
    fc.property(layer, layer, (lower, upper) => {
      const merged = mergeLayers(lower, upper);
      const below = mergeLayers({}, lower);
      const keys = ['a', 'b', 'c'];
      const untouched = keys.filter((key) => !Object.hasOwn(upper, key));
      expect(untouched.map((key) => merged[key])).toEqual(untouched.map((key) => below[key]));
      expect(keys.filter((key) => upper[key] === null && Object.hasOwn(merged, key))).toEqual([]);
      expect(keys.filter((key) => typeof upper[key] === 'number' && merged[key] !== upper[key])).toEqual([]);
    }),
  );
});

test('neither layer is changed', () => {
  fc.assert(
    fc.property(layer, layer, (lower, upper) => {
      const before = structuredClone({ lower, upper });
      mergeLayers(lower, upper);
      expect({ lower, upper }).toEqual(before);
    }),
  );
});

function marksIn(value: unknown): readonly unknown[] {
  if (value === null || value === '_inherit') return [value];
  if (Array.isArray(value)) return value.filter((item) => item === '_inherit');
  if (typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([key, inner]) => [...(key === '_inherit' && inner === true ? [key] : []), ...marksIn(inner)]);
}
