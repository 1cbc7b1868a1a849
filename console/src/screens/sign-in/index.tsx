import { useState } from 'react';
import { type PasswordWanted, SignInRefused } from '../../auth/cognito';
import { chooseFirstPassword, NotAnAdmin, type Person, signIn } from '../../auth/session';
import { t } from '../../i18n';
import { Button } from '../../ui/Button';
import { PasswordInput, TextInput } from '../../ui/fields';
import { FormView, type Read, useForm } from '../../ui/form';

const platformKey = 'seans.platform';

/** Cognito's refusals in the user's language. */
function refusal(error: unknown): string {
  if (error instanceof NotAnAdmin) return t.signIn.notAdmin;
  const code = error instanceof SignInRefused ? error.code : '';
  const words: Readonly<Record<string, string>> = {
    NotAuthorizedException: t.signIn.wrong,
    UserNotFoundException: t.signIn.wrong,
    TooManyRequestsException: t.signIn.tooMany,
    LimitExceededException: t.signIn.tooMany,
    InvalidPasswordException: t.signIn.weak,
    PasswordResetRequiredException: t.signIn.resetRequired,
    Unreachable: t.signIn.unreachable,
  };
  return words[code] ?? t.signIn.failed;
}

interface SignInFormProps {
  /** Whose login ran out; only he goes on with the open work. */
  person?: Person;
}

/** Platform, e-mail and password; then, the first time, a password of one's own. */
export function SignInForm({ person }: SignInFormProps) {
  const [wanted, setWanted] = useState<PasswordWanted | null>(null);
  return wanted ? <FirstPassword wanted={wanted} /> : <Credentials person={person} onWanted={setWanted} />;
}

/** Runs one step and tells its refusal; the screen changes by itself once somebody is signed in. */
function useStep() {
  const [refused, setRefused] = useState<string | null>(null);
  async function run(step: () => Promise<void>): Promise<void> {
    setRefused(null);
    await step().catch((error: unknown) => setRefused(refusal(error)));
  }
  return { refused, run };
}

function initialPlatform(): string {
  return new URLSearchParams(location.search).get('platform') ?? localStorage.getItem(platformKey) ?? '';
}

type Given = Record<'platform' | 'email' | 'password', string>;

function Credentials({ person, onWanted }: { person: Person | undefined; onWanted: (wanted: PasswordWanted) => void }) {
  const { refused, run } = useStep();
  const form = useForm({
    initial: { platform: person?.platform ?? initialPlatform(), email: person?.email ?? '', password: '' },
    read: (values: Given): Read<Given> => {
      const missing = Object.entries(values).filter(([, value]) => !value.trim());
      if (missing.length) return { errors: Object.fromEntries(missing.map(([name]) => [name, t.common.required])) };
      return { body: values };
    },
    save: ({ platform, email, password }) =>
      run(async () => {
        const answer = await signIn(platform.trim(), email.trim(), password);
        localStorage.setItem(platformKey, platform.trim());
        if (answer) onWanted(answer);
      }),
    onSaved: () => undefined,
  });
  return (
    <FormView form={form} id="sign-in">
      <div role="alert">{refused && <p className="notice">{refused}</p>}</div>
      <TextInput name="platform" label={t.signIn.platform} hint={t.signIn.platformHint} isRequired autoComplete="organization" />
      <TextInput name="email" label={t.signIn.email} kind="email" isRequired autoComplete="username" />
      <PasswordInput name="password" label={t.signIn.password} autoComplete="current-password" />
      <Button look="primary" type="submit" isPending={form.isSaving}>
        {t.signIn.submit}
      </Button>
    </FormView>
  );
}

function FirstPassword({ wanted }: { wanted: PasswordWanted }) {
  const { refused, run } = useStep();
  const form = useForm({
    initial: { password: '', repeated: '' },
    read: ({ password, repeated }): Read<string> => {
      if (!/^(?=.*\p{Ll})(?=.*\d).{10,}$/u.test(password)) return { errors: { password: t.signIn.passwordRule } };
      return password === repeated ? { body: password } : { errors: { repeated: t.signIn.passwordsDiffer } };
    },
    save: (password) => run(() => chooseFirstPassword(wanted, password)),
    onSaved: () => undefined,
  });
  return (
    <FormView form={form} id="first-password">
      <p>
        <strong>{t.signIn.firstTitle}</strong> {t.signIn.firstLead}
      </p>
      <div role="alert">{refused && <p className="notice">{refused}</p>}</div>
      <PasswordInput name="password" label={t.signIn.newPassword} hint={t.signIn.passwordRule} autoComplete="new-password" />
      <PasswordInput name="repeated" label={t.signIn.repeatPassword} autoComplete="new-password" />
      <Button look="primary" type="submit" isPending={form.isSaving}>
        {t.common.save}
      </Button>
    </FormView>
  );
}
