import type { Person } from '../auth/session';
import { t } from '../i18n';
import { Dialog } from '../ui/Dialog';
import { Side } from './Side';

interface PhoneMenuProps {
  person: Person;
  path: string;
  onClose: () => void;
}

export default function PhoneMenu({ person, path, onClose }: PhoneMenuProps) {
  return (
    <Dialog title={t.shell.menu} look="menu" onClose={onClose}>
      <Side person={person} path={path} />
    </Dialog>
  );
}
