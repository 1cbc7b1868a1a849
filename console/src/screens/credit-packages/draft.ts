import type { CreditPackageRequest, CreditPackageView } from '../../api/schema.gen';
import { formatEditable, formatEditableMoney } from '../../i18n/format';
import { currencyOf } from '../../lib/currencies';
import { Reading } from '../../packages/reading';
import type { Read } from '../../ui/form';

export type CreditValues = Record<
  'name' | 'credits' | 'price' | 'listing_order' | 'expires_after_days' | 'country' | 'currency' | 'short_info',
  string
>;

/** Where the API's path of a field is not the form's. */
export const aliases = { 'price.amount': 'price', 'price.currency': 'currency' };

export function newValues(country: string): CreditValues {
  const chosen = country || 'TR';
  const currency = currencyOf(chosen) ?? 'USD';
  return { name: '', credits: '', price: '', listing_order: '', expires_after_days: '', country: chosen, currency, short_info: '' };
}

export function valuesOf(view: CreditPackageView): CreditValues {
  return {
    name: view.name,
    credits: formatEditable(view.credits),
    price: formatEditableMoney(view.price.amount, view.price.currency),
    listing_order: formatEditable(view.listing_order),
    expires_after_days: view.expires_after_days === null ? '' : formatEditable(view.expires_after_days),
    country: view.country,
    currency: view.price.currency,
    short_info: view.short_info,
  };
}

export function readValues(values: CreditValues): Read<CreditPackageRequest> {
  const reading = new Reading(values);
  return reading.done({
    name: reading.text('name'),
    credits: reading.whole('credits'),
    price: reading.money('price', reading.text('currency')),
    country: reading.text('country'),
    short_info: values.short_info.trim(),
    listing_order: reading.wholeOrNull('listing_order'),
    expires_after_days: reading.wholeOrNull('expires_after_days'),
  });
}
