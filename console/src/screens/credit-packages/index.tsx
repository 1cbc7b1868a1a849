/** A6 to A18: Settings → Credit Packages. */
import { lazy } from 'react';
import { creditPackages } from '../../api/queries';
import type { CreditPackageView } from '../../api/schema.gen';
import { t } from '../../i18n';
import { formatCountry, formatMoney, formatNumber } from '../../i18n/format';
import { PackagesView } from '../../packages/PackagesView';

const CreditPackageEditor = lazy(() => import('./CreditPackageEditor'));

export default function CreditPackages() {
  return (
    <PackagesView
      kind="credit"
      path="/settings/credit-packages"
      query={creditPackages}
      words={t.creditPackages}
      nameOf={(each) => each.name}
      renderRow={(each) => <Row credit={each} />}
      renderEditor={(props) => <CreditPackageEditor {...props} />}
    />
  );
}

function Row({ credit }: { credit: CreditPackageView }) {
  return (
    <>
      <span className="row-place">{formatNumber(credit.listing_order)}</span>
      <div className="row-main">
        <strong><bdi>{credit.name}</bdi></strong>
        <span className="muted row-info">
          <bdi>{credit.short_info}</bdi>
        </span>
      </div>
      <span className="row-fact row-country">{formatCountry(credit.country)}</span>
      <span className="row-fact">{t.creditPackages.credits(formatNumber(credit.credits))}</span>
      <span className="row-fact row-price">{formatMoney(credit.price)}</span>
    </>
  );
}
