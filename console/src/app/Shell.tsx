import { lazy, Suspense, useEffect, useRef, useState } from 'react';
import { connection } from '../api/call';
import type { Person } from '../auth/session';
import { t } from '../i18n';
import { useRoute } from '../lib/route';
import { Button } from '../ui/Button';
import { Icon } from '../ui/icons';
import { Empty, Skeleton } from '../ui/states';
import { tell } from '../ui/Toaster';
import { Mark } from './Mark';
import { home, screenOf } from './screens';
import { Side } from './Side';

const PhoneMenu = lazy(() => import('./PhoneMenu'));

/** The left menu, and the screen that the address names. */
export function Shell({ person }: { person: Person }) {
  const route = useRoute();
  const path = `/${route.parts.join('/')}`;
  const [isMenuOpen, setMenuOpen] = useState(false);
  useEffect(() => setMenuOpen(false), [path]);
  useEffect(() => {
    if (!route.parts.length) location.replace(`#${home}`);
  }, [route]);
  return (
    <div className="shell">
      <a className="skip" href="#content" onClick={(event) => {
        event.preventDefault();
        document.getElementById('content')?.focus();
      }}>
        {t.shell.skip}
      </a>
      <aside className="side">
        <Side person={person} path={path} />
      </aside>
      <header className="topbar">
        <Button look="quiet" icon="menu" aria-label={t.shell.openMenu} onPress={() => setMenuOpen(true)} />
        <Mark />
      </header>
      {isMenuOpen && (
        <Suspense>
          <PhoneMenu person={person} path={path} onClose={() => setMenuOpen(false)} />
        </Suspense>
      )}
      <main className="content" id="content" tabIndex={-1}>
        <ConnectionBanner />
        <Suspense fallback={<Skeleton />}>
          <Content path={path} />
        </Suspense>
      </main>
    </div>
  );
}

function Content({ path }: { path: string }) {
  const Screen = screenOf(path);
  if (Screen) return <Screen />;
  if (path === '/') return <Skeleton />;
  return (
    <Empty title={t.shell.notFound} text="">
      <a className="button button-plain" href={`#${home}`}>
        {t.shell.home}
      </a>
    </Empty>
  );
}

function ConnectionBanner() {
  const state = connection.use();
  const wasDown = useRef(false);
  useEffect(() => {
    if (state === 'up' && wasDown.current) tell(t.connection.back);
    wasDown.current = state === 'down';
  }, [state]);
  return (
    <div role="status" className="banner-place">
      {state === 'down' && (
        <p className="banner">
          <Icon name="warning" />
          {t.connection.down}
        </p>
      )}
    </div>
  );
}
