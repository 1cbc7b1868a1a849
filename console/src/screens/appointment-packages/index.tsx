/** E2 to E31: Services → Appointments → Packages. */
import { lazy } from 'react';
import { appointmentPackages } from '../../api/queries';
import type { AppointmentPackageView } from '../../api/schema.gen';
import { t } from '../../i18n';
import { formatCountry, formatMoney, formatNumber } from '../../i18n/format';
import { PackagesView } from '../../packages/PackagesView';

const AppointmentPackageEditor = lazy(() => import('./AppointmentPackageEditor'));
const path = '/services/appointments/packages';

export default function AppointmentPackages() {
  const tabs = (
    <nav className="tabs" aria-label={t.appointmentPackages.title}>
      <a href={`#${path}`} aria-current="page">
        {t.appointmentPackages.tab}
      </a>
    </nav>
  );
  return (
    <PackagesView
      kind="appointment"
      path={path}
      query={appointmentPackages}
      words={t.appointmentPackages}
      nameOf={(each) => each.title}
      tabs={tabs}
      renderRow={(each) => <Row appointment={each} />}
      renderEditor={(props) => <AppointmentPackageEditor {...props} />}
    />
  );
}

function Row({ appointment }: { appointment: AppointmentPackageView }) {
  const { appointment_type: type, service, duration_minutes: duration, break_minutes: pause } = appointment;
  const words = t.appointmentPackages;
  const place = service ? t.choices.service[service] : t.choices.appointment_type[type];
  const minutes = words.minutes(pause ? `${formatNumber(duration)} + ${formatNumber(pause)}` : formatNumber(duration));
  return (
    <>
      <span className="row-place">{formatNumber(appointment.listing_order)}</span>
      <div className="row-main">
        <strong><bdi>{appointment.title}</bdi></strong>
        <span className="muted row-info">
          {place} · {minutes} · {words.sessions(formatNumber(appointment.sessions))}
        </span>
      </div>
      <span className="row-fact row-country">{formatCountry(appointment.country)}</span>
      <span className="row-fact">
        {appointment.credits === null ? '' : t.creditPackages.credits(formatNumber(appointment.credits))}
      </span>
      <span className="row-fact row-price">{appointment.fee ? formatMoney(appointment.fee) : ''}</span>
    </>
  );
}
