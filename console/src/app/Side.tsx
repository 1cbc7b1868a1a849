import { useQuery } from '@tanstack/react-query';
import { platform } from '../api/queries';
import { type Person, signOut } from '../auth/session';
import { t } from '../i18n';
import { Button } from '../ui/Button';
import { Icon } from '../ui/icons';
import { Mark } from './Mark';
import { Preferences } from './Preferences';
import { menu } from './screens';

/** The left menu: the platform, where one can go, and who is signed in. */
export function Side({ person, path }: { person: Person; path: string }) {
  const found = useQuery(platform(person.platform));
  return (
    <div className="side-inner">
      <Mark />
      <p className="side-platform">
        <bdi>{found.data?.name ?? person.platform}</bdi>
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
            <strong><bdi>{person.name}</bdi></strong>
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
