/** Numbers, money and dates as the language in use writes them: Persian digits and Jalali dates in Persian. */
import type { Money } from '../api/schema.gen';
import { minorDigits } from '../lib/currencies';
import { majorText } from '../lib/digits';
import { locale } from './index';

type Decimal = Intl.StringNumericLiteral;

export function formatNumber(value: number): string {
  return new Intl.NumberFormat(locale).format(value);
}

/** Plain digits, for a field that is being edited: no group separators. */
export function formatEditable(value: number): string {
  return new Intl.NumberFormat(locale, { useGrouping: false }).format(value);
}

/** `amount` in minor units; exact, since it goes as text. A Persian reader is told rials in toman, too. */
export function formatMoney(money: Money): string {
  const told = formatCurrencyAmount(money);
  return money.currency === 'IRR' && locale.startsWith('fa') ? `${told} (${formatToman(money.amount)})` : told;
}

function formatCurrencyAmount({ amount, currency }: Money): string {
  const digits = minorDigits[currency] ?? 2;
  const options: Intl.NumberFormatOptions = {
    style: 'currency',
    currency,
    // A bare $ would be any of four currencies; ₺ is one.
    currencyDisplay: currency === 'TRY' ? 'narrowSymbol' : 'symbol',
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  };
  return new Intl.NumberFormat(locale, options).format(majorText(amount, digits) as Decimal);
}

/** People count in toman, of ten rials each; it is only ever shown. */
function formatToman(rials: number): string {
  return `${new Intl.NumberFormat(locale).format(majorText(rials, 1) as Decimal)} تومان`;
}

/** Money without its currency, for a field that is being edited. */
export function formatEditableMoney(amount: number, currency: string): string {
  const digits = minorDigits[currency] ?? 2;
  const options = { useGrouping: false, minimumFractionDigits: digits, maximumFractionDigits: digits };
  return new Intl.NumberFormat(locale, options).format(majorText(amount, digits) as Decimal);
}

/** A share in basis points: 3500 is 35 %. */
export function formatBasisPoints(value: number): string {
  const options = { style: 'percent', maximumFractionDigits: 2 } as const;
  return new Intl.NumberFormat(locale, options).format(majorText(value, 4) as Decimal);
}

export function formatInstant(instant: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(instant));
}

export function formatCountry(code: string): string {
  return new Intl.DisplayNames(locale, { type: 'region' }).of(code) ?? code;
}

/** The currency's name with its code: `Türk Lirası · TRY`; the name first, since it gives the direction. */
export function formatCurrency(code: string): string {
  return `${new Intl.DisplayNames(locale, { type: 'currency' }).of(code) ?? code} · ${code}`;
}

export function formatList(parts: string[]): string {
  return new Intl.ListFormat(locale, { type: 'conjunction' }).format(parts);
}

/** A name within a sentence, which may be of another direction. */
export function isolated(name: string): string {
  return `\u2068${name}\u2069`;
}

/** The month of a calendar with its year, in this order in each of the languages. */
export function formatMonth(date: Date): string {
  const parts = new Intl.DateTimeFormat(locale, { month: 'long', year: 'numeric' }).formatToParts(date);
  const part = (type: string) => parts.find((each) => each.type === type)?.value ?? '';
  return `${part('month')} ${part('year')}`;
}

export function compareTexts(a: string, b: string): number {
  return a.localeCompare(b, locale);
}
