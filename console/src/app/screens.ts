/** Which screen stands at which address, and where the menu leads. */
import { type ComponentType, lazy, type LazyExoticComponent } from 'react';
import type { Dictionary } from '../i18n';
import type { IconName } from '../ui/icons';

type Screen = LazyExoticComponent<ComponentType>;
type Word = Exclude<keyof Dictionary['shell'], never>;

export interface MenuItem {
  path: string;
  word: Word;
  icon: IconName;
}

export interface MenuGroup {
  word: Word;
  items: MenuItem[];
}

export const home = '/settings/credit-packages';

const salesReport = lazy(() => import('../screens/sales-report'));

/** By the beginning of the address; what follows it is the screen's own. */
export const screens: Record<string, Screen> = {
  '/settings/credit-packages': lazy(() => import('../screens/credit-packages')),
  '/services/appointments/packages': lazy(() => import('../screens/appointment-packages')),
  '/reports/sales': salesReport,
  '/reports/failed-payments': salesReport,
};

export const menu: MenuGroup[] = [
  { word: 'settings', items: [{ path: home, word: 'creditPackages', icon: 'coins' }] },
  { word: 'services', items: [{ path: '/services/appointments/packages', word: 'appointments', icon: 'calendar' }] },
  { word: 'reports', items: [{ path: '/reports/sales', word: 'sales', icon: 'report' }] },
];

export function screenOf(path: string): Screen | undefined {
  const base = Object.keys(screens).find((each) => path === each || path.startsWith(`${each}/`));
  return base ? screens[base] : undefined;
}
