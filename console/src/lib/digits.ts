/** Numbers as people write them, in Latin, Persian or Arabic digits. Text in, text or integers out: no float. */

const zeros = [0x06f0, 0x0660];

/** Every Persian or Arabic digit as a Latin one. */
export function latinDigits(text: string): string {
  return text.replace(/[\u06f0-\u06f9\u0660-\u0669]/g, (digit) => {
    const code = digit.charCodeAt(0);
    const zero = zeros.find((each) => code >= each && code <= each + 9) ?? code;
    return String(code - zero);
  });
}

/** A whole number, or `null` for what is none; group separators of any language are passed over. */
export function parseInteger(text: string): number | null {
  const plain = latinDigits(text).replace(/[\s.,٬،'\u00a0\u202f]/g, '');
  if (!/^\d{1,15}$/.test(plain)) return null;
  return Number(plain);
}

/**
 * An amount in minor units from major ones, or `null`. The last separator is the decimal one where at most
 * `minorDigits` digits follow it; three digits after a lone separator are a group: 1.490 is 1490.
 */
export function parseMinor(text: string, minorDigits: number): number | null {
  const plain = latinDigits(text)
    .replace(/٫/g, ',')
    .replace(/[\s٬'\u00a0\u202f\u200e\u200f]/g, '')
    .replace(/،/g, ',');
  const parts = /^(\d[\d.,]*?)(?:([.,])(\d*))?$/.exec(plain);
  if (!parts) return null;
  const [, head = '', separator, tail = ''] = parts;
  const isDecimal = separator !== undefined && isDecimalPart(head, separator, tail, minorDigits);
  const whole = (isDecimal ? head : head + tail).replace(/[.,]/g, '');
  const minor = (isDecimal ? tail : '').padEnd(minorDigits, '0');
  return /^\d{1,15}$/.test(whole + minor) ? Number(whole + minor) : null;
}

function isDecimalPart(head: string, separator: string, tail: string, minorDigits: number): boolean {
  if (head.includes(separator) || tail.length > minorDigits) return false;
  const grouped = tail.length === 3 && /^\d{1,3}$/.test(head) && minorDigits !== 3;
  return !grouped;
}

/** Minor units as a plain decimal, exact at any size: `majorText(149000, 2)` is `1490.00`. */
export function majorText(amount: number, minorDigits: number): string {
  const digits = String(Math.abs(amount)).padStart(minorDigits + 1, '0');
  const sign = amount < 0 ? '-' : '';
  if (!minorDigits) return sign + digits;
  return `${sign}${digits.slice(0, -minorDigits)}.${digits.slice(-minorDigits)}`;
}
