import { CircleAlert, CircleCheck, CircleX, type LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import classes from './list.module.css';
import type { Tone } from './tone.ts';

const icons: Record<Tone, LucideIcon> = { good: CircleCheck, warn: CircleAlert, bad: CircleX };

/** A word with a shape and a colour. */
export function Mark({ tone, children }: { readonly tone: Tone; readonly children: ReactNode }) {
  const Icon = icons[tone];
  return (
    <span className={classes.mark} data-tone={tone}>
      <Icon size={15} aria-hidden="true" />
      {children}
    </span>
  );
}
