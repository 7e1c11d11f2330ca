import { type ClipboardEvent, type DragEvent, type KeyboardEvent, useId, useRef, useState } from 'react';
import type { ConversationView } from '../../../server/contract/messages-schemas.ts';
import type { MessageChannelName } from '../../../server/contract/messages-words.ts';
import { useLanguage } from '../../i18n/use-language.ts';
import { addressed, hasOwnWords, isSendable } from '../../state/composition.ts';
import { editDraft, useDraft } from '../../state/message-drafts.ts';
import { sendMessage } from '../../state/sent-message.ts';
import { replaceRange } from '../../state/template-query.ts';
import { upload, useUploads } from '../../state/uploads.ts';
import { useCard } from '../use-card.ts';
import { AddressFields } from './address-fields.tsx';
import { AttachmentLines } from './attachment-lines.tsx';
import { FormFoot } from './form-foot.tsx';
import { GateLines } from './gate-lines.tsx';
import { hasWarnings, isBlocked } from './gate-words.ts';
import classes from './messages.module.css';
import { NewerMessage } from './newer-message.tsx';
import { Quotation } from './quotation.tsx';
import { SmsCounter } from './sms-counter.tsx';
import { TemplateList } from './template-list.tsx';
import { useGate } from './use-gate.ts';
import { useTemplateTyping } from './use-template-typing.ts';
import { WritingNotice } from './writing-notice.tsx';

/** The field that the keys S and E go to. */
export const MESSAGE_FIELD_ID = 'message-field';
const LENGTH = 100_000;

interface MessageFormProps {
  readonly clientId: number;
  readonly channel: MessageChannelName;
  /** The open one that this would go on. */
  readonly conversation: ConversationView | undefined;
}

/** One message being written: to whom, what, with what, and what stands against sending it. */
export function MessageForm({ clientId, channel, conversation }: MessageFormProps) {
  const { t } = useLanguage();
  const gateId = useId();
  const field = useRef<HTMLTextAreaElement>(null);
  const { composition, state } = useDraft(clientId, channel);
  const card = useCard(clientId).data;
  const points = (card?.contactPoints ?? [])
    .filter(({ kind }) => kind === (channel === 'email' ? 'email' : 'phone'))
    .toSorted((left, right) => Number(right.isPrimary) - Number(left.isPrimary))
    .map(({ value }) => value);
  const message = addressed(composition, { conversation, points: channel === 'chat' ? [] : points });
  const { answer } = useGate(clientId, channel, message);
  const uploading = useUploads(({ uploads }) =>
    uploads.some((each) => each.clientId === clientId && each.tab === channel && each.failure === null),
  );
  const templates = useTemplateTyping({ clientId, channel, language: card?.language ?? '', field });
  const sending = useSending({ clientId, channel, message, conversation, warned: hasWarnings(answer) });
  const written = hasOwnWords(composition);
  const arrived = useArrivedMeanwhile(conversation, written);
  const canSend = isSendable(message) && !isBlocked(answer) && !uploading && !sending.busy;
  const edit = (change: Partial<typeof composition>): void => editDraft(clientId, channel, change);

  async function attach(files: readonly File[], pasted: boolean): Promise<void> {
    for (const file of files) {
      const caret = field.current?.selectionStart ?? composition.text.length;
      const attachment = await upload(clientId, channel, file);
      // a pasted picture of a mail stands where it was pasted
      if (attachment === undefined || !pasted || channel !== 'email' || !file.type.startsWith('image/')) continue;
      const text = field.current?.value ?? composition.text;
      edit({ text: replaceRange(text, { start: caret, end: caret }, `cid:${attachment.id}`).text });
    }
  }
  function onKeyDown(event: KeyboardEvent<HTMLTextAreaElement>): void {
    if (templates.onKeyDown(event)) return;
    if (event.key === 'Escape') event.currentTarget.blur();
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    if (canSend) void sending.send();
  }
  function onPaste(event: ClipboardEvent): void {
    const files = [...event.clipboardData.files];
    if (files.length === 0) return;
    event.preventDefault();
    void attach(files, true);
  }
  function onDrop(event: DragEvent): void {
    event.preventDefault();
    void attach([...event.dataTransfer.files], false);
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping files has its button below
    <div
      className={classes.form}
      data-channel={channel}
      onDragOver={(event) => event.preventDefault()}
      onDrop={onDrop}
      data-testid="message-form"
    >
      <WritingNotice conversation={conversation} />
      {sending.newer || arrived ? <NewerMessage conversation={conversation} isRefused={sending.newer} /> : null}
      <AddressFields
        key={sending.count}
        channel={channel}
        message={message}
        points={points}
        conversation={conversation}
        from={answer?.from ?? conversation?.address ?? null}
        onEdit={edit}
      />
      {channel === 'email' ? (
        <input
          className={classes.subject}
          aria-label={t('write.subject')}
          placeholder={t('write.subject')}
          value={composition.subject}
          maxLength={500}
          autoComplete="off"
          onChange={(event) => edit({ subject: event.currentTarget.value })}
          data-testid="message-subject"
        />
      ) : null}
      <div className={classes.field}>
        <TemplateList typing={templates} />
        <textarea
          ref={field}
          id={MESSAGE_FIELD_ID}
          className={classes.text}
          rows={channel === 'email' ? 4 : 3}
          maxLength={LENGTH}
          aria-label={t(`write.text.${channel}`)}
          placeholder={t('write.placeholder')}
          value={composition.text}
          {...templates.ariaOfField}
          onChange={(event) => edit({ text: event.currentTarget.value })}
          onSelect={templates.onCaret}
          onBlur={templates.close}
          onKeyDown={onKeyDown}
          onPaste={onPaste}
          data-testid="message-text"
        />
      </div>
      <TemplateGaps missing={templates.missing} />
      {channel === 'email' ? <Quotation answersId={composition.answersId} /> : null}
      <AttachmentLines clientId={clientId} tab={channel} attachments={composition.attachments} onEdit={edit} />
      <FormFoot
        clientId={clientId}
        channel={channel}
        purpose={composition.purpose}
        canSend={canSend}
        busy={sending.busy}
        sure={sending.asking}
        gateId={gateId}
        draft={written ? state : undefined}
        onEdit={edit}
        onSend={() => void sending.send()}
        onFiles={(files) => void attach(files, false)}
        onTemplates={templates.open}
      >
        {channel === 'sms' ? <SmsCounter text={composition.text} /> : null}
      </FormFoot>
      <GateLines id={gateId} answer={answer} asking={sending.asking} />
    </div>
  );
}

