import { useId } from 'react';
import { Icon } from './icons';

export interface Choice {
  id: string;
  name: string;
  hint?: string;
}

export interface PickerProps {
  label: string;
  choices: Choice[];
  value: string;
  onChange: (value: string) => void;
}

/** One of a few: the browser's own list, which phones show in their own way. */
export function Picker({ label, choices, value, onChange }: PickerProps) {
  const id = useId();
  return (
    <div className="field">
      <label className="label" htmlFor={id}>
        {label}
      </label>
      <div className="input-group">
        <select id={id} className="input select" value={value} onChange={(event) => onChange(event.target.value)}>
          {choices.map((choice) => (
            <option key={choice.id} value={choice.id}>
              {choice.name}
            </option>
          ))}
        </select>
        <Icon name="chevron" />
      </div>
    </div>
  );
}
