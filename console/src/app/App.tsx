import { QueryClientProvider } from '@tanstack/react-query';
import { lazy, Suspense, useEffect, useState } from 'react';
import { I18nProvider } from 'react-aria-components/I18nProvider';
import { createQueryClient } from '../api/queries';
import { session } from '../auth/session';
import { locale, t } from '../i18n';
import { SignInForm } from '../screens/sign-in';
import { Skeleton } from '../ui/states';
import { Toaster } from '../ui/Toaster';
import { Mark } from './Mark';
import { Preferences } from './Preferences';

const Shell = lazy(async () => ({ default: (await import('./Shell')).Shell }));
const ExpiredLogin = lazy(() => import('./ExpiredLogin'));

export function App() {
  const [client] = useState(createQueryClient);
  return (
    <I18nProvider locale={locale}>
      <QueryClientProvider client={client}>
        <Session onSignedOut={() => client.clear()} />
        <Toaster />
      </QueryClientProvider>
    </I18nProvider>
  );
}

function Session({ onSignedOut }: { onSignedOut: () => void }) {
  const state = session.use();
  useEffect(() => {
    if (state.kind === 'signed-out') onSignedOut();
  }, [state]);
  if (state.kind === 'starting') return <Skeleton />;
  if (state.kind === 'signed-out') return <SignInPage />;
  return (
    <Suspense fallback={<Skeleton />}>
      <Shell person={state.person} />
      {state.kind === 'expired' && <ExpiredLogin person={state.person} />}
    </Suspense>
  );
}

function SignInPage() {
  return (
    <main className="sign-in">
      <div className="sign-in-card">
        <Mark />
        <header>
          <h1>{t.signIn.title}</h1>
          <p className="muted">{t.signIn.lead}</p>
        </header>
        <SignInForm />
      </div>
      <Preferences />
    </main>
  );
}
