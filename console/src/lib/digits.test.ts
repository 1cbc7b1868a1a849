import { describe, expect, test } from 'vitest';
import { latinDigits, majorText, parseInteger, parseMinor } from './digits';

test('digits of three scripts are the same digits', () => {
  expect(latinDigits('۰۱۲۳۴۵۶۷۸۹')).toBe('0123456789');
  expect(latinDigits('٠١٢٣٤٥٦٧٨٩')).toBe('0123456789');
  expect(latinDigits('a5۵٥ب')).toBe('a555ب');
});

describe('whole numbers', () => {
  test.each([
    ['500', 500],
    ['۵۰۰', 500],
    ['٥٠٠', 500],
    ['1.000', 1000],
    ['1,000', 1000],
    ['۱۰٬۰۰۰', 10000],
    [' 7 ', 7],
    ['0', 0],
  ])('%s is %i', (text, value) => expect(parseInteger(text)).toBe(value));

  test.each(['', '-1', '1e3', 'yüz', '1234567890123456'])('%j is none', (text) => {
    expect(parseInteger(text)).toBeNull();
  });
});

describe('amounts in minor units', () => {
  test.each([
    ['1490', 2, 149000],
    ['1.490,00', 2, 149000],
    ['1,490.00', 2, 149000],
    ['1.490', 2, 149000],
    ['1,490', 2, 149000],
    ['149,9', 2, 14990],
    ['149.90', 2, 14990],
    ['0,05', 2, 5],
    ['۱٬۴۹۰٫۰۰', 2, 149000],
    ['۱۴۹٫۹۰', 2, 14990],
    ['1.234.567,89', 2, 123456789],
    ['12 345,60', 2, 1234560],
    ['۱۰۰۰۰۰', 0, 100000],
    ['100.000', 0, 100000],
    ['1.500', 3, 1500],
    ['1,5', 3, 1500],
    ['5.', 2, 500],
  ])('%s with %i digits is %i', (text, digits, minor) => expect(parseMinor(text, digits)).toBe(minor));

  test.each([
    ['', 2],
    ['-5', 2],
    ['abc', 2],
    ['1e5', 2],
    ['99999999999999999', 2],
  ])('%j is none', (text, digits) => expect(parseMinor(text, digits)).toBeNull());
});

test('minor units become text exactly, at any size', () => {
  expect(majorText(149000, 2)).toBe('1490.00');
  expect(majorText(5, 2)).toBe('0.05');
  expect(majorText(-5, 2)).toBe('-0.05');
  expect(majorText(100000, 0)).toBe('100000');
  expect(majorText(1500, 3)).toBe('1.500');
  expect(majorText(999999999999, 2)).toBe('9999999999.99');
});
