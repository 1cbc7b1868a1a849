import { beforeEach, describe, expect, test } from 'vitest';
import { parseInteger, parseMinor } from '../lib/digits';
import { en } from './en';
import { fa } from './fa';
import * as format from './format';
import { type Dictionary, setLanguage } from './index';
import type { Language } from './language';
import { tr } from './tr';

const dictionaries: Record<Language, Dictionary> = { en, tr, fa };
const instant = '2026-11-22T09:30:00Z';

describe('Persian', () => {
  beforeEach(() => setLanguage('fa', fa));
  test('digits and dates are Persian, the year is Jalali', () => {
    expect(format.formatNumber(1405)).toBe('۱٬۴۰۵');
    expect(format.formatInstant(instant)).toContain('۱۴۰۵');
    expect(format.formatInstant(instant)).toContain('آذر');
  });
  test('a month stands before its year', () => {
    expect(format.formatMonth(new Date(instant))).toBe('آذر ۱۴۰۵');
  });
  test('money keeps its digits and its currency', () => {
    expect(format.formatMoney({ amount: 149000, currency: 'TRY' })).toMatch(/۱٬۴۹۰٫۰۰/);
    expect(format.formatMoney({ amount: 100000, currency: 'IRR' })).toMatch(/۱۰۰٬۰۰۰(?!٫)/);
  });
  test.each([
    [100000, '(۱۰٬۰۰۰ تومان)'],
    [105, '(۱۰٫۵ تومان)'],
  ])('%i rials are told in toman, too', (amount, told) => {
    expect(format.formatMoney({ amount, currency: 'IRR' })).toContain(told);
  });
});

describe('Turkish', () => {
  beforeEach(() => setLanguage('tr', tr));
  test('the comma is decimal and the percent sign stands first', () => {
    expect(format.formatMoney({ amount: 149000, currency: 'TRY' })).toBe('₺1.490,00');
    expect(format.formatBasisPoints(3550)).toBe('%35,5');
    expect(format.formatMoney({ amount: 100000, currency: 'IRR' })).not.toContain('(');
  });
});

describe.each(['tr', 'fa', 'en'] as const)('in %s', (language) => {
  beforeEach(() => setLanguage(language, dictionaries[language]));
  test.each([0, 7, 500, 10_000_000])('the number %i can be edited as it is shown', (value) => {
    expect(parseInteger(format.formatEditable(value))).toBe(value);
  });
  test.each([
    [5, 'TRY'],
    [149000, 'TRY'],
    [123456789, 'EUR'],
    [100000, 'IRR'],
    [1500, 'KWD'],
  ])('the amount %i %s can be edited as it is shown', (amount, currency) => {
    const digits = { IRR: 0, KWD: 3 }[currency] ?? 2;
    expect(parseMinor(format.formatEditableMoney(amount, currency), digits)).toBe(amount);
  });
  test('countries and currencies have names', () => {
    expect(format.formatCountry('TR')).not.toBe('TR');
    expect(format.formatCurrency('TRY')).toMatch(/.+ · TRY$/);
  });
});
