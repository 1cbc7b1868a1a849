import { getLocalTimeZone, parseDate } from '@internationalized/date';
import { type RefObject, useContext } from 'react';
import { Button as AriaButton } from 'react-aria-components/Button';
import {
  CalendarCell,
  CalendarGrid,
  CalendarGridBody,
  CalendarGridHeader,
  CalendarHeaderCell,
} from 'react-aria-components/Calendar';
import { Dialog } from 'react-aria-components/Dialog';
import { Popover } from 'react-aria-components/Popover';
import { RangeCalendar, RangeCalendarStateContext } from 'react-aria-components/RangeCalendar';
import { formatMonth } from '../i18n/format';
import { type Days, written } from './days';
import { Icon } from './icons';

interface RangeDaysProps {
  label: string;
  trigger: RefObject<HTMLElement | null>;
  value: Days;
  onChange: (days: Days) => void;
  onClose: () => void;
}

/** The month from which a range is chosen; it closes when both its ends are. */
export default function RangeDays({ label, trigger, value, onChange, onClose }: RangeDaysProps) {
  return (
    <Popover
      className="popover"
      placement="bottom end"
      triggerRef={trigger}
      isOpen
      onOpenChange={(isOpen) => !isOpen && onClose()}
    >
      <Dialog className="calendar-dialog" aria-label={label}>
        <RangeCalendar
          className="calendar"
          aria-label={label}
          autoFocus
          value={{ start: parseDate(value.from), end: parseDate(value.to) }}
          onChange={({ start, end }) => {
            onChange({ from: written(start), to: written(end) });
            onClose();
          }}
        >
          <header className="calendar-head">
            <AriaButton slot="previous" className="button button-quiet button-icon calendar-previous">
              <Icon name="chevron" />
            </AriaButton>
            <Month />
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
  );
}

/** React Aria puts the Jalali year before its month; it tells screen readers the range by itself. */
function Month() {
  const state = useContext(RangeCalendarStateContext);
  if (!state) return null;
  return (
    <h2 aria-hidden="true">{formatMonth(state.visibleRange.start.toDate(getLocalTimeZone()))}</h2>
  );
}
