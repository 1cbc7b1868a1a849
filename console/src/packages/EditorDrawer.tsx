/** The drawer in which a package is edited; it asks before it drops what was typed. */
import { type ReactNode, useEffect, useId, useState } from 'react';
import { t } from '../i18n';
import { useGuard } from '../lib/route';
import { Button } from '../ui/Button';
import { Confirm, Dialog } from '../ui/Dialog';
import { type Form, FormView, type Values } from '../ui/form';

interface EditorDrawerProps<V extends Values> {
  title: string;
  form: Form<V>;
  onClose: () => void;
  children: ReactNode;
}

function useWarningOnLeave(isDirty: boolean): void {
  useEffect(() => {
    if (!isDirty) return;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener('beforeunload', warn);
    return () => removeEventListener('beforeunload', warn);
  }, [isDirty]);
}

export function EditorDrawer<V extends Values>({ title, form, onClose, children }: EditorDrawerProps<V>) {
  const [isLeaving, setLeaving] = useState(false);
  const id = useId();
  useWarningOnLeave(form.isDirty);
  useGuard(form.isDirty, () => setLeaving(true));
  const close = () => (form.isDirty ? setLeaving(true) : onClose());
  const footer = (
    <>
      <Button onPress={close}>{t.common.cancel}</Button>
      <Button look="primary" type="submit" form={id} isPending={form.isSaving}>
        {t.common.save}
      </Button>
    </>
  );
  return (
    <Dialog title={title} look="drawer" onClose={close} footer={footer}>
      <FormView form={form} id={id}>
        {children}
      </FormView>
      {isLeaving && (
        <Confirm
          title={t.common.discardTitle}
          text={t.common.discardText}
          yes={t.common.discard}
          no={t.common.keepEditing}
          onYes={onClose}
          onNo={() => setLeaving(false)}
        />
      )}
    </Dialog>
  );
}
