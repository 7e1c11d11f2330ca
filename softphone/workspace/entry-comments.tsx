import { type FormEvent, type KeyboardEvent, useState } from 'react';
import type { TimelineEntry } from '../../server/contract/schemas.ts';
import { dayAndTime } from '../i18n/format.ts';
import { useLanguage } from '../i18n/use-language.ts';
import { call } from '../net/api.ts';
import { failureCode } from '../net/problem.ts';
import { storeComment } from '../state/cards.ts';
import { setCommandFailure } from '../state/stores.ts';
import classes from './timeline.module.css';

/** Comments under a communication, and one more line to write. Enter sends. */
export function EntryComments({ entry }: { readonly entry: TimelineEntry }) {
  const { t, language } = useLanguage();
  const [text, setText] = useState('');
  const [busy, setBusy] = useState(false);

  async function send(event: FormEvent): Promise<void> {
    event.preventDefault();
    const body = text.trim();
    if (body === '' || busy) return;
    setBusy(true);
    setCommandFailure(null);
    try {
      storeComment(
        entry,
        await call('POST /api/v1/timeline-entries/:id/comments', { params: { id: entry.id }, body: { body } }),
      );
      setText('');
    } catch (error) {
      setCommandFailure(failureCode(error));
    }
    setBusy(false);
  }
  function onKeyDown(event: KeyboardEvent<HTMLInputElement>): void {
    if (event.key === 'Escape') event.currentTarget.blur();
  }
  return (
    <div className={classes.comments}>
      {entry.comments.map((comment) => (
        <p key={comment.id}>
          <b>{comment.author.name}</b> <small>{dayAndTime(comment.at, Date.now(), language)}</small> {comment.body}
        </p>
      ))}
      <form onSubmit={send}>
        <input
          value={text}
          maxLength={4000}
          placeholder={t('timeline.addComment')}
          aria-label={t('timeline.addComment')}
          onChange={(event) => setText(event.currentTarget.value)}
          onKeyDown={onKeyDown}
          data-testid="comment"
        />
        <button type="submit" disabled={busy || text.trim() === ''}>
          {t('timeline.send')}
        </button>
      </form>
    </div>
  );
}
