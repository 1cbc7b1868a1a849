/** Both reports, page by page. */
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { call } from '../../api/call';
import { Refused } from '../../api/problems';
import type { SalesReport } from '../../api/schema.gen';
import { asked, type Filters, instants } from './filters';

const limit = 50;

/** The totals come with the first page; a report that is too long for them comes without. */
async function salesPage(filters: Filters, cursor: string | null, signal: AbortSignal): Promise<SalesReport> {
  const query = { ...asked(filters), limit, cursor };
  try {
    return await call('report_sales', { query: { ...query, totals: cursor === null }, signal });
  } catch (error) {
    if (!(error instanceof Refused && error.code === 'TOTALS_TOO_LARGE')) throw error;
    return call('report_sales', { query, signal });
  }
}

function usePages<Page extends { items: unknown[]; cursor: string | null }>(
  key: readonly unknown[],
  read: (cursor: string | null, signal: AbortSignal) => Promise<Page>,
) {
  const report = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam, signal }) => read(pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page: Page) => page.cursor,
    placeholderData: keepPreviousData,
    staleTime: 0,
  });
  const { hasNextPage, isFetching, fetchNextPage } = report;
  const lastIsEmpty = report.data?.pages.at(-1)?.items.length === 0;
  // A page may be empty before the last one.
  useEffect(() => {
    if (hasNextPage && lastIsEmpty && !isFetching) void fetchNextPage();
  }, [hasNextPage, lastIsEmpty, isFetching, fetchNextPage]);
  return report;
}

export function useSales(filters: Filters) {
  return usePages(['report', 'sales', filters], (cursor, signal) => salesPage(filters, cursor, signal));
}

export function useFailedPayments({ from, to, show, customer }: Filters) {
  return usePages(['report', 'failed', from, to, show, customer], (cursor, signal) => {
    const query = { ...instants({ from, to }), show, ...(customer ? { customer_id: customer } : {}), limit, cursor };
    return call('report_failed_payments', { query, signal });
  });
}
