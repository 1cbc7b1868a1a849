/** The countries and the currencies that a package may be sold in, by name. */
import { compareTexts, formatCountry, formatCurrency } from '../i18n/format';
import { countries } from '../lib/countries';
import { currencies } from '../lib/currencies';
import type { Choice } from '../ui/Picker';

export function countryChoices(): Choice[] {
  const choices = countries.map((id) => ({ id, name: formatCountry(id) }));
  return choices.sort((a, b) => compareTexts(a.name, b.name));
}

export function currencyChoices(): Choice[] {
  return currencies.map((id) => ({ id, name: formatCurrency(id) }));
}
