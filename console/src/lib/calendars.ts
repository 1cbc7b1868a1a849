/** Stands in for the library's table of every calendar: the languages here have two. */
import { type Calendar, GregorianCalendar, PersianCalendar } from '@internationalized/date';

export function createCalendar(name: string): Calendar {
  return name === 'persian' ? new PersianCalendar() : new GregorianCalendar();
}
