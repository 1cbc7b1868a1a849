/** What is read from the API, by the key that it is kept under. */
import { QueryClient, queryOptions } from '@tanstack/react-query';
import { call } from './call';
import { Unreachable } from './problems';
import type { AccountView, AppointmentPackageView, CreditPackageView } from './schema.gen';

const firstWaitMs = 1_000;
const longestWaitMs = 10_000;
const pageLimit = 100;
/** A platform holds at most 1000 packages of a kind; of people, the first 1000 are offered. */
const mostPages = 10;

/** A dead API is asked again for as long as the screen is open; a refusal is final. */
export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        networkMode: 'always',
        staleTime: 10_000,
        retry: (_count, error) => error instanceof Unreachable,
        retryDelay: (attempt) => Math.min(firstWaitMs * 2 ** attempt, longestWaitMs),
      },
      mutations: { networkMode: 'always', retry: false },
    },
  });
}

interface Page<T> {
  items: T[];
  cursor: string | null;
}

async function everyPage<T>(read: (cursor: string | null) => Promise<Page<T>>): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < mostPages; page += 1) {
    const answer: Page<T> = await read(cursor);
    items.push(...answer.items);
    cursor = answer.cursor;
    if (!cursor) break;
  }
  return items;
}

export const creditPackages = queryOptions<CreditPackageView[]>({
  queryKey: ['packages', 'credit'],
  queryFn: ({ signal }) =>
    everyPage((cursor) => call('list_credit_packages', { query: { limit: pageLimit, cursor }, signal })),
});

export const appointmentPackages = queryOptions<AppointmentPackageView[]>({
  queryKey: ['packages', 'appointment'],
  queryFn: ({ signal }) =>
    everyPage((cursor) => call('list_appointment_packages', { query: { limit: pageLimit, cursor }, signal })),
});

export const catalogueChanges = queryOptions({
  queryKey: ['catalogue', 'changes'],
  queryFn: ({ signal }) => call('list_catalogue_changes', { signal }),
});

export const experts = queryOptions<AccountView[]>({
  queryKey: ['experts'],
  staleTime: 60_000,
  queryFn: ({ signal }) => everyPage((cursor) => call('list_experts', { query: { limit: pageLimit, cursor }, signal })),
});

export const customers = queryOptions<AccountView[]>({
  queryKey: ['customers'],
  staleTime: 60_000,
  queryFn: ({ signal }) =>
    everyPage((cursor) => call('list_customers', { query: { limit: pageLimit, cursor }, signal })),
});

export function platform(id: string) {
  return queryOptions({
    queryKey: ['platform', id],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: ({ signal }) => call('read_platform', { path: { platform_id: id }, signal }),
  });
}
