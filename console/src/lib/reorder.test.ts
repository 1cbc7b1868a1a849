import { expect, test } from 'vitest';
import { moveBeside, moveTo, withinAll } from './reorder';

const ids = ['a', 'b', 'c', 'd'];

test('what is moved stands before or after its target', () => {
  expect(moveBeside(ids, ['a'], 'c', 'after')).toEqual(['b', 'c', 'a', 'd']);
  expect(moveBeside(ids, ['d'], 'a', 'before')).toEqual(['d', 'a', 'b', 'c']);
  expect(moveBeside(ids, ['d', 'b'], 'a', 'before')).toEqual(['b', 'd', 'a', 'c']);
  expect(moveBeside(ids, ['b'], 'b', 'after')).toEqual(ids);
});

test('a place beyond the end is the end', () => {
  expect(moveTo(ids, 'a', 3)).toEqual(['b', 'c', 'd', 'a']);
  expect(moveTo(ids, 'a', 99)).toEqual(['b', 'c', 'd', 'a']);
  expect(moveTo(ids, 'c', -1)).toEqual(['c', 'a', 'b', 'd']);
});

test('a filtered list keeps the places that its members had', () => {
  expect(withinAll(ids, ['d', 'b'])).toEqual(['a', 'd', 'c', 'b']);
});
