import { useMemo, useState } from 'react';
import { call } from '../../api/call';
import type { CreditPackageView } from '../../api/schema.gen';
import { t } from '../../i18n';
import { formatMoney, formatNumber, isolated } from '../../i18n/format';
import { currencyOf } from '../../lib/currencies';
import { EditorDrawer } from '../../packages/EditorDrawer';
import type { EditorProps } from '../../packages/PackagesView';
import { countryChoices, currencyChoices } from '../../packages/places';
import { SearchInput } from '../../ui/choices';
import { TextAreaInput, TextInput } from '../../ui/fields';
import { useForm } from '../../ui/form';
import { tell } from '../../ui/Toaster';
import { aliases, type CreditValues, newValues, readValues, valuesOf } from './draft';

function useCreditPackageForm({ edited, country, onSaved }: EditorProps<CreditPackageView>) {
  const [initial] = useState(() => (edited ? valuesOf(edited) : newValues(country)));
  const [version, setVersion] = useState(edited?.version ?? 0);
  const path = { package_id: edited?.id ?? '' };
  return useForm({
    initial,
    read: readValues,
    aliases,
    save: (body, key) =>
      edited
        ? call('edit_credit_package', { path, body, version, key })
        : call('create_credit_package', { body, key }),
    onSaved: ({ name }) => {
      tell(t.packages.saved(isolated(name)));
      onSaved(name);
    },
    readStored: async () => {
      const now = await call('read_credit_package', { path });
      setVersion(now.version);
      return valuesOf(now);
    },
  });
}

export default function CreditPackageEditor(props: EditorProps<CreditPackageView>) {
  const form = useCreditPackageForm(props);
  const countries = useMemo(countryChoices, []);
  const currencies = useMemo(currencyChoices, []);
  const { fields, creditPackages: words } = t;

  function followCountry(code: string): void {
    const currency = currencyOf(code);
    if (currency && !form.values.price) form.set('currency', currency);
  }

  return (
    <EditorDrawer title={props.edited ? words.editTitle : words.newTitle} form={form} onClose={props.onClose}>
      <div className="form-grid">
        <TextInput name="name" label={fields.name} hint={words.nameHint} isRequired />
        <TextInput name="listing_order" label={fields.listing_order} hint={words.listingHint} kind="whole" />
        <TextInput name="credits" label={fields.credits} hint={words.creditsHint} kind="whole" isRequired />
        <TextInput name="price" label={fields.price} hint={words.priceHint} kind="amount" unit={form.values.currency} isRequired />
        <TextInput name="expires_after_days" label={fields.expires_after_days} hint={words.expiryHint} kind="whole" />
        <SearchInput name="country" label={fields.country} hint={words.countryHint} choices={countries} onChosen={followCountry} />
        <SearchInput name="currency" label={fields.currency} hint={words.currencyHint} choices={currencies} />
        <TextAreaInput name="short_info" label={fields.short_info} hint={words.shortInfoHint} maxLength={500} />
      </div>
      <Preview values={form.values} />
    </EditorDrawer>
  );
}

/** A15 and A19: the card of the public packages page, as far as it is filled in. */
function Preview({ values }: { values: CreditValues }) {
  const read = readValues(values);
  const price = 'body' in read ? formatMoney(read.body.price) : '—';
  const credits = 'body' in read ? t.creditPackages.credits(formatNumber(read.body.credits)) : '—';
  return (
    <figure className="preview">
      <figcaption className="hint">{t.creditPackages.preview}</figcaption>
      <div className="preview-card">
        <strong><bdi>{values.name || '—'}</bdi></strong>
        <span className="preview-credits">{credits}</span>
        <bdi>{values.short_info}</bdi>
        <span className="preview-price">{price}</span>
      </div>
    </figure>
  );
}
