import { beforeEach, expect, test } from 'vitest';
import { fa } from '../i18n/fa';
import { setLanguage } from '../i18n';
import { tr } from '../i18n/tr';
import * as appointment from '../screens/appointment-packages/draft';
import * as credit from '../screens/credit-packages/draft';

beforeEach(() => setLanguage('tr', tr));

const package500 = {
  id: 'cpk_1',
  name: '500 Kredi',
  credits: 500,
  price: { amount: 149000, currency: 'TRY' },
  country: 'TR',
  short_info: 'Çok satan',
  listing_order: 2,
  expires_after_days: 90,
  version: 7,
};

test('a credit package is read back as it was shown', () => {
  const { id: _id, version: _version, ...body } = package500;
  expect(credit.readValues(credit.valuesOf(package500))).toEqual({ body });
  setLanguage('fa', fa);
  expect(credit.valuesOf(package500).credits).toBe('۵۰۰');
  expect(credit.readValues(credit.valuesOf(package500))).toEqual({ body });
});

test('what cannot be sent is refused beside its field', () => {
  const typed = { ...credit.newValues('TR'), credits: 'beş', price: '12,x' };
  expect(credit.readValues(typed)).toEqual({
    errors: { name: tr.common.required, credits: tr.common.notANumber, price: tr.common.notAnAmount },
  });
});

test('a country brings its currency', () => {
  expect(credit.newValues('DE').currency).toBe('EUR');
  expect(credit.newValues('IR').currency).toBe('IRR');
});

test('an appointment package is read back as it was shown, with either price', () => {
  const view = {
    id: 'apk_1',
    title: 'Bir saat',
    description: '',
    appointment_type: 'online',
    service: 'video',
    duration_minutes: 50,
    break_minutes: 10,
    fee: null,
    credits: 180,
    sessions: 4,
    country: 'TR',
    currency: 'TRY',
    listing_order: 0,
    how_it_ends: 'by_expert',
    when_it_ends: 'full_service_time',
    expert_ids: ['e1', 'e2'],
    version: 1,
  } as const;
  const { id: _id, version: _version, ...body } = view;
  const values = appointment.valuesOf({ ...view, expert_ids: [...view.expert_ids] });
  expect(appointment.readValues(values)).toEqual({ body });
});

test('a face-to-face meeting is sent without a service', () => {
  const typed = { ...appointment.newValues('TR'), title: 'A', duration_minutes: '15', appointment_type: 'face_to_face' };
  const read = appointment.readValues(typed);
  expect('body' in read && read.body.service).toBeNull();
});

test.each([
  ['15', '5', 20],
  ['25', '5', 30],
  ['50', '10', 60],
  ['30', '0', 30],
  ['۲۰', '۱۰', 30],
])('a session of %s and a break of %s make a slot of %i', (duration, pause, slot) => {
  const values = { ...appointment.newValues('TR'), duration_minutes: duration, break_minutes: pause };
  expect(appointment.slotOf(values)?.slot).toBe(slot);
});
