/** Light, dark, or as the device has it. */
import { createStore } from '../lib/store';

export type Theme = 'system' | 'light' | 'dark';

const key = 'seans.theme';

function stored(): Theme {
  const value = localStorage.getItem(key);
  return value === 'light' || value === 'dark' ? value : 'system';
}

export const theme = createStore<Theme>('system');

export function startTheme(): void {
  const show = () => {
    document.documentElement.dataset.theme = theme.get();
  };
  theme.subscribe(show);
  theme.set(stored());
  show();
}

export function chooseTheme(chosen: Theme): void {
  localStorage.setItem(key, chosen);
  theme.set(chosen);
}
