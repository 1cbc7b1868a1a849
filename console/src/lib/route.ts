/** Where one is: `#/reports/sales?show=packages`. Behind the hash, so that any file server can serve the console. */
import { useEffect, useEffectEvent, useMemo, useSyncExternalStore } from 'react';

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

/** What must be asked before the address at which it was set is left. */
let guard: { hash: string; ask: () => void } | null = null;

export function navigate(to: string, { replace = false } = {}): void {
  guard = null;
  if (!replace) location.hash = to;
  else {
    history.replaceState(null, '', to);
    dispatchEvent(new HashChangeEvent('hashchange'));
  }
}

/** Back, or another address typed in, would drop what stands on the page: stay there, and ask. */
function isHeldBack(): boolean {
  if (!guard || guard.hash === location.hash) return false;
  history.pushState(null, '', guard.hash);
  guard.ask();
  return true;
}

function subscribe(listener: () => void): () => void {
  const heard = () => isHeldBack() || listener();
  addEventListener('hashchange', heard);
  return () => removeEventListener('hashchange', heard);
}

/** While `isOn`, `ask` is called in the place of leaving; `navigate` leaves without asking. */
export function useGuard(isOn: boolean, ask: () => void): void {
  const onLeave = useEffectEvent(ask);
  useEffect(() => {
    if (!isOn) return;
    guard = { hash: location.hash, ask: onLeave };
    return () => {
      guard = null;
    };
  }, [isOn]);
}

export function useRoute(): Route {
  const hash = useSyncExternalStore(subscribe, () => location.hash);
  return useMemo(() => parseRoute(hash), [hash]);
}
