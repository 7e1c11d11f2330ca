import { Button, Textarea } from '@mantine/core';
import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import type { InteractionView } from '../../server/contract/schemas.ts';
import { useLanguage } from '../i18n/use-language.ts';
import { call } from '../net/api.ts';
import { failureCode } from '../net/problem.ts';
import { storeEntry } from '../state/cards.ts';
import { composerPlace, openTab, useComposer } from '../state/composer-tab.ts';
import type { ComposerTab } from '../state/composition.ts';
import { mostUrgent } from '../state/conversation-list.ts';
import { typeNote, useDrafts } from '../state/drafts.ts';
import { editDraft, forgetDraft, loadDrafts, useDraft } from '../state/message-drafts.ts';
import { setCommandFailure } from '../state/stores.ts';
import classes from './composer.module.css';
import { MESSAGE_FIELD_ID, MessageForm } from './messages/message-form.tsx';
import { useCardConversations } from './messages/queries.ts';
import { useForeground } from './messages/use-foreground.ts';

interface ComposerProps {
  readonly interaction: InteractionView | undefined;
  readonly clientId: number;
  /** In the foreground of the card. */
  readonly conversationId: string | undefined;
}

const PANEL_ID = 'composer-panel';
const tabId = (tab: ComposerTab): string => `composer-tab-${tab}`;

/** Where the agent writes: during a call its note, otherwise a note for the history, or a message to the client. */
export function Composer({ interaction, clientId, conversationId }: ComposerProps) {
  const { t } = useLanguage();
  const place = composerPlace(clientId, interaction?.id);
  const chosen = useComposer((store) => store.tabs[place]) ?? 'note';
  const conversations = useCardConversations(clientId);
  const chats = conversations.some(({ channel, state }) => channel === 'chat' && state !== 'closed');
  const tabs: readonly ComposerTab[] = chats ? ['note', 'sms', 'email', 'chat'] : ['note', 'sms', 'email'];
  const tab = tabs.includes(chosen) ? chosen : 'note';
  const focused = conversations.find(({ id }) => id === conversationId);
  const ofTab = conversations.filter(({ channel, state }) => channel === tab && state !== 'closed');
  useEffect(() => void loadDrafts(clientId), [clientId]);
  useEffect(() => useComposer.setState({ place }), [place]);
  useForeground(focused);
  useRequestedFocus(tab);
  return (
    <section className={classes.composer} aria-label={t('write.label')}>
      <Tabs tabs={tabs} chosen={tab} onChoose={(next, focus) => openTab(place, next, focus)} />
      <div id={PANEL_ID} role="tabpanel" aria-labelledby={tabId(tab)} className={classes.panel}>
        {tab !== 'note' ? (
          <MessageForm
            key={`${clientId}/${tab}`}
            clientId={clientId}
            channel={tab}
            conversation={focused?.channel === tab ? focused : mostUrgent(ofTab)}
          />
        ) : interaction === undefined ? (
          <ClientNote key={clientId} clientId={clientId} />
        ) : (
          <CallNote key={interaction.id} interaction={interaction} />
        )}
      </div>
    </section>
  );
}

interface TabsProps {
  readonly tabs: readonly ComposerTab[];
  readonly chosen: ComposerTab;
  /** @param focus whether the field shall have the focus: not while somebody walks along the tabs */
  readonly onChoose: (tab: ComposerTab, focus: boolean) => void;
}

/** One stop of the tab key; the arrows walk along. */
function Tabs({ tabs, chosen, onChoose }: TabsProps) {
  const { t } = useLanguage();
  function onKeyDown(event: KeyboardEvent<HTMLDivElement>): void {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    const next = tabs[(tabs.indexOf(chosen) + step + tabs.length) % tabs.length];
    if (step === 0 || next === undefined) return;
    event.preventDefault();
    onChoose(next, false);
    document.getElementById(tabId(next))?.focus();
  }
  return (
    <div className={classes.tabs} role="tablist" aria-label={t('write.label')} onKeyDown={onKeyDown}>
      {tabs.map((tab) => (
        <button
          key={tab}
          id={tabId(tab)}
          type="button"
          role="tab"
          aria-selected={tab === chosen}
          aria-controls={PANEL_ID}
          tabIndex={tab === chosen ? 0 : -1}
          onClick={() => onChoose(tab, true)}
          data-testid={`tab-${tab}`}
        >
          {t(`composer.${tab}`)}
        </button>
      ))}
    </div>
  );
}

/** The field takes the focus when somebody asked for it, never because something was drawn. */
function useRequestedFocus(tab: ComposerTab): void {
  const requests = useComposer((store) => store.focusRequests);
  const served = useRef(requests);
  useEffect(() => {
    if (served.current === requests) return;
    served.current = requests;
    document.getElementById(tab === 'note' ? NOTE_FIELD_ID : MESSAGE_FIELD_ID)?.focus();
  }, [requests, tab]);
}

/** The field that the key N goes to. */
const NOTE_FIELD_ID = 'note-field';

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
  const { composition, state } = useDraft(clientId, 'note');
  const { text } = composition;
  const [busy, setBusy] = useState(false);

  async function save(): Promise<void> {
    const body = text.trim();
    if (body === '' || busy) return;
    setBusy(true);
    setCommandFailure(null);
    try {
      storeEntry(await call('POST /api/v1/clients/:id/notes', { params: { id: clientId }, body: { body } }));
      forgetDraft(clientId, 'note');
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
        onChange={(event) => editDraft(clientId, 'note', { text: event.currentTarget.value })}
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
        <span data-testid="draft-state">{text === '' || state === undefined ? '' : t(`write.draft.${state}`)}</span>
      </div>
    </>
  );
}

/** Out of the field, so that single keys work again. */
function leaveOnEscape(event: KeyboardEvent<HTMLTextAreaElement>): void {
  if (event.key === 'Escape') event.currentTarget.blur();
}
