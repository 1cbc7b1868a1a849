import { expect, test } from 'vitest';
import { address, parseRoute } from './route';

test('an address is read as it was written', () => {
  const written = address('/reports/sales', { show: 'packages', customer: 'a b&c', expert: '' });
  expect(written).toBe('#/reports/sales?show=packages&customer=a+b%26c');
  const read = parseRoute(written);
  expect(read.parts).toEqual(['reports', 'sales']);
  expect(Object.fromEntries(read.query)).toEqual({ show: 'packages', customer: 'a b&c' });
});

test('no address is no place', () => {
  expect(parseRoute('')).toEqual({ parts: [], query: new URLSearchParams() });
});
