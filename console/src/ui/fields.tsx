/** The fields of a form: a label, the rule beside it, what was typed, and what is wrong with it. */
import { type ReactNode, useState } from 'react';
import { Button as AriaButton } from 'react-aria-components/Button';
import { Group } from 'react-aria-components/Group';
import { FieldError, Input, Label, TextArea, TextField } from 'react-aria-components/TextField';
import { Text } from 'react-aria-components/Text';
import { t } from '../i18n';
import { useField } from './form';
import { Icon } from './icons';

export interface FieldProps {
  name: string;
  label: string;
  hint?: string;
  isRequired?: boolean;
}

interface RulesProps {
  hint: string | undefined;
  error: string | undefined;
  stored?: string | undefined;
}

export function FieldLabel({ label, isOptional }: { label: string; isOptional: boolean }) {
  return (
    <Label className="label">
      {label}
      {isOptional && <span className="label-note"> ({t.common.optional})</span>}
    </Label>
  );
}

/** Below a field: the refusal, what is stored now where that differs, and the rule. */
export function FieldRules({ hint, error, stored }: RulesProps) {
  return (
    <>
      <FieldError className="field-error">{error}</FieldError>
      {(hint || stored) && (
        <Text slot="description" className="hint">
          {stored !== undefined && <strong className="hint-stored">{t.packages.storedNow(stored || '—')} </strong>}
          {hint}
        </Text>
      )}
    </>
  );
}

interface TextInputProps extends FieldProps {
  kind?: 'text' | 'whole' | 'amount' | 'email';
  /** A unit behind the number, such as a currency. */
  unit?: string;
  autoComplete?: string;
  maxLength?: number;
}

/** One line of text. Numbers are text too, so that digits of any script can be typed. */
export function TextInput({ name, label, hint, isRequired = false, kind = 'text', unit, ...rest }: TextInputProps) {
  const { value, error, stored, set } = useField(name);
  const inputMode = { text: 'text', whole: 'numeric', amount: 'decimal', email: 'email' }[kind] as 'text';
  return (
    <TextField
      className="field"
      value={value}
      onChange={set}
      name={name}
      isInvalid={Boolean(error)}
      isRequired={isRequired}
      {...(kind === 'email' ? { type: 'email' } : {})}
      {...rest}
    >
      <FieldLabel label={label} isOptional={!isRequired} />
      <Group className="input-group">
        <Input className="input" inputMode={inputMode} />
        {unit && <span className="input-unit">{unit}</span>}
      </Group>
      <FieldRules hint={hint} error={error} stored={stored} />
    </TextField>
  );
}

export function TextAreaInput({ name, label, hint, isRequired = false, maxLength }: FieldProps & { maxLength: number }) {
  const { value, error, stored, set } = useField(name);
  return (
    <TextField
      className="field field-wide"
      value={value}
      onChange={set}
      name={name}
      isInvalid={Boolean(error)}
      maxLength={maxLength}
    >
      <FieldLabel label={label} isOptional={!isRequired} />
      <TextArea className="input input-area" rows={3} />
      <FieldRules hint={hint} error={error} stored={stored} />
    </TextField>
  );
}

export function PasswordInput({ name, label, hint, autoComplete }: FieldProps & { autoComplete: string }) {
  const { value, error, set } = useField(name);
  const [isShown, setShown] = useState(false);
  return (
    <TextField
      className="field"
      type={isShown ? 'text' : 'password'}
      value={value}
      onChange={set}
      name={name}
      isInvalid={Boolean(error)}
      isRequired
      autoComplete={autoComplete}
    >
      <Label className="label">{label}</Label>
      <Group className="input-group">
        <Input className="input" dir="ltr" />
        <AriaButton
          className="input-button"
          aria-label={isShown ? t.signIn.hidePassword : t.signIn.showPassword}
          onPress={() => setShown(!isShown)}
        >
          <Icon name="eye" />
        </AriaButton>
      </Group>
      <FieldRules hint={hint} error={error} />
    </TextField>
  );
}

/** Fields that belong together, under one heading. */
export function FieldSet({ title, note, children }: { title: string; note?: string; children: ReactNode }) {
  return (
    <fieldset className="fieldset">
      <legend>{title}</legend>
      {note && <p className="hint">{note}</p>}
      <div className="fieldset-grid">{children}</div>
    </fieldset>
  );
}
