import type { ReactNode } from 'react';
import { t } from '../../i18n';
import { formatNumber } from '../../i18n/format';
import { Button } from '../../ui/Button';
import { Empty, Failure, Skeleton } from '../../ui/states';

interface Report {
  isPending: boolean;
  isError: boolean;
  isSuccess: boolean;
  isFetching: boolean;
  isFetchingNextPage: boolean;
  hasNextPage: boolean;
  error: unknown;
  refetch: () => unknown;
  fetchNextPage: () => unknown;
}

interface ReportFrameProps {
  report: Report;
  count: number;
  empty: string;
  children: ReactNode;
}

/** A report while it comes, when it fails, when it is empty, and while there is more of it. */
export function ReportFrame({ report, count, empty, children }: ReportFrameProps) {
  if (report.isPending || (count === 0 && report.hasNextPage)) return <Skeleton rows={6} />;
  if (report.isError) return <Failure error={report.error} onRetry={() => void report.refetch()} />;
  if (count === 0) return <Empty title={t.sales.emptyTitle} text={empty} />;
  return (
    <div className="report">
      {children}
      <p className="report-foot">
        <span className="muted">{t.common.shown(formatNumber(count))}</span>
        {report.hasNextPage && (
          <Button isPending={report.isFetchingNextPage} onPress={() => void report.fetchNextPage()}>
            {t.common.loadMore}
          </Button>
        )}
      </p>
    </div>
  );
}
