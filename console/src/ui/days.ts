import { type CalendarDate, GregorianCalendar, toCalendar } from '@internationalized/date';

/** Both days are in it; written as `2026-11-22` whatever the calendar. */
export interface Days {
  from: string;
  to: string;
}

export function written(date: CalendarDate): string {
  return toCalendar(date, new GregorianCalendar()).toString();
}
