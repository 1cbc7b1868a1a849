/** The currencies that a platform sells in, each with its count of minor digits; the API's own table. */
export const minorDigits: Readonly<Record<string, number>> = {
  TRY: 2,
  EUR: 2,
  USD: 2,
  GBP: 2,
  CHF: 2,
  AZN: 2,
  AED: 2,
  SAR: 2,
  CAD: 2,
  AUD: 2,
  JPY: 0,
  IRR: 0,
  KWD: 3,
  BHD: 3,
};

export const currencies = Object.keys(minorDigits);

/** What a country most likely sells in; it only fills a field in. */
const ofCountry: Readonly<Record<string, string>> = {
  TR: 'TRY',
  US: 'USD',
  GB: 'GBP',
  CH: 'CHF',
  AZ: 'AZN',
  AE: 'AED',
  SA: 'SAR',
  CA: 'CAD',
  AU: 'AUD',
  JP: 'JPY',
  IR: 'IRR',
  KW: 'KWD',
  BH: 'BHD',
};
const euroCountries = 'AT BE CY DE EE ES FI FR GR HR IE IT LT LU LV MT NL PT SI SK'.split(' ');

export function currencyOf(country: string): string | undefined {
  return ofCountry[country] ?? (euroCountries.includes(country) ? 'EUR' : undefined);
}
