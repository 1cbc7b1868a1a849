/** Where one is: `#/reports/sales?show=packages`. Behind the hash, so that any file server can serve the console. */
import { useMemo, useSyncExternalStore } from 'react';

export interface Route {
  parts: string[];
  query: URLSearchParams;
}

export function parseRoute(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#/, '').split('?', 2);
  return { parts: path.split('/').filter(Boolean), query: new URLSearchParams(query) };
}

/** An address without what is empty: `address('/reports/sales', { show: 'all', user: '' })`. */
export function address(path: string, query: Record<string, string | null | undefined> = {}): string {
  const given = Object.entries(query).filter((pair): pair is [string, string] => Boolean(pair[1]));
  const search = new URLSearchParams(given).toString();
  return `#${path}${search ? `?${search}` : ''}`;
}

export function navigate(to: string, { replace = false } = {}): void {
  if (!replace) location.hash = to;
  else {
    history.replaceState(null, '', to);
    dispatchEvent(new HashChangeEvent('hashchange'));
  }
}

function subscribe(listener: () => void): () => void {
  addEventListener('hashchange', listener);
  return () => removeEventListener('hashchange', listener);
}

export function useRoute(): Route {
  const hash = useSyncExternalStore(subscribe, () => location.hash);
  return useMemo(() => parseRoute(hash), [hash]);
}
