import { useRef } from 'react';
import type { MessageChannelName } from '../../../server/contract/messages-words.ts';
import { templateFieldNames } from '../../../server/contract/setup-message-words.ts';
import { countSms } from '../../../server/contract/sms-text.ts';
import { clockTime, dayMonth } from '../../i18n/format.ts';
import { Field } from '../parts/field.tsx';
import form from '../parts/form.module.css';
import { useWords } from '../words/use-words.ts';
import { previewOf, type TemplateField, withField } from './preview.ts';
import classes from './templates.module.css';

interface BodyFieldProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly error: string | undefined;
  readonly rows?: number;
  readonly testId: string;
}

/** A text with chips that put fields in where the caret is. */
export function BodyField({ label, value, onChange, error, rows = 8, testId }: BodyFieldProps) {
  const { say } = useWords();
  const area = useRef<HTMLTextAreaElement>(null);
  function put(field: TemplateField): void {
    const { selectionStart: start = value.length, selectionEnd: end = value.length } = area.current ?? {};
    const next = withField(value, field, { start, end });
    onChange(next.text);
    requestAnimationFrame(() => {
      area.current?.focus();
      area.current?.setSelectionRange(next.caret, next.caret);
    });
  }
  return (
    <>
      <Field label={label} error={error}>
        {(wiring) => (
          <textarea
            {...wiring}
            ref={area}
            className={form.input}
            rows={rows}
            value={value}
            onChange={(event) => onChange(event.currentTarget.value)}
            data-testid={testId}
          />
        )}
      </Field>
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset would draw a frame and disable itself with the form */}
      <div role="group" className={classes.chips} aria-label={say('template.fields')}>
        {templateFieldNames.map((name) => (
          <button key={name} type="button" className={classes.chip} onClick={() => put(name)} title={`{{${name}}}`}>
            {say(`field.${name}`)}
          </button>
        ))}
      </div>
    </>
  );
}

interface PreviewProps {
  readonly subject: string;
  readonly body: string;
  readonly channel: MessageChannelName | null;
}

/** The text as an example client reads it, and what it costs as an SMS. */
export function Preview({ subject, body, channel }: PreviewProps) {
  const { say, language } = useWords();
  const now = Date.now();
  const fill = (field: TemplateField): string => {
    if (field === 'date') return dayMonth(now, now, language);
    if (field === 'time') return clockTime(now, language);
    return say(`example.${field}`);
  };
  const text = previewOf(body, fill);
  const isSms = channel === null || channel === 'sms';
  const { segments, leftInSegment } = countSms(text);
  return (
    <section className={form.part}>
      <h3>{say('template.preview')}</h3>
      <div className={classes.preview} data-testid="preview">
        {subject === '' ? null : <b>{previewOf(subject, fill)}</b>}
        <p>{text}</p>
      </div>
      {isSms ? (
        <p className={form.hint} data-testid="segments" data-segments={segments}>
          {say('template.segments', { count: segments, left: leftInSegment })}
        </p>
      ) : null}
    </section>
  );
}
