/** A list whose rows are moved by their handles: with the mouse, by touch, by the keyboard, or from the row's menu. */
import type { ReactNode } from 'react';
import type { Key } from 'react-aria-components';
import { Button as AriaButton } from 'react-aria-components/Button';
import { GridList, GridListItem } from 'react-aria-components/GridList';
import { DropIndicator, useDragAndDrop } from 'react-aria-components/useDragAndDrop';
import { t } from '../i18n';
import { moveBeside, moveTo } from '../lib/reorder';
import { Icon } from './icons';
import { RowMenu } from './RowMenu';

export interface Row {
  id: string;
  name: string;
}

interface ReorderListProps<T extends Row> {
  label: string;
  rows: T[];
  onOrder: (ids: string[]) => void;
  onOpen: (id: string) => void;
  onRemove: (row: T) => void;
  children: (row: T) => ReactNode;
}

export function ReorderList<T extends Row>({ label, rows, onOrder, onOpen, onRemove, children }: ReorderListProps<T>) {
  const ids = rows.map((row) => row.id);
  const { dragAndDropHooks } = useDragAndDrop({
    getItems: (keys: Set<Key>) => [...keys].map((key) => ({ 'text/plain': String(key) })),
    onReorder: ({ keys, target }) => {
      if (target.dropPosition === 'on') return;
      onOrder(moveBeside(ids, [...keys].map(String), String(target.key), target.dropPosition));
    },
    renderDropIndicator: (target) => <DropIndicator target={target} className="drop-indicator" />,
  });
  return (
    <GridList
      className="reorder"
      aria-label={label}
      items={rows}
      dragAndDropHooks={dragAndDropHooks}
      onAction={(key) => onOpen(String(key))}
    >
      {(row) => (
        <GridListItem id={row.id} textValue={row.name} className="reorder-row">
          <AriaButton slot="drag" className="reorder-grip" aria-label={t.order.drag(row.name)}>
            <Icon name="grip" />
          </AriaButton>
          {children(row)}
          <RowMenu
            name={row.name}
            place={ids.indexOf(row.id)}
            last={ids.length - 1}
            onOpen={() => onOpen(row.id)}
            onMove={(place) => onOrder(moveTo(ids, row.id, place))}
            onRemove={() => onRemove(row)}
          />
        </GridListItem>
      )}
    </GridList>
  );
}
