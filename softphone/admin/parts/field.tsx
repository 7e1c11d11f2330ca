import { type ReactNode, useId } from 'react';
import classes from './form.module.css';

/** What ties a control to its label, hint and error. */
export interface Wiring {
  readonly id: string;
  readonly 'aria-describedby': string | undefined;
  readonly 'aria-invalid': true | undefined;
}

interface FieldProps {
  readonly label: string;
  readonly hint?: ReactNode;
  readonly error?: string | undefined;
  readonly children: (wiring: Wiring) => ReactNode;
}

/** A control with its label above, and its hint and error below, read together. */
export function Field({ label, hint, error, children }: FieldProps) {
  const id = useId();
  const described = [hint === undefined ? '' : `${id}-hint`, error === undefined ? '' : `${id}-error`];
  const wiring: Wiring = {
    id,
    'aria-describedby': described.filter(Boolean).join(' ') || undefined,
    'aria-invalid': error === undefined ? undefined : true,
  };
  return (
    <div className={classes.field}>
      <label htmlFor={id}>{label}</label>
      {children(wiring)}
      {hint === undefined ? null : (
        <span id={`${id}-hint`} className={classes.hint}>
          {hint}
        </span>
      )}
      {error === undefined ? null : (
        <span id={`${id}-error`} className={classes.error} role="alert">
          {error}
        </span>
      )}
    </div>
  );
}

interface InputProps<V> {
  readonly label: string;
  readonly value: V;
  readonly onChange: (value: V) => void;
  readonly error?: string | undefined;
  readonly hint?: ReactNode;
  readonly testId?: string;
}

interface TextFieldProps extends InputProps<string> {
  readonly maxLength?: number;
  readonly placeholder?: string;
  readonly type?: 'text' | 'password' | 'date' | 'tel' | 'search';
  readonly autoComplete?: string;
  readonly readOnly?: boolean;
}

/** One line of text. */
export function TextField({ label, hint, error, value, onChange, testId, type = 'text', ...rest }: TextFieldProps) {
  return (
    <Field label={label} hint={hint} error={error}>
      {(wiring) => (
        <input
          {...wiring}
          {...rest}
          type={type}
          className={classes.input}
          value={value}
          autoComplete={rest.autoComplete ?? 'off'}
          onChange={(event) => onChange(event.currentTarget.value)}
          data-testid={testId}
        />
      )}
    </Field>
  );
}

/** A whole number; anything else counts as the smallest. */
export function NumberField({
  label,
  hint,
  error,
  value,
  onChange,
  testId,
  min,
  max,
}: InputProps<number> & { readonly min: number; readonly max: number }) {
  return (
    <Field label={label} hint={hint} error={error}>
      {(wiring) => (
        <input
          {...wiring}
          type="number"
          className={classes.input}
          value={value}
          min={min}
          max={max}
          onChange={(event) => {
            const number = Number.parseInt(event.currentTarget.value, 10);
            onChange(Number.isNaN(number) ? min : Math.min(number, max));
          }}
          onBlur={() => (value < min ? onChange(min) : undefined)}
          data-testid={testId}
        />
      )}
    </Field>
  );
}

export interface Option<V> {
  readonly value: V;
  readonly label: string;
}

/** A choice of a short list; values may be of any type. */
export function SelectField<V extends string | number | null>({
  label,
  hint,
  error,
  value,
  onChange,
  testId,
  options,
}: InputProps<V> & { readonly options: readonly Option<V>[] }) {
  return (
    <Field label={label} hint={hint} error={error}>
      {(wiring) => (
        <select
          {...wiring}
          className={classes.input}
          value={String(value)}
          onChange={(event) => {
            const chosen = options.find((option) => String(option.value) === event.currentTarget.value);
            if (chosen !== undefined) onChange(chosen.value);
          }}
          data-testid={testId}
        >
          {options.map((option) => (
            <option key={String(option.value)} value={String(option.value)}>
              {option.label}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

/** Yes or no. */
export function CheckField({ label, hint, value, onChange, testId }: InputProps<boolean>) {
  const id = useId();
  return (
    <div className={classes.check}>
      <input
        id={id}
        type="checkbox"
        checked={value}
        aria-describedby={hint === undefined ? undefined : `${id}-hint`}
        onChange={(event) => onChange(event.currentTarget.checked)}
        data-testid={testId}
      />
      <label htmlFor={id}>{label}</label>
      {hint === undefined ? null : (
        <span id={`${id}-hint`} className={classes.hint}>
          {hint}
        </span>
      )}
    </div>
  );
}

/** Several lines of text. */
export function AreaField({
  label,
  hint,
  error,
  value,
  onChange,
  testId,
  rows = 3,
}: InputProps<string> & { readonly rows?: number }) {
  return (
    <Field label={label} hint={hint} error={error}>
      {(wiring) => (
        <textarea
          {...wiring}
          className={classes.input}
          rows={rows}
          value={value}
          onChange={(event) => onChange(event.currentTarget.value)}
          data-testid={testId}
        />
      )}
    </Field>
  );
}
