/** What both kinds of package do alike: their order, their removal, and what of them is not live yet. */
import { type UseQueryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { call } from '../api/call';
import { messageOf } from '../api/problems';
import { catalogueChanges } from '../api/queries';
import type { ChangeKind } from '../api/schema.gen';
import { t } from '../i18n';
import { isolated } from '../i18n/format';
import { withinAll } from '../lib/reorder';
import { complain, tell } from '../ui/Toaster';

export interface Package {
  id: string;
  country: string;
  listing_order: number;
  version: number;
}

const operations = {
  credit: { order: 'order_credit_packages', remove: 'remove_credit_package' },
  appointment: { order: 'order_appointment_packages', remove: 'remove_appointment_package' },
} as const;

/** The list in the given order, numbered from 1 as the API will number it. */
function renumbered<T extends Package>(packages: T[], ids: string[]): T[] {
  const byId = new Map(packages.map((each) => [each.id, each]));
  return ids.flatMap((id, place) => {
    const found = byId.get(id);
    return found ? [{ ...found, listing_order: place + 1 }] : [];
  });
}

export function usePackages<T extends Package>(kind: 'credit' | 'appointment', query: UseQueryOptions<T[]>) {
  const client = useQueryClient();
  const packages = useQuery(query);
  const changes = useQuery(catalogueChanges);
  const all = packages.data ?? [];

  async function reread(): Promise<void> {
    await Promise.all([
      client.invalidateQueries({ queryKey: ['packages', kind] }),
      client.invalidateQueries({ queryKey: catalogueChanges.queryKey }),
    ]);
  }

  const reorder = useMutation({
    mutationFn: (ids: string[]) => call(operations[kind].order, { body: { package_ids: ids } }),
    onMutate: async (ids) => {
      await client.cancelQueries({ queryKey: ['packages', kind] });
      client.setQueryData<T[]>(['packages', kind], (before = []) => renumbered(before, ids));
    },
    onSuccess: () => tell(t.order.saved),
    onError: (error) => complain(messageOf(error)),
    onSettled: reread,
  });

  const remove = useMutation({
    mutationFn: ({ id, version }: { id: string; version: number; name: string }) =>
      call(operations[kind].remove, { path: { package_id: id }, version }),
    onSuccess: (_answer, { name }) => tell(t.packages.removed(isolated(name))),
    onError: (error) => complain(messageOf(error)),
    onSettled: reread,
  });

  function order(shownIds: string[]): void {
    const ids = all.map((each) => each.id);
    const next = withinAll(ids, shownIds);
    if (next.some((id, place) => id !== ids[place])) reorder.mutate(next);
  }

  function changeOf(id: string): ChangeKind | undefined {
    return changes.data?.changes.find((each) => each.package_id === id)?.change;
  }

  return { packages, all, reread, order, remove, changeOf };
}
