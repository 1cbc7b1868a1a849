/** The page of one kind of package: its list, in order, and the window in which one is edited. */
import { type ReactNode, Suspense, useState } from 'react';
import type { UseQueryOptions } from '@tanstack/react-query';
import { t } from '../i18n';
import { compareTexts, formatCountry, isolated } from '../i18n/format';
import { navigate, useRoute } from '../lib/route';
import { ApplyBar } from '../publishing/ApplyBar';
import { Button } from '../ui/Button';
import { Picker } from '../ui/Picker';
import { Confirm } from '../ui/Dialog';
import { ReorderList } from '../ui/ReorderList';
import { Empty, Failure, Skeleton } from '../ui/states';
import { type Package, usePackages } from './usePackages';

export interface EditorProps<T> {
  /** Absent for a new one. */
  edited?: T | undefined;
  country: string;
  onClose: () => void;
  onSaved: (name: string) => void;
}

interface Words {
  title: string;
  lead: string;
  add: string;
  list: string;
  emptyTitle: string;
  emptyText: string;
}

interface PackagesViewProps<T extends Package> {
  kind: 'credit' | 'appointment';
  /** The page's own address, such as `/settings/credit-packages`; `/new` and `/<id>` open the editor. */
  path: string;
  query: UseQueryOptions<T[]>;
  words: Words;
  nameOf: (each: T) => string;
  tabs?: ReactNode;
  renderRow: (each: T) => ReactNode;
  renderEditor: (props: EditorProps<T>) => ReactNode;
}

export function PackagesView<T extends Package>(props: PackagesViewProps<T>) {
  const { kind, path, query, words, nameOf, tabs, renderRow, renderEditor } = props;
  const { packages, all, reread, order, remove, changeOf } = usePackages(kind, query);
  const route = useRoute();
  const [removed, setRemoved] = useState<T | null>(null);
  const country = route.query.get('country') ?? '';
  const shown = country ? all.filter((each) => each.country === country) : all;
  const search = country ? `?country=${country}` : '';
  const opened = route.parts[path.split('/').length - 1];
  const rows = shown.map((each) => ({ ...each, name: nameOf(each) }));
  const close = () => navigate(`#${path}${search}`);

  return (
    <>
      <header className="page-head">
        <div>
          <h1>{words.title}</h1>
          <p className="muted">{words.lead}</p>
        </div>
        <Button look="primary" icon="add" onPress={() => navigate(`#${path}/new${search}`)}>
          {words.add}
        </Button>
      </header>
      {tabs}
      {packages.isPending && <Skeleton />}
      {packages.isError && <Failure error={packages.error} onRetry={() => void packages.refetch()} />}
      {packages.isSuccess && all.length === 0 && (
        <Empty title={words.emptyTitle} text={words.emptyText}>
          <Button look="primary" icon="add" onPress={() => navigate(`#${path}/new`)}>
            {words.add}
          </Button>
        </Empty>
      )}
      {all.length > 0 && (
        <>
          <div className="list-head">
            <CountryFilter packages={all} value={country} onChange={(code) => navigate(`#${path}${code ? `?country=${code}` : ''}`, { replace: true })} />
            <p className="hint">{t.order.hint}</p>
          </div>
          {rows.length === 0 && <Empty title={t.packages.noneInCountry} text="" />}
          <ReorderList label={words.list} rows={rows} onOrder={order} onOpen={(id) => navigate(`#${path}/${id}${search}`)} onRemove={setRemoved}>
            {(row) => (
              <>
                {renderRow(row)}
                <ChangeBadge change={changeOf(row.id)} />
              </>
            )}
          </ReorderList>
        </>
      )}
      {removed && (
        <Confirm
          title={t.packages.removeTitle(isolated(nameOf(removed)))}
          text={t.packages.removeText}
          yes={t.common.remove}
          isPending={remove.isPending}
          onNo={() => setRemoved(null)}
          onYes={() =>
            remove.mutate(
              { id: removed.id, version: removed.version, name: nameOf(removed) },
              { onSettled: () => setRemoved(null) },
            )
          }
        />
      )}
      {opened && packages.isSuccess && (
        <Suspense>
          <Editor
            key={opened}
            isNew={opened === 'new'}
            edited={all.find((each) => each.id === opened)}
            country={country}
            onClose={close}
            onSaved={reread}
            render={renderEditor}
          />
        </Suspense>
      )}
      <ApplyBar />
    </>
  );
}

function CountryFilter({ packages, value, onChange }: { packages: Package[]; value: string; onChange: (code: string) => void }) {
  const codes = [...new Set([...packages.map((each) => each.country), ...(value ? [value] : [])])];
  const choices = codes
    .map((id) => ({ id, name: formatCountry(id) }))
    .sort((a, b) => compareTexts(a.name, b.name));
  return (
    <Picker
      label={t.packages.countryFilter}
      value={value || 'all'}
      choices={[{ id: 'all', name: t.packages.everyCountry }, ...choices]}
      onChange={(id) => onChange(id === 'all' ? '' : id)}
    />
  );
}

function ChangeBadge({ change }: { change: 'added' | 'changed' | 'removed' | undefined }) {
  return <span className="row-badge">{change && <span className={`badge badge-${change}`}>{t.publish[change]}</span>}</span>;
}

interface EditorFrameProps<T> {
  isNew: boolean;
  edited: T | undefined;
  country: string;
  onClose: () => void;
  onSaved: () => Promise<void>;
  render: (props: EditorProps<T>) => ReactNode;
}

/** Keeps what was opened: the list may be read anew, or lose it, while somebody types. */
function Editor<T>({ isNew, edited, country, onClose, onSaved, render }: EditorFrameProps<T>) {
  const [opened] = useState(edited);
  if (!isNew && !opened) {
    return (
      <Confirm title={t.problems.PACKAGE_NOT_FOUND} text="" yes={t.common.close} onYes={onClose} onNo={onClose} />
    );
  }
  return render({
    edited: opened,
    country,
    onClose,
    onSaved: () => {
      void onSaved();
      onClose();
    },
  });
}
