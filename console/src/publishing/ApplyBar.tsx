/** A17 and E31: what is saved and not yet live, and the step that makes it live. */
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { catalogueChanges } from '../api/queries';
import { t } from '../i18n';
import { formatNumber } from '../i18n/format';
import { Button } from '../ui/Button';

const ChangesDialog = lazy(() => import('./ChangesDialog'));

export function ApplyBar() {
  const changes = useQuery(catalogueChanges);
  const [isOpen, setOpen] = useState(false);
  const count = changes.data?.changes.length ?? 0;
  return (
    <>
      <div className="apply-space" />
      <div className="apply-bar" data-shown={count > 0 || undefined}>
        <span role="status">{count > 0 && t.publish.pending(formatNumber(count))}</span>
        {count > 0 && (
          <Button look="primary" icon="check" onPress={() => setOpen(true)}>
            {t.publish.apply}
          </Button>
        )}
      </div>
      {isOpen && (
        <Suspense>
          <ChangesDialog onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  );
}
