/** B1 to B36: Reports → Credit/Sales, with its two tabs. */
import { useQueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';
import { t } from '../../i18n';
import { navigate, useRoute } from '../../lib/route';
import { Button } from '../../ui/Button';
import { FailedPayments } from './FailedPayments';
import { FilterBar } from './FilterBar';
import { addressOf, type Filters, filtersOf, type Tab } from './filters';
import { Sales } from './Sales';
import { useExport } from './useExport';

const longestMonths = 13;

/** The API's own rule; told before a request that it would refuse. */
function rangeError({ from, to }: Filters): string | undefined {
  const longest = new Date(`${from}T00:00:00Z`);
  longest.setUTCMonth(longest.getUTCMonth() + longestMonths);
  return to < from || new Date(`${to}T00:00:00Z`) >= longest ? t.problems.RANGE_INVALID : undefined;
}

export default function SalesReport() {
  const route = useRoute();
  const client = useQueryClient();
  const tab: Tab = route.parts[1] === 'failed-payments' ? 'failed-payments' : 'sales';
  const filters = useMemo(() => filtersOf(route.query), [route.query]);
  const excel = useExport(filters);
  const wrong = rangeError(filters);

  function send(chosen: Filters): void {
    navigate(addressOf(tab, chosen));
    void client.invalidateQueries({ queryKey: ['report'] });
  }

  return (
    <>
      <header className="page-head">
        <div>
          <h1>{t.sales.title}</h1>
          <p className="muted">{t.sales.lead}</p>
        </div>
        <Button icon="download" isPending={excel.isPending} isDisabled={Boolean(wrong)} onPress={excel.start}>
          {t.sales.excel}
        </Button>
      </header>
      <p role="status" className="excel-state">
        {excel.isPending && (excel.state === 'running' ? t.sales.excelRunning : t.sales.excelQueued)}
      </p>
      <nav className="tabs" aria-label={t.sales.title}>
        <a href={addressOf('sales', filters)} aria-current={tab === 'sales' ? 'page' : undefined}>
          {t.sales.salesTab}
        </a>
        <a href={addressOf('failed-payments', filters)} aria-current={tab === 'failed-payments' ? 'page' : undefined}>
          {t.sales.failedTab}
        </a>
      </nav>
      <FilterBar key={addressOf(tab, filters)} tab={tab} filters={filters} rangeError={wrong} onSend={send} />
      {!wrong && (tab === 'sales' ? <Sales filters={filters} /> : <FailedPayments filters={filters} />)}
    </>
  );
}
