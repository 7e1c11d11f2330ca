import { Button } from '@mantine/core';
import { Trash2 } from 'lucide-react';
import { useId, useState } from 'react';
import { type DayReason, dayReasons } from '../../../server/contract/setup-words.ts';
import { useWords } from '../words/use-words.ts';
import { SelectField, TextField } from './field.tsx';
import form from './form.module.css';
import { type DayException, daysBetween, type Period, weekdayOf, withExceptions } from './hours.ts';
import classes from './hours-fields.module.css';
import { PeriodsInput } from './hours-fields.tsx';
import { dayText, periodsText, weekdayName } from './hours-text.ts';

const MOST_AT_ONCE = 92;

interface ExceptionsFieldProps {
  readonly value: readonly DayException[];
  readonly onChange: (exceptions: readonly DayException[]) => void;
  readonly onBlock: (field: string, message: string | undefined) => void;
  /** Local date of today: days before it are folded away. */
  readonly today: string;
  /** The day that was pointed at. */
  readonly chosenDay?: string | undefined;
  /** Reasons that make sense here. */
  readonly reasons?: readonly DayReason[];
  readonly error: string | undefined;
}

/** Days that differ from the week, both ways: off, other hours, an extra day. Several days in a row are one entry. */
export function ExceptionsField(props: ExceptionsFieldProps) {
  const { value, onChange, today, error } = props;
  const { say } = useWords();
  const ahead = value.filter(({ day }) => day >= today);
  const remove = (day: string): void => onChange(value.filter((one) => one.day !== day));
  return (
    <section className={form.part}>
      <h3>{say('exceptions.title')}</h3>
      {ahead.length === 0 ? (
        <p className={form.text}>{say('exceptions.none')}</p>
      ) : (
        <ul className={classes.list}>
          {ahead.map((exception) => (
            <ExceptionRow key={exception.day} exception={exception} onRemove={remove} />
          ))}
        </ul>
      )}
      {ahead.length < value.length ? (
        <span className={form.hint}>{say('exceptions.past', { count: value.length - ahead.length })}</span>
      ) : null}
      {error === undefined ? null : (
        <span role="alert" className={form.error}>
          {error}
        </span>
      )}
      <NewException key={props.chosenDay ?? ''} {...props} />
    </section>
  );
}

interface ExceptionRowProps {
  readonly exception: DayException;
  readonly onRemove: (day: string) => void;
}

function ExceptionRow({ exception, onRemove }: ExceptionRowProps) {
  const { say, language } = useWords();
  const { day, periods, reason, note } = exception;
  const date = `${weekdayName(weekdayOf(day), language)}, ${dayText(day, language)}`;
  return (
    <li className={classes.exception}>
      <span>
        {date}: {periodsText(periods, { say, language })}
        <br />
        <small>
          {say(`dayReason.${reason}`)}
          {note === '' ? '' : `, ${note}`}
        </small>
      </span>
      <button
        type="button"
        className={form.icon}
        aria-label={say('act.takeOut', { name: date })}
        onClick={() => onRemove(day)}
      >
        <Trash2 size={15} aria-hidden="true" />
      </button>
    </li>
  );
}

/** Why these days cannot be entered. */
function faultOf(first: string, count: number) {
  if (first === '') return 'problem.field.required';
  if (count === 0) return 'exceptions.badDays';
  return count > MOST_AT_ONCE ? 'exceptions.tooLong' : undefined;
}

function NewException({ value, onChange, onBlock, chosenDay, reasons = dayReasons }: ExceptionsFieldProps) {
  const { say } = useWords();
  const hoursId = useId();
  const [first, setFirst] = useState(chosenDay ?? '');
  const [last, setLast] = useState(chosenDay ?? '');
  const [reason, setReason] = useState<DayReason>(reasons[0] ?? 'holiday');
  const [periods, setPeriods] = useState<readonly Period[]>([]);
  const [note, setNote] = useState('');
  const [fault, setFault] = useState<string>();

  function add(): void {
    const days = daysBetween(first, last === '' ? first : last);
    const wrong = faultOf(first, days.length);
    setFault(wrong === undefined ? undefined : say(wrong));
    if (wrong !== undefined) return;
    onChange(
      withExceptions(
        value,
        days.map((day) => ({ day, periods: [...periods], reason, note: note.trim() })),
      ),
    );
    setFirst('');
    setLast('');
    setNote('');
    setPeriods([]);
  }
  return (
    <div className={classes.add} data-testid="new-exception">
      <TextField
        label={say('exceptions.from')}
        type="date"
        value={first}
        error={fault}
        testId="exception-from"
        onChange={setFirst}
      />
      <TextField
        label={say('exceptions.to')}
        type="date"
        value={last === '' ? first : last}
        onChange={setLast}
        testId="exception-to"
      />
      <SelectField
        label={say('exceptions.reason')}
        value={reason}
        options={reasons.map((one) => ({ value: one, label: say(`dayReason.${one}`) }))}
        onChange={setReason}
        testId="exception-reason"
      />
      <div className={form.field}>
        <label htmlFor={hoursId}>{say('exceptions.hours')}</label>
        <PeriodsInput
          id={hoursId}
          label={say('exceptions.hours')}
          value={periods}
          onChange={setPeriods}
          onBlock={(message) => onBlock('new-exception', message)}
          testId="exception-hours"
        />
        <span className={form.hint}>{say('exceptions.hoursHint')}</span>
      </div>
      <div className={classes.wide}>
        <TextField label={say('exceptions.note')} value={note} onChange={setNote} maxLength={100} />
      </div>
      <Button variant="default" size="xs" onClick={add} data-testid="exception-add">
        {say('exceptions.add')}
      </Button>
    </div>
  );
}
