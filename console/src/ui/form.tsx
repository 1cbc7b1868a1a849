/** The console's one form: what is typed, what is wrong with it, and how it is saved. */
import { createContext, type ReactNode, type RefObject, useContext, useEffect, useRef, useState } from 'react';
import { fieldMessages, messageOf, Refused, Unreachable } from '../api/problems';
import { t } from '../i18n';

/** Everything stands as it was typed; `read` makes the body of it. */
export type Values = Record<string, string>;
export type Errors = Readonly<Record<string, string>>;
export type Read<Body> = { body: Body } | { errors: Errors };

interface FormOptions<V extends Values, Body, Answer> {
  initial: V;
  read: (values: V) => Read<Body>;
  /** `key` is the same for each try of the same body whose outcome is not known. */
  save: (body: Body, key: string) => Promise<Answer>;
  onSaved: (answer: Answer) => void;
  /** Called for a 412: brings what is stored now, as the form would show it. */
  readStored?: () => Promise<V>;
  /** Where the API's path of a field is not the form's: `{ 'price.amount': 'price' }`. */
  aliases?: Readonly<Record<string, string>>;
}

export interface Form<V extends Values = Values> {
  values: V;
  errors: Errors;
  stored: V | null;
  notice: string | null;
  isDirty: boolean;
  isSaving: boolean;
  element: RefObject<HTMLFormElement | null>;
  set: (name: keyof V & string, value: string) => void;
  submit: () => Promise<void>;
}

function aliased(errors: Errors, aliases: Readonly<Record<string, string>>): Errors {
  return Object.fromEntries(Object.entries(errors).map(([path, message]) => [aliases[path] ?? path, message]));
}

/** The key of a body whose outcome is not known is used again, so that nothing is done twice. */
function useKeys() {
  const last = useRef<{ text: string; key: string } | null>(null);
  return {
    keyFor: (body: unknown) => {
      const text = JSON.stringify(body);
      if (last.current?.text !== text) last.current = { text, key: crypto.randomUUID() };
      return last.current.key;
    },
    forget: () => {
      last.current = null;
    },
  };
}

export function useForm<V extends Values, Body, Answer>(options: FormOptions<V, Body, Answer>): Form<V> {
  const { initial, read, save, onSaved, readStored, aliases = {} } = options;
  const [values, setValues] = useState(initial);
  const [errors, setErrors] = useState<Errors>({});
  const [stored, setStored] = useState<V | null>(null);
  const [notice, setNotice] = useState<string | null>(null);
  const [isSaving, setSaving] = useState(false);
  const [attempts, setAttempts] = useState(0);
  const element = useRef<HTMLFormElement>(null);
  const keys = useKeys();

  useEffect(() => {
    if (attempts) element.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [attempts]);

  function refuse(found: Errors, message: string): void {
    setErrors(found);
    setNotice(message);
    setAttempts((count) => count + 1);
  }

  async function failed(error: unknown): Promise<void> {
    if (!(error instanceof Unreachable)) keys.forget();
    if (error instanceof Refused && error.status === 412 && readStored) {
      setStored(await readStored());
      return refuse({}, t.packages.changedMeanwhile);
    }
    const found = aliased(fieldMessages(error), aliases);
    const isShown = Object.keys(found).some((name) => name in values);
    refuse(found, isShown ? t.problems.look : messageOf(error));
  }

  async function submit(): Promise<void> {
    if (isSaving) return;
    const given = read(values);
    if ('errors' in given) return refuse(given.errors, t.problems.look);
    setSaving(true);
    setNotice(null);
    setErrors({});
    try {
      const answer = await save(given.body, keys.keyFor(given.body));
      keys.forget();
      onSaved(answer);
    } catch (error) {
      await failed(error).catch((another) => refuse({}, messageOf(another)));
    } finally {
      setSaving(false);
    }
  }

  return {
    values,
    errors,
    stored,
    notice,
    isSaving,
    element,
    isDirty: Object.keys(values).some((name) => values[name] !== initial[name]),
    set: (name, value) => {
      setValues((before) => ({ ...before, [name]: value }));
      setErrors(({ [name]: _, ...others }) => others);
    },
    submit,
  };
}

const FormContext = createContext<Form | null>(null);

/** What a field of that name needs from the form round it. */
export function useField(name: string) {
  const form = useContext(FormContext);
  if (!form) throw new Error(`the field ${name} stands in no form`);
  const stored = form.stored?.[name];
  return {
    value: form.values[name] ?? '',
    error: form.errors[name],
    stored: stored !== undefined && stored !== form.values[name] ? stored : undefined,
    set: (value: string) => form.set(name, value),
  };
}

interface FormViewProps<V extends Values> {
  form: Form<V>;
  id: string;
  children: ReactNode;
}

export function FormView<V extends Values>({ form, id, children }: FormViewProps<V>) {
  return (
    <FormContext value={form as unknown as Form}>
      <form
        id={id}
        className="form"
        ref={form.element}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void form.submit();
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) void form.submit();
        }}
      >
        <div role="alert">{form.notice && <p className="notice">{form.notice}</p>}</div>
        {children}
      </form>
    </FormContext>
  );
}
