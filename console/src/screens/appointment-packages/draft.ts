import type { AppointmentPackageRequest, AppointmentPackageView } from '../../api/schema.gen';
import { formatEditable, formatEditableMoney } from '../../i18n/format';
import { currencyOf } from '../../lib/currencies';
import { parseInteger } from '../../lib/digits';
import { Reading } from '../../packages/reading';
import type { Read } from '../../ui/form';

export type AppointmentValues = Record<
  | 'title'
  | 'description'
  | 'appointment_type'
  | 'service'
  | 'duration_minutes'
  | 'break_minutes'
  | 'fee'
  | 'credits'
  | 'sessions'
  | 'country'
  | 'currency'
  | 'listing_order'
  | 'how_it_ends'
  | 'when_it_ends'
  | 'expert_ids',
  string
>;

/** Where the API's path of a field is not the form's. */
export const aliases = { 'fee.amount': 'fee', 'fee.currency': 'currency' };

export function newValues(country: string): AppointmentValues {
  const chosen = country || 'TR';
  return {
    title: '',
    description: '',
    appointment_type: 'online',
    service: 'video',
    duration_minutes: '',
    break_minutes: formatEditable(0),
    fee: '',
    credits: '',
    sessions: formatEditable(1),
    country: chosen,
    currency: currencyOf(chosen) ?? 'USD',
    listing_order: '',
    how_it_ends: 'automatic',
    when_it_ends: 'scheduled_end',
    expert_ids: '',
  };
}

const numberText = (value: number | null) => (value === null ? '' : formatEditable(value));

export function valuesOf(view: AppointmentPackageView): AppointmentValues {
  return {
    title: view.title,
    description: view.description,
    appointment_type: view.appointment_type,
    service: view.service ?? '',
    duration_minutes: numberText(view.duration_minutes),
    break_minutes: numberText(view.break_minutes),
    fee: view.fee ? formatEditableMoney(view.fee.amount, view.fee.currency) : '',
    credits: numberText(view.credits),
    sessions: numberText(view.sessions),
    country: view.country,
    currency: view.currency,
    listing_order: numberText(view.listing_order),
    how_it_ends: view.how_it_ends,
    when_it_ends: view.when_it_ends,
    expert_ids: view.expert_ids.join(' '),
  };
}

/** The ids in the one text that a form's value is. */
export function expertIds(text: string): string[] {
  return text.split(' ').filter(Boolean);
}

export function readValues(values: AppointmentValues): Read<AppointmentPackageRequest> {
  const reading = new Reading(values);
  const currency = reading.text('currency');
  const isOnline = values.appointment_type === 'online';
  return reading.done({
    title: reading.text('title'),
    description: values.description.trim(),
    appointment_type: values.appointment_type as AppointmentPackageRequest['appointment_type'],
    service: isOnline && values.service ? (values.service as AppointmentPackageView['service']) : null,
    duration_minutes: reading.whole('duration_minutes'),
    break_minutes: reading.wholeOrNull('break_minutes') ?? 0,
    fee: reading.moneyOrNull('fee', currency),
    credits: reading.wholeOrNull('credits'),
    sessions: reading.whole('sessions'),
    country: reading.text('country'),
    currency,
    listing_order: reading.wholeOrNull('listing_order'),
    how_it_ends: values.how_it_ends as AppointmentPackageRequest['how_it_ends'],
    when_it_ends: values.when_it_ends as AppointmentPackageRequest['when_it_ends'],
    expert_ids: expertIds(values.expert_ids),
  });
}

/** The slot on the expert's grid (E17 to E20): session and break; `null` until there is a session. */
export function slotOf(values: AppointmentValues): { slot: number; session: number; pause: number } | null {
  const session = parseInteger(values.duration_minutes);
  const pause = parseInteger(values.break_minutes) ?? 0;
  return session ? { slot: session + pause, session, pause } : null;
}
