/** B36: asks for the Excel file, waits for it, and downloads it. */
import { useMutation } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { call } from '../../api/call';
import { messageOf, Unreachable } from '../../api/problems';
import type { ExportView } from '../../api/schema.gen';
import { language, t } from '../../i18n';
import { complain, tell } from '../../ui/Toaster';
import { asked, type Filters, zone } from './filters';

const pollMs = 1_000;
const longestMs = 15 * 60_000;

const wait = () => new Promise((resolve) => setTimeout(resolve, pollMs));

/** Asked again while nothing answers, until the file is made or the time is over. */
async function finished(id: string, onState: (state: ExportView['state']) => void): Promise<ExportView> {
  const end = Date.now() + longestMs;
  while (Date.now() < end) {
    try {
      const view = await call('read_export', { path: { export_id: id } });
      onState(view.state);
      if (view.state === 'done' || view.state === 'failed') return view;
    } catch (error) {
      if (!(error instanceof Unreachable)) throw error;
    }
    await wait();
  }
  throw new Unreachable();
}

function download(url: string, name: string): void {
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
}

export function useExport(filters: Filters) {
  const [state, setState] = useState<ExportView['state'] | null>(null);
  const tried = useRef<{ text: string; key: string } | null>(null);
  const body = { ...asked(filters), locale: language, zone: zone() };

  const run = useMutation({
    mutationFn: async () => {
      const text = JSON.stringify(body);
      if (tried.current?.text !== text) tried.current = { text, key: crypto.randomUUID() };
      const { id } = await call('create_export', { body, key: tried.current.key });
      // It is known now; the next press is a new file.
      tried.current = null;
      setState('queued');
      return finished(id, setState);
    },
    onSuccess: ({ url, file_name: name }) => {
      if (!url) return complain(t.sales.excelFailed);
      download(url, name);
      tell(t.sales.excelDone(name), { href: url, text: t.sales.download });
    },
    onError: (error) => complain(messageOf(error)),
    onSettled: () => setState(null),
  });

  return { start: () => run.mutate(), isPending: run.isPending, state };
}
