import { useMemo, useState } from 'react';
import { call } from '../../api/call';
import type { AppointmentPackageView } from '../../api/schema.gen';
import { t } from '../../i18n';
import { formatNumber, isolated } from '../../i18n/format';
import { currencyOf } from '../../lib/currencies';
import { EditorDrawer } from '../../packages/EditorDrawer';
import type { EditorProps } from '../../packages/PackagesView';
import { countryChoices, currencyChoices } from '../../packages/places';
import { RadioInput, SearchInput } from '../../ui/choices';
import { FieldSet, TextAreaInput, TextInput } from '../../ui/fields';
import { useForm } from '../../ui/form';
import { tell } from '../../ui/Toaster';
import { type AppointmentValues, aliases, newValues, readValues, slotOf, valuesOf } from './draft';
import { ExpertsInput } from './ExpertsInput';

function useAppointmentPackageForm({ edited, country, onSaved }: EditorProps<AppointmentPackageView>) {
  const [initial] = useState(() => (edited ? valuesOf(edited) : newValues(country)));
  const [version, setVersion] = useState(edited?.version ?? 0);
  const path = { package_id: edited?.id ?? '' };
  return useForm({
    initial,
    read: readValues,
    aliases,
    save: (body, key) =>
      edited
        ? call('edit_appointment_package', { path, body, version, key })
        : call('create_appointment_package', { body, key }),
    onSaved: ({ title }) => {
      tell(t.packages.saved(isolated(title)));
      onSaved(title);
    },
    readStored: async () => {
      const now = await call('read_appointment_package', { path });
      setVersion(now.version);
      return valuesOf(now);
    },
  });
}

function choices<T extends string>(names: Readonly<Record<T, string>>, hints?: Readonly<Record<T, string>>) {
  return (Object.keys(names) as T[]).map((id) => ({ id, name: names[id], ...(hints ? { hint: hints[id] } : {}) }));
}

export default function AppointmentPackageEditor(props: EditorProps<AppointmentPackageView>) {
  const form = useAppointmentPackageForm(props);
  const countries = useMemo(countryChoices, []);
  const currencies = useMemo(currencyChoices, []);
  const { fields, choices: named, appointmentPackages: words } = t;

  function followCountry(code: string): void {
    const currency = currencyOf(code);
    if (currency && !form.values.fee) form.set('currency', currency);
  }

  return (
    <EditorDrawer title={props.edited ? words.editTitle : words.newTitle} form={form} onClose={props.onClose}>
      <FieldSet title={words.sectionWhat}>
        <RadioInput name="appointment_type" label={fields.appointment_type} hint={words.typeHint} choices={choices(named.appointment_type)} />
        {form.values.appointment_type === 'online' && (
          <RadioInput name="service" label={fields.service} hint={words.serviceHint} choices={choices(named.service, named.serviceHint)} />
        )}
        <TextInput name="title" label={fields.title} hint={words.titleHint} isRequired />
        <TextInput name="sessions" label={fields.sessions} hint={words.sessionsHint} kind="whole" isRequired />
        <TextAreaInput name="description" label={fields.description} hint={words.descriptionHint} maxLength={2000} />
        <ExpertsInput />
      </FieldSet>
      <FieldSet title={words.sectionTime}>
        <TextInput name="duration_minutes" label={fields.duration_minutes} hint={words.durationHint} kind="whole" isRequired />
        <TextInput name="break_minutes" label={fields.break_minutes} hint={words.breakHint} kind="whole" />
        <Slot values={form.values} />
      </FieldSet>
      <FieldSet title={words.sectionPrice} note={words.priceRule}>
        <TextInput name="fee" label={fields.fee} hint={words.feeHint} kind="amount" unit={form.values.currency} />
        <TextInput name="credits" label={fields.credits} hint={words.creditsHint} kind="whole" />
      </FieldSet>
      <FieldSet title={words.sectionWhere}>
        <SearchInput name="country" label={fields.country} hint={t.creditPackages.countryHint} choices={countries} onChosen={followCountry} />
        <SearchInput name="currency" label={fields.currency} hint={words.currencyHint} choices={currencies} />
        <TextInput name="listing_order" label={fields.listing_order} hint={words.listingHint} kind="whole" />
      </FieldSet>
      <FieldSet title={words.sectionEnd}>
        <RadioInput name="how_it_ends" label={fields.how_it_ends} choices={choices(named.how_it_ends, named.howItEndsHint)} />
        <RadioInput name="when_it_ends" label={fields.when_it_ends} choices={choices(named.when_it_ends, named.whenItEndsHint)} />
      </FieldSet>
    </EditorDrawer>
  );
}

/** The slot drawn to scale: what is sold of it, and what is not. */
function Slot({ values }: { values: AppointmentValues }) {
  const slot = slotOf(values);
  if (!slot) return null;
  const { session, pause } = slot;
  return (
    <figure className="slot field-wide">
      <svg viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
        <rect className="slot-break" width="100" height="6" />
        <rect className="slot-session" width={(100 * session) / slot.slot} height="6" />
      </svg>
      <figcaption className="hint">
        {t.appointmentPackages.slot(formatNumber(slot.slot), formatNumber(session), formatNumber(pause))}
      </figcaption>
    </figure>
  );
}
