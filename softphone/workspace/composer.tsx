import { Button, Textarea } from '@mantine/core';
import { type KeyboardEvent, useState } from 'react';
import type { InteractionView } from '../../server/contract/schemas.ts';
import { useLanguage } from '../i18n/use-language.ts';
import { call } from '../net/api.ts';
import { failureCode } from '../net/problem.ts';
import { storeEntry } from '../state/cards.ts';
import { typeNote, useDrafts } from '../state/drafts.ts';
import { setCommandFailure } from '../state/stores.ts';
import classes from './composer.module.css';

interface ComposerProps {
  readonly interaction: InteractionView | undefined;
  readonly clientId: number;
}

const tabs = ['note', 'sms', 'email'] as const;

/** Where the agent writes: during a call its note, otherwise a note for the history. */
export function Composer({ interaction, clientId }: ComposerProps) {
  const { t } = useLanguage();
  return (
    <section className={classes.composer} aria-label={t('composer.note')}>
      <div className={classes.tabs} role="tablist">
        {tabs.map((tab) => (
          <button
            key={tab}
            type="button"
            role="tab"
            aria-selected={tab === 'note'}
            disabled={tab !== 'note'}
            title={tab === 'note' ? undefined : t('composer.later')}
          >
            {t(`composer.${tab}`)}
          </button>
        ))}
        <span className={classes.later}>{t('composer.later')}</span>
      </div>
      {interaction === undefined ? (
        <ClientNote key={clientId} clientId={clientId} />
      ) : (
        <CallNote key={interaction.id} interaction={interaction} />
      )}
    </section>
  );
}

/** The field that the key N goes to. */
export const NOTE_FIELD_ID = 'note-field';

function CallNote({ interaction }: { readonly interaction: InteractionView }) {
  const { t } = useLanguage();
  const draft = useDrafts((store) => store.notes[interaction.id]);
  return (
    <>
      <Textarea
        id={NOTE_FIELD_ID}
        aria-label={t('composer.note')}
        placeholder={t('composer.callPlaceholder')}
        rows={3}
        maxLength={10_000}
        value={draft?.text ?? interaction.note}
        onChange={(event) => typeNote(interaction.id, event.currentTarget.value)}
        onKeyDown={leaveOnEscape}
        data-testid="note"
      />
      <div className={classes.foot} data-testid="note-state" data-state={draft?.state ?? 'saved'}>
        {draft === undefined ? '' : t(`composer.${draft.state}`)}
      </div>
    </>
  );
}

function ClientNote({ clientId }: { readonly clientId: number }) {
  const { t } = useLanguage();
  const [text, setText] = useState('');
  const [busy, setBusy] = useState(false);

  async function save(): Promise<void> {
    const body = text.trim();
    if (body === '' || busy) return;
    setBusy(true);
    setCommandFailure(null);
    try {
      storeEntry(await call('POST /api/v1/clients/:id/notes', { params: { id: clientId }, body: { body } }));
      setText('');
    } catch (error) {
      setCommandFailure(failureCode(error));
    }
    setBusy(false);
  }
  function onKeyDown(event: KeyboardEvent<HTMLTextAreaElement>): void {
    leaveOnEscape(event);
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      void save();
    }
  }
  return (
    <>
      <Textarea
        id={NOTE_FIELD_ID}
        aria-label={t('composer.note')}
        placeholder={t('composer.notePlaceholder')}
        rows={3}
        maxLength={10_000}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        onKeyDown={onKeyDown}
        data-testid="note"
      />
      <div className={classes.foot}>
        <Button
          size="compact-sm"
          variant="light"
          loading={busy}
          disabled={text.trim() === ''}
          onClick={save}
          data-testid="note-save"
        >
          {t('composer.save')}
        </Button>
        <kbd>Ctrl Enter</kbd>
      </div>
    </>
  );
}

/** Out of the field, so that single keys work again. */
function leaveOnEscape(event: KeyboardEvent<HTMLTextAreaElement>): void {
  if (event.key === 'Escape') event.currentTarget.blur();
}
