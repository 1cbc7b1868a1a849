import type { FailedPaymentView } from '../../api/schema.gen';
import { t } from '../../i18n';
import { formatCountry, formatInstant } from '../../i18n/format';
import { type Column, DataTable } from '../../ui/DataTable';
import { formatAmount } from './amounts';
import { addressOf, type Filters } from './filters';
import { ReportFrame } from './ReportFrame';
import { useFailedPayments } from './useReport';

/** B29 to B35. */
function columns(filters: Filters): Column<FailedPaymentView>[] {
  const words = t.sales;
  return [
    { id: 'date', title: words.date, cell: (row) => formatInstant(row.failed_at) },
    {
      id: 'customer',
      title: words.customer,
      cell: (row) => (
        <a
          className="quiet-link"
          href={addressOf('failed-payments', { ...filters, customer: row.customer_id })}
          title={words.filterBy(row.customer_name ?? row.customer_id)}
        >
          <bdi>{row.customer_name ?? row.customer_id}</bdi>
        </a>
      ),
    },
    {
      id: 'reason',
      title: words.reason,
      cell: (row) => (
        <>
          <span className="cell-main">{words.reasons[row.reason]}</span>
          <span className="cell-note">{words.byRail[row.rail]}</span>
        </>
      ),
    },
    { id: 'type', title: words.productType, cell: (row) => words.productTypes[row.product_type] },
    { id: 'name', title: words.productName, cell: (row) => <bdi>{row.product_name}</bdi> },
    { id: 'price', title: words.price, isNumber: true, cell: (row) => formatAmount(row.price) },
    { id: 'country', title: words.country, cell: (row) => formatCountry(row.country) },
  ];
}

/** B25 to B35. */
export function FailedPayments({ filters }: { filters: Filters }) {
  const report = useFailedPayments(filters);
  const rows = (report.data?.pages ?? []).flatMap((page) => page.items);
  return (
    <ReportFrame report={report} count={rows.length} empty={t.sales.emptyFailed}>
      <DataTable
        label={t.sales.failedTab}
        columns={columns(filters)}
        rows={rows}
        keyOf={(row) => row.id}
        isBusy={report.isPlaceholderData}
      />
    </ReportFrame>
  );
}
