import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { call } from '../api/call';
import { messageOf, Refused, Unreachable } from '../api/problems';
import { catalogueChanges, experts } from '../api/queries';
import type { AccountView, PackageChange } from '../api/schema.gen';
import { t } from '../i18n';
import { formatCountry } from '../i18n/format';
import { Button } from '../ui/Button';
import { Dialog } from '../ui/Dialog';
import { tell } from '../ui/Toaster';
import { fieldName, fieldValue } from './words';

/** Applies the drafts of that version; a key is kept while the outcome is not known. */
function useApply(onApplied: () => void) {
  const client = useQueryClient();
  const [notice, setNotice] = useState<string | null>(null);
  const tried = useRef<{ version: number; key: string } | null>(null);
  const apply = useMutation({
    mutationFn: (version: number) => {
      if (tried.current?.version !== version) tried.current = { version, key: crypto.randomUUID() };
      return call('apply_catalogue', { version, key: tried.current.key });
    },
    onSuccess: () => {
      tell(t.publish.done);
      onApplied();
    },
    onError: (error) => {
      if (!(error instanceof Unreachable)) tried.current = null;
      setNotice(error instanceof Refused && error.status === 412 ? t.publish.stale : messageOf(error));
    },
    onSettled: () => client.invalidateQueries({ queryKey: catalogueChanges.queryKey }),
  });
  return { apply, notice };
}

export default function ChangesDialog({ onClose }: { onClose: () => void }) {
  const changes = useQuery(catalogueChanges);
  const people = useQuery(experts);
  const { apply, notice } = useApply(onClose);
  const found = changes.data?.changes ?? [];
  const version = changes.data?.version;
  const footer = (
    <>
      <Button onPress={onClose}>{t.common.cancel}</Button>
      <Button
        look="primary"
        icon="check"
        isPending={apply.isPending}
        isDisabled={version === undefined || !found.length}
        onPress={() => version !== undefined && apply.mutate(version)}
      >
        {t.publish.confirm}
      </Button>
    </>
  );
  return (
    <Dialog title={t.publish.title} onClose={onClose} footer={footer}>
      <div role="alert">{notice && <p className="notice">{notice}</p>}</div>
      <p className="muted">{found.length ? t.publish.lead : t.publish.none}</p>
      <ul className="changes">
        {found.map((change) => (
          <Change key={change.package_id} change={change} experts={people.data ?? []} />
        ))}
      </ul>
    </Dialog>
  );
}

function Change({ change, experts: people }: { change: PackageChange; experts: readonly AccountView[] }) {
  return (
    <li className="change">
      <div className="change-head">
        <span className={`badge badge-${change.change}`}>{t.publish[change.change]}</span>
        <strong><bdi>{change.name}</bdi></strong>
        <span className="muted">
          {t.publish[change.kind]} · {formatCountry(change.country)}
        </span>
      </div>
      {change.fields.length > 0 && (
        <table className="diff">
          <thead>
            <tr>
              <th scope="col">{t.publish.field}</th>
              <th scope="col">{t.publish.before}</th>
              <th scope="col">{t.publish.after}</th>
            </tr>
          </thead>
          <tbody>
            {change.fields.map(({ field, before, after }) => (
              <tr key={field}>
                <th scope="row">{fieldName(field)}</th>
                <td>
                  <del>
                    <bdi>{fieldValue(field, before, people)}</bdi>
                  </del>
                </td>
                <td>
                  <ins>
                    <bdi>{fieldValue(field, after, people)}</bdi>
                  </ins>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </li>
  );
}
