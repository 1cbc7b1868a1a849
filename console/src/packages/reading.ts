/** From what was typed to what the API takes. Only what cannot be sent is refused here; the rules are the API's. */
import type { Money } from '../api/schema.gen';
import { t } from '../i18n';
import { minorDigits } from '../lib/currencies';
import { parseInteger, parseMinor } from '../lib/digits';

/** Gathers what is wrong while the fields are read one by one. */
export class Reading {
  readonly errors: Record<string, string> = {};

  constructor(private readonly values: Readonly<Record<string, string>>) {}

  text(name: string): string {
    const value = (this.values[name] ?? '').trim();
    if (!value) this.errors[name] = t.common.required;
    return value;
  }

  whole(name: string): number {
    const value = this.wholeOrNull(name);
    if (value === null) this.errors[name] ??= t.common.required;
    return value ?? 0;
  }

  wholeOrNull(name: string): number | null {
    const typed = (this.values[name] ?? '').trim();
    if (!typed) return null;
    const value = parseInteger(typed);
    if (value === null) this.errors[name] = t.common.notANumber;
    return value;
  }

  money(name: string, currency: string): Money {
    const value = this.moneyOrNull(name, currency);
    if (!value) this.errors[name] ??= t.common.required;
    return value ?? { amount: 0, currency };
  }

  moneyOrNull(name: string, currency: string): Money | null {
    const typed = (this.values[name] ?? '').trim();
    if (!typed) return null;
    const amount = parseMinor(typed, minorDigits[currency] ?? 2);
    if (amount === null) {
      this.errors[name] = t.common.notAnAmount;
      return null;
    }
    return { amount, currency };
  }

  /** The body if nothing was wrong with it. */
  done<Body>(body: Body): { body: Body } | { errors: Record<string, string> } {
    return Object.keys(this.errors).length ? { errors: this.errors } : { body };
  }
}
