import type { ReactNode } from 'react';
import { Dialog as AriaDialog, Heading } from 'react-aria-components/Dialog';
import { Modal, ModalOverlay } from 'react-aria-components/Modal';
import { t } from '../i18n';
import { Button } from './Button';

interface DialogProps {
  title: string;
  look?: 'centre' | 'drawer' | 'menu';
  /** Absent where it cannot be closed. */
  onClose?: () => void;
  role?: 'dialog' | 'alertdialog';
  footer?: ReactNode;
  children: ReactNode;
}

/** A window over the page: in the centre, as a drawer at the end of the line, or as the phone's menu. */
export function Dialog({ title, look = 'centre', onClose, role = 'dialog', footer, children }: DialogProps) {
  return (
    <ModalOverlay
      className={`overlay overlay-${look}`}
      isOpen
      isDismissable={Boolean(onClose) && look === 'menu'}
      isKeyboardDismissDisabled={!onClose}
      onOpenChange={(isOpen) => !isOpen && onClose?.()}
    >
      <Modal className={`modal modal-${look}`}>
        <AriaDialog className="dialog" role={role}>
          <header className="dialog-head">
            <Heading slot="title" level={2}>
              {title}
            </Heading>
            {onClose && <Button look="quiet" icon="close" aria-label={t.common.close} onPress={onClose} />}
          </header>
          <div className="dialog-body">{children}</div>
          {footer && <footer className="dialog-foot">{footer}</footer>}
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}

interface ConfirmProps {
  title: string;
  text: string;
  yes: string;
  no?: string;
  isPending?: boolean;
  onYes: () => void;
  onNo: () => void;
}

export function Confirm({ title, text, yes, no = t.common.cancel, isPending = false, onYes, onNo }: ConfirmProps) {
  const footer = (
    <>
      <Button onPress={onNo}>{no}</Button>
      <Button look="danger" isPending={isPending} onPress={onYes}>
        {yes}
      </Button>
    </>
  );
  return (
    <Dialog title={title} role="alertdialog" onClose={onNo} footer={footer}>
      <p>{text}</p>
    </Dialog>
  );
}
