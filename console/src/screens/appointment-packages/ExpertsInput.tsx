import { useQuery } from '@tanstack/react-query';
import { experts } from '../../api/queries';
import { t } from '../../i18n';
import { Button } from '../../ui/Button';
import { SearchPicker } from '../../ui/choices';
import { useField } from '../../ui/form';
import { expertIds } from './draft';

/** Who offers the package; nobody chosen means everybody. */
export function ExpertsInput() {
  const { value, error, set } = useField('expert_ids');
  const found = useQuery(experts);
  const chosen = expertIds(value);
  const words = t.appointmentPackages;
  const nameOf = (id: string) => found.data?.find((each) => each.id === id)?.name ?? id;
  const rest = (found.data ?? []).filter(({ id }) => !chosen.includes(id)).map(({ id, name }) => ({ id, name }));
  return (
    <div className="field field-wide">
      <SearchPicker
        key={`${found.dataUpdatedAt} ${value}`}
        label={t.fields.expert_ids}
        placeholder={chosen.length ? words.addExpert : words.everyExpert}
        choices={rest}
        value=""
        onChange={(id) => id && set([...chosen, id].join(' '))}
      />
      {error && <p className="field-error">{error}</p>}
      <p className="hint">{words.expertsHint}</p>
      {chosen.length > 0 && (
        <ul className="chips">
          {chosen.map((id) => (
            <li key={id} className="chip">
              <bdi>{nameOf(id)}</bdi>
              <Button
                look="quiet"
                icon="close"
                aria-label={words.removeExpert(nameOf(id))}
                onPress={() => set(chosen.filter((each) => each !== id).join(' '))}
              />
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
