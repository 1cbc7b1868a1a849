import { Button as AriaButton, type ButtonProps as AriaButtonProps } from 'react-aria-components/Button';
import { Icon, type IconName } from './icons';

interface ButtonProps extends Omit<AriaButtonProps, 'className' | 'children'> {
  look?: 'primary' | 'plain' | 'quiet' | 'danger';
  icon?: IconName;
  children?: string;
}

/** A button with words, an icon, or both; with an icon alone it needs `aria-label`. While pending it says so. */
export function Button({ look = 'plain', icon, children, ...rest }: ButtonProps) {
  return (
    <AriaButton {...rest} className={`button button-${look}${children ? '' : ' button-icon'}`}>
      {rest.isPending ? <span className="spinner" aria-hidden="true" /> : icon && <Icon name={icon} />}
      {children && <span>{children}</span>}
    </AriaButton>
  );
}
