import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { customers, experts } from '../../api/queries';
import type { AccountView } from '../../api/schema.gen';
import { t } from '../../i18n';
import { Button } from '../../ui/Button';
import { SearchPicker } from '../../ui/choices';
import { DateRange } from '../../ui/DateRange';
import { Picker } from '../../ui/Picker';
import { type Filters, groups, lastDays, saleTypes, shows, type Tab, zone } from './filters';

interface FilterBarProps {
  tab: Tab;
  filters: Filters;
  rangeError: string | undefined;
  onSend: (filters: Filters) => void;
}

const presets = { today: 1, week: 7, month: 30, year: 365 } as const;

function choices<T extends string>(ids: readonly T[], names: Readonly<Record<T, string>>) {
  return ids.map((id) => ({ id, name: names[id] }));
}

/** Somebody whom the address names is a choice even where he is not among those that were read. */
function people(found: AccountView[] | undefined, chosen: string) {
  const known = (found ?? []).map(({ id, name }) => ({ id, name }));
  return !chosen || known.some(({ id }) => id === chosen) ? known : [...known, { id: chosen, name: chosen }];
}

/** What is chosen here counts once it is sent (B16). */
export function FilterBar({ tab, filters, rangeError, onSend }: FilterBarProps) {
  const [chosen, setChosen] = useState(filters);
  const everyExpert = useQuery(experts);
  const everyCustomer = useQuery(customers);
  const change = (some: Partial<Filters>) => setChosen((before) => ({ ...before, ...some }));
  return (
    <form
      className="filters"
      aria-label={t.sales.filters}
      onSubmit={(event) => {
        event.preventDefault();
        onSend(chosen);
      }}
    >
      <div className="filter-range">
        <DateRange label={t.sales.dateRange} value={chosen} error={rangeError} onChange={change} />
        <p className="presets">
          {(Object.keys(presets) as (keyof typeof presets)[]).map((name) => (
            <button key={name} type="button" onClick={() => change(lastDays(presets[name]))}>
              {t.sales.presets[name]}
            </button>
          ))}
          <span className="hint" dir="ltr">
            {zone()}
          </span>
        </p>
      </div>
      <Picker label={t.sales.show} choices={choices(shows, t.sales.shows)} value={chosen.show} onChange={(show) => change({ show: show as Filters['show'] })} />
      <SearchPicker
        key={`customers ${everyCustomer.dataUpdatedAt}`}
        label={t.sales.user}
        placeholder={t.sales.everyone}
        choices={people(everyCustomer.data, chosen.customer)}
        value={chosen.customer}
        onChange={(customer) => change({ customer })}
      />
      {tab === 'sales' && (
        <>
          <SearchPicker
            key={`experts ${everyExpert.dataUpdatedAt}`}
            label={t.sales.expert}
            placeholder={t.sales.everyone}
            choices={people(everyExpert.data, chosen.expert)}
            value={chosen.expert}
            onChange={(expert) => change({ expert })}
          />
          <Picker label={t.sales.saleType} choices={choices(saleTypes, t.sales.saleTypes)} value={chosen.saleType} onChange={(type) => change({ saleType: type as Filters['saleType'] })} />
          <Picker label={t.sales.group} choices={choices(groups, t.sales.groups)} value={chosen.group} onChange={(group) => change({ group: group as Filters['group'] })} />
        </>
      )}
      <Button look="primary" type="submit">
        {t.sales.submit}
      </Button>
    </form>
  );
}
