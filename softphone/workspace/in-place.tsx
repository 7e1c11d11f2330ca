import { VisuallyHidden } from '@mantine/core';
import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from 'react';
import { useLanguage } from '../i18n/use-language.ts';
import classes from './card.module.css';

interface InPlaceTextProps {
  readonly label: string;
  readonly value: string;
  readonly onSave: (value: string) => Promise<boolean>;
  readonly maxLength: number;
  readonly testId: string;
  readonly required?: boolean;
  readonly tone?: 'danger' | 'title' | undefined;
}

/** A value that turns into a field where it stands. Enter or leaving saves, Escape takes the change back. */
export function InPlaceText({ label, value, onSave, maxLength, testId, required = false, tone }: InPlaceTextProps) {
  const { t } = useLanguage();
  const [draft, setDraft] = useState<string>();
  const field = useRef<HTMLInputElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const editing = draft !== undefined;
  useEffect(() => {
    if (editing) field.current?.select();
  }, [editing]);

  async function save(): Promise<void> {
    const text = (draft ?? value).trim();
    if (text === value || (required && text === '')) return setDraft(undefined);
    // a refused value stays in the field, so that it can be mended
    if (await onSave(text)) setDraft(undefined);
  }
  function onKeyDown(event: KeyboardEvent): void {
    if (event.key !== 'Enter' && event.key !== 'Escape') return;
    event.preventDefault();
    if (event.key === 'Enter') field.current?.blur();
    else setDraft(undefined);
    requestAnimationFrame(() => button.current?.focus());
  }
  if (editing) {
    return (
      <input
        ref={field}
        className={classes.input}
        aria-label={label}
        value={draft}
        maxLength={maxLength}
        autoComplete="off"
        onChange={(event) => setDraft(event.currentTarget.value)}
        onBlur={() => void save()}
        onKeyDown={onKeyDown}
        data-testid={`${testId}-input`}
      />
    );
  }
  return (
    <button
      ref={button}
      type="button"
      className={classes.value}
      data-tone={tone}
      data-empty={value === ''}
      title={t('card.edit', { field: label })}
      onClick={() => setDraft(value)}
      data-testid={testId}
    >
      <VisuallyHidden>{label}: </VisuallyHidden>
      {value === '' ? t('card.empty') : value}
    </button>
  );
}

interface InPlaceSelectProps {
  readonly label: string;
  readonly value: string;
  readonly onSave: (value: string) => Promise<boolean>;
  readonly testId: string;
  /** The options. */
  readonly children: ReactNode;
}

/** A choice that looks like text until it is pointed at. */
export function InPlaceSelect({ label, value, onSave, testId, children }: InPlaceSelectProps) {
  return (
    <select
      className={classes.select}
      aria-label={label}
      value={value}
      data-empty={value === ''}
      onChange={(event) => void onSave(event.currentTarget.value)}
      data-testid={testId}
    >
      {children}
    </select>
  );
}
