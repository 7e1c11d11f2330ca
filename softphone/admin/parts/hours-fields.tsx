import { useState } from 'react';
import { useWords } from '../words/use-words.ts';
import form from './form.module.css';
import {
  lengthOf,
  type Period,
  parsePeriods,
  typedPeriods,
  type Weekly,
  weekdays,
  weeklyMinutes,
  withDay,
} from './hours.ts';
import classes from './hours-fields.module.css';
import { hoursText, periodsText, weekdayName } from './hours-text.ts';

interface PeriodsInputProps {
  readonly label: string;
  readonly value: readonly Period[];
  readonly onChange: (periods: readonly Period[]) => void;
  /** Text that is no hours yet keeps the form from being saved. */
  readonly onBlock: (message: string | undefined) => void;
  readonly testId?: string;
  readonly id?: string;
}

/** Hours of one day as text: `9-13, 14-18`. What was typed stays until the field is left, then it is written out. */
export function PeriodsInput({ label, value, onChange, onBlock, testId, id }: PeriodsInputProps) {
  const { say, language } = useWords();
  const [typed, setTyped] = useState<string>();
  const [fault, setFault] = useState<string>();
  function type(text: string): void {
    setTyped(text);
    const parsed = parsePeriods(text);
    const isWrong = typeof parsed === 'string';
    onBlock(isWrong ? say(`periods.${parsed}`) : undefined);
    if (isWrong) return;
    setFault(undefined);
    onChange(parsed);
  }
  function leave(): void {
    if (typed === undefined) return;
    const parsed = parsePeriods(typed);
    if (typeof parsed === 'string') setFault(say(`periods.${parsed}`));
    else setTyped(undefined);
  }
  const isNight = value.some(({ from, to }) => to <= from && to !== '00:00');
  return (
    <span className={classes.periods}>
      <input
        id={id}
        className={form.input}
        aria-label={label}
        aria-invalid={fault === undefined ? undefined : true}
        value={typed ?? typedPeriods(value)}
        placeholder={say('value.off')}
        maxLength={120}
        autoComplete="off"
        onChange={(event) => type(event.currentTarget.value)}
        onBlur={leave}
        data-testid={testId}
      />
      {fault === undefined ? null : (
        <span role="alert" className={form.error}>
          {fault}
        </span>
      )}
      {isNight && fault === undefined ? (
        <span className={form.hint}>{periodsText(value, { say, language })}</span>
      ) : null}
    </span>
  );
}

interface WeeklyFieldProps {
  readonly value: Weekly;
  readonly onChange: (weekly: Weekly) => void;
  readonly onBlock: (field: string, message: string | undefined) => void;
  readonly error: string | undefined;
}

/** Seven days of hours; the nights go on into the next day. */
export function WeeklyField({ value, onChange, onBlock, error }: WeeklyFieldProps) {
  const { say, language } = useWords();
  return (
    <fieldset className={classes.weekly}>
      <legend>
        {say('weekly.title')}
        <span className={form.hint}>{say('weekly.total', { hours: hoursText(weeklyMinutes(value), language) })}</span>
      </legend>
      {weekdays.map((day) => (
        <div key={day} className={classes.day}>
          <span aria-hidden="true">{weekdayName(day, language)}</span>
          <PeriodsInput
            label={weekdayName(day, language, 'long')}
            value={value[day] ?? []}
            onChange={(periods) => onChange(withDay(value, day, periods))}
            onBlock={(message) => onBlock(`weekly/${day}`, message)}
            testId={`weekly-${day}`}
          />
          <span className={classes.length}>{hoursOf(value[day] ?? [], language)}</span>
        </div>
      ))}
      <div className={form.actions}>
        <button
          type="button"
          className={form.quiet}
          onClick={() =>
            onChange(weekdays.slice(1, 5).reduce((weekly, day) => withDay(weekly, day, value[1] ?? []), value))
          }
        >
          {say('weekly.copyDown')}
        </button>
        <span className={form.hint}>{say('periods.hint')}</span>
      </div>
      {error === undefined ? null : (
        <span role="alert" className={form.error}>
          {error}
        </span>
      )}
    </fieldset>
  );
}

function hoursOf(periods: readonly Period[], language: 'ru' | 'en'): string {
  const minutes = periods.reduce((sum, period) => sum + lengthOf(period), 0);
  return minutes === 0 ? '' : hoursText(minutes, language);
}
