import { useEffect } from 'react';
import { t } from '../i18n';
import { createStore } from '../lib/store';
import { Button } from './Button';

interface Toast {
  text: string;
  look: 'good' | 'bad';
  link?: { href: string; text: string };
}

const toast = createStore<Toast | null>(null);
const shownMs = 8_000;

export function tell(text: string, link?: Toast['link']): void {
  toast.set({ text, look: 'good', ...(link ? { link } : {}) });
}

export function complain(text: string): void {
  toast.set({ text, look: 'bad' });
}

/** One message at a time, said aloud; what went wrong stays until it is closed. */
export function Toaster() {
  const shown = toast.use();
  useEffect(() => {
    if (shown?.look !== 'good') return;
    const timer = setTimeout(() => toast.set(null), shownMs);
    return () => clearTimeout(timer);
  }, [shown]);
  return (
    // React Aria hides what lies outside a dialog from screen readers; messages are to be heard all the same.
    <div className="toaster" role="status" data-react-aria-top-layer="true">
      {shown && (
        <div className={`toast toast-${shown.look}`}>
          <span>{shown.text}</span>
          {shown.link && <a href={shown.link.href}>{shown.link.text}</a>}
          <Button look="quiet" icon="close" aria-label={t.common.close} onPress={() => toast.set(null)} />
        </div>
      )}
    </div>
  );
}
