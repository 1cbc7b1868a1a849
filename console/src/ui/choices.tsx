/** Fields that choose one of several. */
import type { Key } from 'react-aria-components';
import { Button as AriaButton } from 'react-aria-components/Button';
import { ComboBox } from 'react-aria-components/ComboBox';
import { Group } from 'react-aria-components/Group';
import { ListBox, ListBoxItem } from 'react-aria-components/ListBox';
import { Popover } from 'react-aria-components/Popover';
import { Radio, RadioGroup } from 'react-aria-components/RadioGroup';
import { Input, Label } from 'react-aria-components/TextField';
import { FieldLabel, type FieldProps, FieldRules } from './fields';
import { useField } from './form';
import { Icon } from './icons';
import type { Choice, PickerProps } from './Picker';

/** Those that fit what was typed; they come from the `ComboBox` round it. */
function Choices() {
  return (
    <Popover className="popover">
      <ListBox className="listbox">
        {(choice: Choice) => (
          <ListBoxItem id={choice.id} textValue={choice.name} className="listbox-item">
            <bdi>{choice.name}</bdi>
            <Icon name="check" />
          </ListBoxItem>
        )}
      </ListBox>
    </Popover>
  );
}

interface SearchPickerProps extends PickerProps {
  placeholder?: string;
}

/** One of many, found by typing. An empty text is no choice. */
export function SearchPicker({ label, choices, value, onChange, placeholder = '' }: SearchPickerProps) {
  return (
    <ComboBox
      className="field"
      defaultItems={choices}
      value={value || null}
      onChange={(key: Key | null) => onChange(key === null ? '' : String(key))}
      menuTrigger="focus"
    >
      <Label className="label">{label}</Label>
      <Group className="input-group">
        <Input className="input" placeholder={placeholder} />
        <AriaButton className="input-button">
          <Icon name="chevron" />
        </AriaButton>
      </Group>
      <Choices />
    </ComboBox>
  );
}

/** One of many in a form. */
export function SearchInput({ name, label, hint, choices, onChosen }: FieldProps & {
  choices: Choice[];
  onChosen?: (value: string) => void;
}) {
  const { value, error, stored, set } = useField(name);
  const storedName = stored === undefined ? undefined : (choices.find((each) => each.id === stored)?.name ?? stored);
  return (
    <ComboBox
      className="field"
      defaultItems={choices}
      value={value || null}
      onChange={(key: Key | null) => {
        set(key === null ? '' : String(key));
        if (key !== null) onChosen?.(String(key));
      }}
      menuTrigger="focus"
      isInvalid={Boolean(error)}
      isRequired
      validationBehavior="aria"
    >
      <FieldLabel label={label} isOptional={false} />
      <Group className="input-group">
        <Input className="input" />
        <AriaButton className="input-button">
          <Icon name="chevron" />
        </AriaButton>
      </Group>
      <FieldRules hint={hint} error={error} stored={storedName} />
      <Choices />
    </ComboBox>
  );
}

/** One of two or three, each with what it means. */
export function RadioInput({ name, label, hint, choices }: FieldProps & { choices: Choice[] }) {
  const { value, error, stored, set } = useField(name);
  const storedName = stored === undefined ? undefined : (choices.find((each) => each.id === stored)?.name ?? stored);
  return (
    <RadioGroup className="field field-wide" value={value || null} onChange={set} isInvalid={Boolean(error)}>
      <Label className="label">{label}</Label>
      <FieldRules hint={hint} error={error} stored={storedName} />
      <div className="radios">
        {choices.map((choice) => (
          <Radio key={choice.id} value={choice.id} className="radio">
            <span className="radio-dot" aria-hidden="true" />
            <span className="radio-text">
              <span className="radio-name">{choice.name}</span>
              {choice.hint && <span className="hint">{choice.hint}</span>}
            </span>
          </Radio>
        ))}
      </div>
    </RadioGroup>
  );
}
