import type { ReactNode } from 'react';
import { messageOf, Unreachable } from '../api/problems';
import { t } from '../i18n';
import { Button } from './Button';

export function Empty({ title, text, children }: { title: string; text: string; children?: ReactNode }) {
  return (
    <div className="state">
      <svg className="state-art" viewBox="0 0 96 64" aria-hidden="true">
        <rect x="8" y="10" width="80" height="14" rx="5" />
        <rect x="8" y="30" width="80" height="14" rx="5" />
        <rect x="8" y="50" width="48" height="6" rx="3" />
      </svg>
      <h2>{title}</h2>
      <p>{text}</p>
      {children}
    </div>
  );
}

export function Failure({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  return (
    <div className="state" role="alert">
      <h2>{error instanceof Unreachable ? t.connection.down : messageOf(error)}</h2>
      <Button onPress={onRetry}>{t.common.retry}</Button>
    </div>
  );
}

/** Rows of the height that the real ones will have, so that nothing moves when they come. */
export function Skeleton({ rows = 4 }: { rows?: number }) {
  return (
    <div className="skeleton" role="status" aria-label={t.common.loading}>
      {Array.from({ length: rows }, (_, row) => (
        <div key={row} className="skeleton-row" />
      ))}
    </div>
  );
}
