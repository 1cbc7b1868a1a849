/** How the value of a package's field is told. */
import type { AccountView, Money } from '../api/schema.gen';
import { t } from '../i18n';
import { formatCountry, formatCurrency, formatList, formatMoney, formatNumber } from '../i18n/format';

function isMoney(value: unknown): value is Money {
  return typeof value === 'object' && value !== null && 'amount' in value && 'currency' in value;
}

export function fieldName(field: string): string {
  const names: Readonly<Record<string, string>> = t.fields;
  return names[field] ?? field;
}

export function fieldValue(field: string, value: unknown, experts: readonly AccountView[]): string {
  if (field === 'expert_ids' && Array.isArray(value)) {
    const names = value.map((id) => experts.find((each) => each.id === id)?.name ?? String(id));
    return names.length ? formatList(names) : t.publish.everyExpert;
  }
  if (value === null || value === undefined || value === '') return t.publish.empty;
  if (isMoney(value)) return formatMoney(value);
  if (typeof value === 'number') return formatNumber(value);
  if (field === 'country') return formatCountry(String(value));
  if (field === 'currency') return formatCurrency(String(value));
  const choices: Readonly<Record<string, Readonly<Record<string, string>> | undefined>> = t.choices;
  return choices[field]?.[String(value)] ?? String(value);
}
