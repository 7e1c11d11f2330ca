import { duration } from '../i18n/format.ts';
import { useNow } from './use-now.ts';

interface TimerProps {
  /** ISO-8601. */
  readonly since?: string;
  readonly until?: string;
}

/** Time since, or left until; the only part that is drawn again each second. Hidden from screen readers: it never rests. */
export function Timer({ since, until }: TimerProps) {
  const now = useNow();
  const ms = until === undefined ? now - new Date(since ?? now).getTime() : new Date(until).getTime() - now;
  return (
    <span className="num" aria-hidden="true">
      {duration(ms)}
    </span>
  );
}
