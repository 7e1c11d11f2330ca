import { Button } from '@mantine/core';
import { useWords } from '../words/use-words.ts';
import { TextField } from './field.tsx';
import form from './form.module.css';
import { addDays } from './hours.ts';

/** Local dates, `YYYY-MM-DD`, both included; empty = open. */
export interface Period {
  readonly from: string;
  readonly to: string;
}

/** Local midnight of a date, as an instant. */
const instantOf = (day: string): string => new Date(`${day}T00:00`).toISOString();

/** The period as a log's operation takes it. */
export const periodQuery = ({ from, to }: Period): { from?: string; to?: string } => ({
  ...(from === '' ? {} : { from: instantOf(from) }),
  ...(to === '' ? {} : { to: instantOf(addDays(to, 1)) }),
});

interface PeriodFieldsProps {
  readonly period: Period;
  readonly onChange: (part: Partial<Period>) => void;
}

export function PeriodFields({ period, onChange }: PeriodFieldsProps) {
  const { say } = useWords();
  return (
    <>
      <TextField label={say('log.from')} type="date" value={period.from} onChange={(from) => onChange({ from })} />
      <TextField label={say('log.to')} type="date" value={period.to} onChange={(to) => onChange({ to })} />
    </>
  );
}

interface PagerProps {
  /** Cursor of the page on the screen; undefined = the newest. */
  readonly current: number | undefined;
  /** Cursor of the page before it in time; null = there is none. */
  readonly older: number | null;
  readonly onTurn: (cursor: number | undefined) => void;
}

/** Older, and back to the newest. */
export function Pager({ current, older, onTurn }: PagerProps) {
  const { say } = useWords();
  return (
    <div className={form.actions}>
      {current === undefined ? null : (
        <Button size="xs" variant="default" onClick={() => onTurn(undefined)}>
          {say('log.newest')}
        </Button>
      )}
      {older === null ? null : (
        <Button size="xs" variant="default" onClick={() => onTurn(older)} data-testid="older">
          {say('log.older')}
        </Button>
      )}
    </div>
  );
}
