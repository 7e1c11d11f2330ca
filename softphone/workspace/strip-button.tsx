import type { LucideIcon } from 'lucide-react';
import type { MouseEvent, Ref } from 'react';
import classes from './contact-strip.module.css';

interface StripButtonProps {
  readonly icon: LucideIcon;
  readonly label: string;
  readonly testId: string;
  readonly onPress: () => void;
  readonly hotkey?: string;
  readonly tone?: 'answer' | 'danger' | 'on' | 'hold' | undefined;
  readonly pressed?: boolean;
  readonly expanded?: boolean;
  readonly disabled?: boolean;
  readonly title?: string;
  readonly ref?: Ref<HTMLButtonElement>;
}

/** The mouse must not take the focus away: the agent goes on typing his note, and Space stays "talk while muted". */
export function keepFocus(event: MouseEvent): void {
  event.preventDefault();
}

export function StripButton(props: StripButtonProps) {
  const { icon: Icon, label, testId, onPress, hotkey, tone, pressed, expanded, disabled, title, ref } = props;
  return (
    <button
      ref={ref}
      type="button"
      className={classes.button}
      data-tone={tone}
      data-testid={testId}
      aria-pressed={pressed}
      aria-expanded={expanded}
      aria-keyshortcuts={hotkey}
      disabled={disabled}
      title={title}
      onMouseDown={keepFocus}
      onClick={onPress}
    >
      <Icon size={18} aria-hidden="true" />
      <span>{label}</span>
      {hotkey === undefined ? null : (
        <span className={classes.hotkey} aria-hidden="true">
          {hotkey}
        </span>
      )}
    </button>
  );
}
