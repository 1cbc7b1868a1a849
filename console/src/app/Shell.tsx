import { useQuery } from '@tanstack/react-query';
import { Suspense, useEffect, useState } from 'react';
import { connection } from '../api/call';
import { platform } from '../api/queries';
import { type Person, signOut } from '../auth/session';
import { t } from '../i18n';
import { useRoute } from '../lib/route';
import { Button } from '../ui/Button';
import { Dialog } from '../ui/Dialog';
import { Icon } from '../ui/icons';
import { Empty, Skeleton } from '../ui/states';
import { Mark } from './Mark';
import { Preferences } from './Preferences';
import { home, menu, screenOf } from './screens';

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
        <Dialog title={t.shell.menu} look="menu" onClose={() => setMenuOpen(false)}>
          <Side person={person} path={path} />
        </Dialog>
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

function Side({ person, path }: { person: Person; path: string }) {
  const found = useQuery(platform(person.platform));
  return (
    <div className="side-inner">
      <Mark />
      <p className="side-platform">
        <span dir="auto">{found.data?.name ?? person.platform}</span>
        {found.data?.sandbox && <span className="badge badge-changed">{t.shell.sandbox}</span>}
      </p>
      <nav className="menu" aria-label={t.shell.menu}>
        {menu.map((group) => (
          <section key={group.word}>
            <h2>{t.shell[group.word]}</h2>
            <ul>
              {group.items.map((item) => (
                <li key={item.path}>
                  <a href={`#${item.path}`} aria-current={isWithin(path, item.path) ? 'page' : undefined}>
                    <Icon name={item.icon} />
                    {t.shell[item.word]}
                  </a>
                </li>
              ))}
            </ul>
          </section>
        ))}
      </nav>
      <div className="side-foot">
        <Preferences />
        <div className="side-person">
          <Icon name="user" />
          <span className="side-person-name">
            <strong dir="auto">{person.name}</strong>
            <span className="muted" dir="ltr">
              {person.email}
            </span>
          </span>
          <Button look="quiet" icon="signOut" aria-label={t.shell.signOut} onPress={() => void signOut()} />
        </div>
      </div>
    </div>
  );
}

/** The report's two tabs are one item of the menu. */
function isWithin(path: string, item: string): boolean {
  const section = item === '/reports/sales' ? '/reports' : item;
  return path === section || path.startsWith(`${section}/`);
}

function ConnectionBanner() {
  const state = connection.use();
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
