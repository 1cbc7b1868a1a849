import { Button as AriaButton, type ButtonProps as AriaButtonProps } from 'react-aria-components/Button';
import { t } from '../i18n';
import { Icon, type IconName } from './icons';

interface ButtonProps extends Omit<AriaButtonProps, 'className' | 'children'> {
  look?: 'primary' | 'plain' | 'quiet' | 'danger';
  icon?: IconName;
  children?: string;
}

/**
 * A button with words, an icon, or both; with an icon alone it needs `aria-label`. While pending it says so, keeps
 * the focus, and does nothing. (React Aria's own `isPending` announces by reference to a button that may be gone.)
 */
export function Button({ look = 'plain', icon, children, isPending = false, onPress, type, ...rest }: ButtonProps) {
  return (
    <AriaButton
      {...rest}
      {...(onPress && !isPending ? { onPress } : {})}
      type={isPending ? 'button' : (type ?? 'button')}
      className={`button button-${look}${children ? '' : ' button-icon'}`}
    >
      {isPending ? (
        <span className="spinner" role="img" aria-label={t.common.loading} />
      ) : (
        icon && <Icon name={icon} />
      )}
      {children && <span>{children}</span>}
    </AriaButton>
  );
}
