import type { Person } from '../auth/session';
import { t } from '../i18n';
import { SignInForm } from '../screens/sign-in';
import { Dialog } from '../ui/Dialog';

/** Over the work that it keeps: what waits for a login goes on once there is one. */
export default function ExpiredLogin({ person }: { person: Person }) {
  return (
    <Dialog title={t.signIn.title}>
      <p className="muted">{t.signIn.expired}</p>
      <SignInForm person={person} />
    </Dialog>
  );
}
