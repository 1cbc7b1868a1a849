/** A range of days, in the calendar and the digits of the language: Jalali in Persian. */
import { type CalendarDate, GregorianCalendar, parseDate, toCalendar } from '@internationalized/date';
import { Button as AriaButton } from 'react-aria-components/Button';
import { CalendarCell, CalendarGrid, CalendarGridBody, CalendarGridHeader, CalendarHeaderCell } from 'react-aria-components/Calendar';
import { DateInput, DateSegment } from 'react-aria-components/DateField';
import { DateRangePicker } from 'react-aria-components/DateRangePicker';
import { Dialog, Heading } from 'react-aria-components/Dialog';
import { Group } from 'react-aria-components/Group';
import { Popover } from 'react-aria-components/Popover';
import { RangeCalendar } from 'react-aria-components/RangeCalendar';
import { FieldError, Label } from 'react-aria-components/TextField';
import { Icon } from './icons';

/** Both days are in it; written as `2026-11-22` whatever the calendar. */
export interface Days {
  from: string;
  to: string;
}

interface DateRangeProps {
  label: string;
  value: Days;
  error?: string | undefined;
  onChange: (days: Days) => void;
}

function written(date: CalendarDate): string {
  return toCalendar(date, new GregorianCalendar()).toString();
}

export function DateRange({ label, value, error, onChange }: DateRangeProps) {
  return (
    <DateRangePicker
      className="field date-range"
      value={{ start: parseDate(value.from), end: parseDate(value.to) }}
      isInvalid={Boolean(error)}
      onChange={(range) => range && onChange({ from: written(range.start), to: written(range.end) })}
    >
      <Label className="label">{label}</Label>
      <Group className="input date-group">
        <DateInput slot="start" className="date-input">
          {(segment) => <DateSegment segment={segment} className="date-segment" />}
        </DateInput>
        <span aria-hidden="true">–</span>
        <DateInput slot="end" className="date-input">
          {(segment) => <DateSegment segment={segment} className="date-segment" />}
        </DateInput>
        <AriaButton className="date-button">
          <Icon name="calendar" />
        </AriaButton>
      </Group>
      <FieldError className="field-error">{error}</FieldError>
      <Popover className="popover">
        <Dialog className="calendar-dialog">
          <RangeCalendar className="calendar">
            <header className="calendar-head">
              <AriaButton slot="previous" className="button button-quiet button-icon calendar-previous">
                <Icon name="chevron" />
              </AriaButton>
              <Heading />
              <AriaButton slot="next" className="button button-quiet button-icon calendar-next">
                <Icon name="chevron" />
              </AriaButton>
            </header>
            <CalendarGrid>
              <CalendarGridHeader>{(day) => <CalendarHeaderCell>{day}</CalendarHeaderCell>}</CalendarGridHeader>
              <CalendarGridBody>{(date) => <CalendarCell date={date} className="calendar-cell" />}</CalendarGridBody>
            </CalendarGrid>
          </RangeCalendar>
        </Dialog>
      </Popover>
    </DateRangePicker>
  );
}
