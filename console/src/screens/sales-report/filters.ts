/** The report's filters (B4 to B15), as they stand in the address, and as the API takes them. */
import { getLocalTimeZone, parseDate, today } from '@internationalized/date';
import type { ExportRequest, Group, SaleTypeFilter, Show } from '../../api/schema.gen';
import { address } from '../../lib/route';

export interface Filters {
  from: string;
  to: string;
  show: Show;
  customer: string;
  expert: string;
  saleType: SaleTypeFilter;
  group: Group;
}

export type Tab = 'sales' | 'failed-payments';

export const shows: readonly Show[] = ['all', 'appointments', 'packages', 'events'];
export const saleTypes: readonly SaleTypeFilter[] = ['all', 'credit', 'card'];
export const groups: readonly Group[] = ['all', 'expert'];

const defaultDays = 30;

export function zone(): string {
  return getLocalTimeZone();
}

/** The last so many days, today among them. */
export function lastDays(count: number): { from: string; to: string } {
  const now = today(zone());
  return { from: now.subtract({ days: count - 1 }).toString(), to: now.toString() };
}

function day(text: string | null): string | undefined {
  try {
    return text ? parseDate(text).toString() : undefined;
  } catch {
    return undefined;
  }
}

function oneOf<T extends string>(known: readonly T[], value: string | null): T | undefined {
  return known.find((each) => each === value);
}

/** What an address does not say, or says wrongly, is as if nothing was chosen. */
export function filtersOf(query: URLSearchParams): Filters {
  const usual = lastDays(defaultDays);
  return {
    from: day(query.get('from')) ?? usual.from,
    to: day(query.get('to')) ?? usual.to,
    show: oneOf(shows, query.get('show')) ?? 'all',
    customer: query.get('customer') ?? '',
    expert: query.get('expert') ?? '',
    saleType: oneOf(saleTypes, query.get('sale_type')) ?? 'all',
    group: oneOf(groups, query.get('group')) ?? 'all',
  };
}

export function addressOf(tab: Tab, filters: Filters): string {
  const { from, to, show, customer, expert, saleType, group } = filters;
  const unless = (value: string) => (value === 'all' ? '' : value);
  return address(`/reports/${tab}`, {
    from,
    to,
    show: unless(show),
    customer,
    expert,
    sale_type: unless(saleType),
    group: unless(group),
  });
}

/** From the first instant of the first day to the first after the last day, where this device is. */
export function instants({ from, to }: { from: string; to: string }): { from: string; to: string } {
  const start = parseDate(from).toDate(zone());
  const end = parseDate(to).add({ days: 1 }).toDate(zone());
  return { from: start.toISOString(), to: end.toISOString() };
}

/** The filters in the API's words; people only where they are chosen. */
export function asked(filters: Filters): Omit<ExportRequest, 'locale' | 'zone'> {
  return {
    ...instants(filters),
    show: filters.show,
    sale_type: filters.saleType,
    group: filters.group,
    ...(filters.customer ? { customer_id: filters.customer } : {}),
    ...(filters.expert ? { expert_id: filters.expert } : {}),
  };
}
