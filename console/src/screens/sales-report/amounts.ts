import type { Amount, TotalView } from '../../api/schema.gen';
import { t } from '../../i18n';
import { formatMoney, formatNumber } from '../../i18n/format';

/** Money in its currency, or credits; the two are never one sum (B40). */
export function formatAmount({ amount, unit }: Amount): string {
  return unit === 'credit' ? t.sales.credits(formatNumber(amount)) : formatMoney({ amount, currency: unit });
}

/** Over all experts: each kind of payment in each unit, by itself. */
export function overExperts(totals: readonly TotalView[]): TotalView[] {
  const sums = new Map<string, TotalView>();
  for (const total of totals) {
    const key = `${total.payment_type} ${total.actual.unit}`;
    const sum = sums.get(key);
    sums.set(key, sum ? added(sum, total) : { ...total, expert_id: null, expert_name: null });
  }
  return [...sums.values()];
}

function added(sum: TotalView, total: TotalView): TotalView {
  return {
    ...sum,
    quantity: sum.quantity + total.quantity,
    actual: { unit: sum.actual.unit, amount: sum.actual.amount + total.actual.amount },
    shared: { unit: sum.shared.unit, amount: sum.shared.amount + total.shared.amount },
  };
}
