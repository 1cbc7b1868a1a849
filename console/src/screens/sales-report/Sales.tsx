import type { SaleLineView, TotalView } from '../../api/schema.gen';
import { t } from '../../i18n';
import { formatBasisPoints, formatCountry, formatInstant, formatMoney, formatNumber } from '../../i18n/format';
import { type Column, DataTable } from '../../ui/DataTable';
import { formatAmount, overExperts } from './amounts';
import { addressOf, type Filters } from './filters';
import { ReportFrame } from './ReportFrame';
import { useSales } from './useReport';

function Person({ id, name, to }: { id: string; name: string | null; to: string }) {
  return (
    <a className="quiet-link" href={to} title={t.sales.filterBy(name ?? id)}>
      <bdi>{name ?? id}</bdi>
    </a>
  );
}

/** B17 to B24. */
function columns(filters: Filters): Column<SaleLineView>[] {
  const words = t.sales;
  const only = (some: Partial<Filters>) => addressOf('sales', { ...filters, ...some });
  return [
    {
      id: 'date',
      title: words.date,
      cell: (row) => (
        <>
          <span className="cell-main">{formatInstant(row.sold_at)}</span>
          <span className="cell-note">
            {words.soldBy[row.sale_type]}
            {row.expert_id && (
              <>
                {' · '}
                <Person id={row.expert_id} name={row.expert_name} to={only({ expert: row.expert_id })} />
              </>
            )}
          </span>
        </>
      ),
    },
    {
      id: 'product',
      title: words.product,
      cell: (row) => (
        <>
          <span className="cell-main">
            <bdi>{row.product_name}</bdi>
          </span>
          <span className="cell-note">{words.productTypes[row.product_type]}</span>
        </>
      ),
    },
    { id: 'quantity', title: words.quantity, isNumber: true, cell: (row) => (row.quantity === null ? '' : formatNumber(row.quantity)) },
    {
      id: 'customer',
      title: words.customer,
      cell: (row) => <Person id={row.customer_id} name={row.customer_name} to={only({ customer: row.customer_id })} />,
    },
    {
      id: 'payment',
      title: words.paymentType,
      cell: (row) => <span className={`badge badge-${row.payment_type}`}>{words.paymentTypes[row.payment_type]}</span>,
    },
    {
      id: 'actual',
      title: words.actual,
      isNumber: true,
      cell: (row) => (
        <>
          <span className="cell-main">{formatAmount(row.actual)}</span>
          {row.cost && <span className="cell-note">{formatMoney(row.cost)}</span>}
        </>
      ),
    },
    { id: 'share', title: words.share, isNumber: true, cell: (row) => (row.expert_id ? formatBasisPoints(row.share_basis_points) : '—') },
    {
      id: 'shared',
      title: words.shared,
      isNumber: true,
      cell: (row) => (
        <>
          <span className="cell-main">{row.expert_id ? formatAmount(row.shared) : '—'}</span>
          {row.shared_cost && <span className="cell-note">{formatMoney(row.shared_cost)}</span>}
        </>
      ),
    },
    { id: 'country', title: words.country, cell: (row) => formatCountry(row.country) },
  ];
}

function expertGroup(totals: readonly TotalView[]) {
  return (row: SaleLineView) => {
    const own = totals.filter((total) => total.expert_id === row.expert_id);
    return {
      id: row.expert_id ?? '',
      heading: (
        <>
          <bdi>{row.expert_name ?? row.expert_id ?? t.sales.noExpert}</bdi>
          {own.map((total) => (
            <span key={`${total.payment_type} ${total.actual.unit}`} className="cell-note">
              {t.sales.paymentTypes[total.payment_type]}: {formatAmount(total.actual)} · {t.sales.sharedOf(formatAmount(total.shared))}
            </span>
          ))}
        </>
      ),
    };
  };
}

function Totals({ totals }: { totals: readonly TotalView[] }) {
  return (
    <section aria-label={t.sales.totals}>
      <ul className="totals">
        {overExperts(totals).map((total) => (
          <li key={`${total.payment_type} ${total.actual.unit}`} className="total">
            <span className="muted">{t.sales.paymentTypes[total.payment_type]}</span>
            <strong>{formatAmount(total.actual)}</strong>
            <span className="muted">
              {t.sales.sold(formatNumber(total.quantity))} · {t.sales.sharedOf(formatAmount(total.shared))}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** B3 to B24. */
export function Sales({ filters }: { filters: Filters }) {
  const report = useSales(filters);
  const pages = report.data?.pages ?? [];
  const rows = pages.flatMap((page) => page.items);
  const totals = pages[0]?.totals ?? [];
  const isTooLong = rows.length > 0 && pages[0]?.totals === null;
  return (
    <ReportFrame report={report} count={rows.length} empty={t.sales.emptyText}>
      {isTooLong ? <p className="muted">{t.sales.totalsTooMany}</p> : <Totals totals={totals} />}
      <DataTable
        label={t.sales.salesTab}
        columns={columns(filters)}
        rows={rows}
        keyOf={(row) => `${row.sale_id} ${rows.indexOf(row)}`}
        groupOf={filters.group === 'expert' ? expertGroup(totals) : undefined}
        isBusy={report.isPlaceholderData}
      />
    </ReportFrame>
  );
}
