import { expect, test } from 'vitest';
import { parseRoute } from '../../lib/route';
import { overExperts } from './amounts';
import { addressOf, asked, type Filters, filtersOf, instants } from './filters';

const chosen: Filters = {
  from: '2026-10-01',
  to: '2026-10-31',
  show: 'packages',
  customer: 'c1',
  expert: 'e1',
  saleType: 'card',
  group: 'expert',
};


test('filters survive the address', () => {
  expect(filtersOf(parseRoute(addressOf('sales', chosen)).query)).toEqual(chosen);
});

test('nonsense in an address is as if nothing was chosen', () => {
  const found = filtersOf(new URLSearchParams('from=yesterday&show=everything&sale_type=&group=x'));
  expect(found).toMatchObject({ show: 'all', saleType: 'all', group: 'all', customer: '', expert: '' });
  expect(found.from <= found.to).toBe(true);
});

test('the last day is in the range, and the instants are those of this zone', () => {
  const { from, to } = instants({ from: '2026-10-01', to: '2026-10-01' });
  expect(Date.parse(to) - Date.parse(from)).toBe(24 * 60 * 60 * 1000);
});

test('nobody chosen is not asked for', () => {
  expect(asked({ ...chosen, customer: '', expert: '' })).not.toHaveProperty('customer_id');
  expect(asked(chosen)).toMatchObject({ customer_id: 'c1', expert_id: 'e1', sale_type: 'card' });
});

test('totals of experts are added within a unit and a kind of payment, never across', () => {
  const total = (expert: string, payment: 'card' | 'credit' | 'gift', unit: string, amount: number) => ({
    expert_id: expert,
    expert_name: expert,
    payment_type: payment,
    quantity: 1,
    actual: { amount, unit },
    shared: { amount: amount / 2, unit },
  });
  const sums = overExperts([
    total('a', 'card', 'TRY', 100),
    total('b', 'card', 'TRY', 50),
    total('a', 'card', 'EUR', 10),
    total('a', 'credit', 'credit', 30),
    total('b', 'gift', 'credit', 8),
  ]);
  expect(sums.map((each) => [each.payment_type, each.actual.unit, each.actual.amount, each.quantity])).toEqual([
    ['card', 'TRY', 150, 2],
    ['card', 'EUR', 10, 1],
    ['credit', 'credit', 30, 1],
    ['gift', 'credit', 8, 1],
  ]);
});
