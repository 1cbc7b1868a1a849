import type { RefObject } from 'react';
import { Menu, MenuItem } from 'react-aria-components/Menu';
import { Popover } from 'react-aria-components/Popover';
import { t } from '../i18n';

export interface RowActions {
  /** Where the row stands, and where the last one does; both count from 0. */
  place: number;
  last: number;
  onOpen: () => void;
  onMove: (place: number) => void;
  onRemove: () => void;
}

interface RowMenuListProps extends RowActions {
  name: string;
  trigger: RefObject<HTMLElement | null>;
  onClose: () => void;
}

export default function RowMenuList(props: RowMenuListProps) {
  const { name, trigger, place, last, onOpen, onMove, onRemove, onClose } = props;
  const actions = [
    { id: 'edit', text: t.common.edit, run: onOpen },
    { id: 'first', text: t.order.moveFirst, run: () => onMove(0), isIdle: place === 0 },
    { id: 'up', text: t.order.moveUp, run: () => onMove(place - 1), isIdle: place === 0 },
    { id: 'down', text: t.order.moveDown, run: () => onMove(place + 1), isIdle: place === last },
    { id: 'last', text: t.order.moveLast, run: () => onMove(last), isIdle: place === last },
    { id: 'remove', text: t.common.remove, run: onRemove },
  ];
  return (
    <Popover
      className="popover"
      placement="bottom end"
      triggerRef={trigger}
      isOpen
      onOpenChange={(isOpen) => !isOpen && onClose()}
    >
      <Menu className="listbox" aria-label={t.common.actions(name)} items={actions} autoFocus="first" onClose={onClose}>
        {({ id, text, run, isIdle = false }) => (
          <MenuItem id={id} className={`listbox-item listbox-item-${id}`} isDisabled={isIdle} onAction={run}>
            {text}
          </MenuItem>
        )}
      </Menu>
    </Popover>
  );
}