function TemplateGaps({ missing }: { readonly missing: readonly string[] }) {
  const { t } = useLanguage();
  if (missing.length === 0) return null;
  return (
    <p className={classes.gaps} role="status" data-testid="template-missing">
      {t('template.missing', { fields: missing.join(', ') })}
    </p>
  );
}

/** Whether the client wrote after this person had begun to write. */
function useArrivedMeanwhile(conversation: ConversationView | undefined, writing: boolean): boolean {
  const [begun, setBegun] = useState<string>();
  const last = conversation?.lastMessageAt;
  if (writing && begun === undefined) setBegun(last ?? '');
  if (!writing && begun !== undefined) setBegun(undefined);
  return begun !== undefined && last !== undefined && last > begun && conversation?.lastDirection === 'in';
}

interface SendingProps {
  readonly clientId: number;
  readonly channel: MessageChannelName;
  readonly message: ReturnType<typeof addressed>;
  readonly conversation: ConversationView | undefined;
  readonly warned: boolean;
}

/** Sending: warnings want a second press, and so does a message that came meanwhile. */
function useSending({ clientId, channel, message, conversation, warned }: SendingProps) {
  const [busy, setBusy] = useState(false);
  // asked about this very message: another letter, and it is asked again
  const [askedOf, setAskedOf] = useState<string>();
  const [newer, setNewer] = useState(false);
  const [count, setCount] = useState(0);
  const signature = JSON.stringify(message);
  const asking = askedOf === signature && warned;
  async function send(): Promise<void> {
    if (warned && !asking) return setAskedOf(signature);
    setBusy(true);
    const seenMessages = message.conversationId === conversation?.id ? conversation?.messages : undefined;
    const result = await sendMessage({ clientId, channel, message, seenMessages, despiteWarnings: asking });
    setBusy(false);
    if (result === 'sent') setCount(count + 1);
    setNewer(result === 'newer_message');
    // sent before the gate had answered: what it says now is on the screen, and the next press is the second one
    setAskedOf(result === 'refused' ? signature : undefined);
  }
  /** `count`: how many left from here; each begins with fresh fields. */
  return { busy, asking, newer, count, send };
}
