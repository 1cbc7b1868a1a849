/** A range of days, in the calendar and the digits of the language: Jalali in Persian. */
import { parseDate } from '@internationalized/date';
import { lazy, Suspense, useId, useRef, useState } from 'react';
import { Button as AriaButton } from 'react-aria-components/Button';
import { DateField, DateInput, DateSegment } from 'react-aria-components/DateField';
import { t } from '../i18n';
import { type Days, written } from './days';
import { Icon } from './icons';

const RangeDays = lazy(() => import('./RangeDays'));

interface DateRangeProps {
  label: string;
  value: Days;
  error?: string | undefined;
  onChange: (days: Days) => void;
}

/** Typed day by day, or chosen from the calendar, which comes when it is first opened. */
export function DateRange({ label, value, error, onChange }: DateRangeProps) {
  const [isOpen, setOpen] = useState(false);
  const group = useRef<HTMLDivElement>(null);
  const id = useId();
  return (
    <div className="field" role="group" aria-labelledby={id}>
      <span className="label" id={id}>
        {label}
      </span>
      <div className="input date-group" ref={group} data-invalid={error ? true : undefined}>
        <Day label={t.sales.firstDay} value={value.from} error={error} onChange={(from) => onChange({ ...value, from })} />
        <span aria-hidden="true">–</span>
        <Day label={t.sales.lastDay} value={value.to} error={error} onChange={(to) => onChange({ ...value, to })} />
        <AriaButton
          className="date-button"
          aria-label={t.sales.calendar}
          aria-haspopup="dialog"
          aria-expanded={isOpen}
          onPress={() => setOpen(true)}
        >
          <Icon name="calendar" />
        </AriaButton>
      </div>
      <p className="field-error" role="alert">
        {error}
      </p>
      {isOpen && (
        <Suspense>
          <RangeDays label={label} trigger={group} value={value} onChange={onChange} onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </div>
  );
}

interface DayProps {
  label: string;
  value: string;
  error: string | undefined;
  onChange: (day: string) => void;
}

function Day({ label, value, error, onChange }: DayProps) {
  return (
    <DateField
      aria-label={label}
      value={parseDate(value)}
      isInvalid={Boolean(error)}
      onChange={(date) => date && onChange(written(date))}
    >
      <DateInput className="date-input">
        {(segment) => <DateSegment segment={segment} className="date-segment" />}
      </DateInput>
    </DateField>
  );
}
