import { lazy, Suspense, useRef, useState } from 'react';
import { Button as AriaButton } from 'react-aria-components/Button';
import { t } from '../i18n';
import { Icon } from './icons';
import type { RowActions } from './RowMenuList';

const RowMenuList = lazy(() => import('./RowMenuList'));

/** What can be done with a row; the list itself comes when it is first asked for. */
export function RowMenu({ name, ...actions }: { name: string } & RowActions) {
  const [isOpen, setOpen] = useState(false);
  const trigger = useRef<HTMLButtonElement>(null);
  return (
    <>
      <AriaButton
        ref={trigger}
        className="button button-quiet button-icon"
        aria-label={t.common.actions(name)}
        aria-haspopup="menu"
        aria-expanded={isOpen}
        onPress={() => setOpen(true)}
      >
        <Icon name="more" />
      </AriaButton>
      {isOpen && (
        <Suspense>
          <RowMenuList name={name} trigger={trigger} onClose={() => setOpen(false)} {...actions} />
        </Suspense>
      )}
    </>
  );
}
