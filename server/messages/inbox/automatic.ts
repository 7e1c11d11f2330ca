import type { MessageArrived } from '../../../channels/message-channel.ts';
import type { Executor } from '../../../db/client.ts';
import { type ClientId, type MessageId, newId, type UserId } from '../../kernel/ids.ts';
import type { JournalEvent } from '../../kernel/journal.ts';
import { isOpen } from '../../routing/opening-hours.ts';
import { kindOf } from '../addressing.ts';
import type { MessagesContext } from '../context.ts';
import type { ConversationRow } from '../conversation-store.ts';
import type { NewOutgoing } from '../rooms.ts';
import { consentWord } from './keywords.ts';
import type { Arrival, InboxParts } from './parts.ts';
import { judgeByRules, noRuling, type Ruling } from './rules.ts';
import type { InboxSetting } from './setting.ts';

/** Automatic answers that did not leave for so long are not sent any more. */
const replyLifeMs = 24 * 60 * 60_000;
/** Of a message's words, in a task's note and as proof of a consent. */
const noteText = 1_000;
const evidenceText = 200;

/** What is done with a message without people, decided before it is stored. */
export interface Automatic {
  readonly ruling: Ruling;
  /** He wants no more messages, or wants them again. */
  readonly word: 'refused' | 'given' | null;
  readonly reply: { readonly subject: string; readonly text: string } | null;
}

export const nothingAutomatic: Automatic = { ruling: noRuling, word: null, reply: null };

/** New words; a letter without any has its subject, which is all that a mail program writes for "unsubscribe". */
const wordsOf = ({ writtenText, text, subject }: MessageArrived): string =>
  [writtenText, text, subject].find((words) => words.trim() !== '') ?? '';

const confirmations = {
  refused: {
    ru: 'Больше не будем вам писать. Чтобы снова получать сообщения, ответьте СТАРТ.',
    en: 'We will not write to you any more. Reply START to get our messages again.',
  },
  given: {
    ru: 'Вы снова будете получать наши сообщения. Чтобы отказаться, ответьте СТОП.',
    en: 'You will get our messages again. Reply STOP to refuse them.',
  },
} as const;

/** Only what a person wrote to us is judged; a visitor of a site has nothing to unsubscribe from. */
export async function decideAutomatic(
  context: MessagesContext,
  { render, gate }: Pick<InboxParts, 'render' | 'gate'>,
  decided: { readonly arrival: Arrival; readonly clientId: ClientId; readonly setting: InboxSetting },
): Promise<Automatic> {
  const { arrival, clientId, setting } = decided;
  const { event, address, peer } = arrival;
  const { channel } = event;
  if (event.direction !== 'in' || event.nature !== 'human') return nothingAutomatic;
  const words = wordsOf(event);
  const said = channel === 'chat' ? null : consentWord(words);
  const refusal = async () => gate.refusal(context.db, { channel, value: peer.value }, purposeOf(event) ?? 'service');
  // who never refused allows nothing by "start", least of all mailings: people answer it
  const word = said === 'given' && (await refusal()) === null ? null : said;
  const subject = event.subject === '' || /^re:/i.test(event.subject) ? event.subject : `Re: ${event.subject}`;
  if (word) {
    const card = await context.clients.card(clientId);
    const language = card.language === 'ru' || card.language === 'en' ? card.language : context.setup.company.language;
    return { ruling: noRuling, word, reply: { subject, text: confirmations[word][language] } };
  }
  const isOutOfHours = !isOpen(context.setup, address.queueId, context.clock.now());
  const message = { channel: event.channel, addressId: address.id, text: words, isOutOfHours };
  const ruling = judgeByRules(setting.rules, message);
  if (!ruling.reply) return { ruling, word, reply: null };
  const { text } = await render({ id: null, subject: '', body: ruling.reply.text }, clientId, null);
  return { ruling, word, reply: { subject, text: withoutFields(text) } };
}

/** Nobody looks at it before it leaves: a field that the card cannot fill is left out, with the comma before it. */
const withoutFields = (text: string): string =>
  text
    .replace(/,?[ \t]*\{\{\s*[\w.]+\s*\}\}/g, '')
    .replace(/[ \t]+([,.!?])/g, '$1')
    .trim();

interface Acting {
  readonly arrival: Arrival;
  readonly automatic: Automatic;
  readonly conversation: ConversationRow;
  readonly messageId: MessageId;
}

/** What the automatic decision writes in the message's own transaction. @returns the journal's events, and the reply */
export async function actAutomatically(
  context: MessagesContext,
  parts: InboxParts,
  tx: Executor,
  acting: Acting,
): Promise<{ events: JournalEvent[]; replyId: MessageId | null }> {
  const { arrival, automatic } = acting;
  const { event, peer } = arrival;
  const to = { channel: event.channel, address: peer.value };
  // asked before the refusal is noted: it forbids everything but the word that it was heard
  const mayReply = automatic.reply !== null && event.mayAutoReply && (await parts.gate.mayAutoReply(tx, to));
  const events: JournalEvent[] = [];
  if (automatic.word) events.push(...(await noteWord(parts, tx, acting)));
  const task = automatic.ruling.task && (await taskEvent(context, tx, acting, automatic.ruling.task));
  if (task) events.push(task);
  if (!mayReply || !automatic.reply) return { events, replyId: null };
  const reply = replyOf(context, acting, automatic.reply);
  const sent = await parts.outbox.enqueue(tx, reply);
  return { events: [...events, ...sent.events], replyId: sent.id };
}

const purposeOf = ({ channel }: MessageArrived): 'marketing' | null => (channel === 'email' ? 'marketing' : null);

/**
 * His own word is noted with the message as its proof. By SMS "stop" refuses everything on that channel, as networks demand; by
 * e-mail it refuses mailings: letters about his orders he did not mean.
 */
function noteWord({ gate }: InboxParts, tx: Executor, { arrival, automatic, conversation, messageId }: Acting) {
  const { event, peer } = arrival;
  const { channel } = event;
  return gate.noteConsent(tx, {
    kind: kindOf[channel],
    value: peer.value,
    channel,
    purpose: purposeOf(event),
    state: automatic.word ?? 'refused',
    source: 'keyword',
    evidence: `wrote "${wordsOf(event).trim().slice(0, evidenceText)}"`.replaceAll('\0', ''),
    messageId,
    userId: null,
    clientId: conversation.clientId,
  });
}

/** The journal carries it to the room of tasks: at least once, never lost. Null = there is nobody who could do it. */
async function taskEvent(
  { log }: MessagesContext,
  tx: Executor,
  { arrival, conversation, messageId }: Acting,
  rule: NonNullable<Ruling['task']>,
): Promise<JournalEvent | null> {
  const [card] = await tx.run<{ responsible_id: UserId | null }>({
    name: 'client_responsible',
    text: 'SELECT responsible_id FROM clients WHERE id = $1',
    values: [conversation.clientId],
  });
  const assigneeId = rule.userId ?? card?.responsible_id ?? conversation.ownerId;
  if (assigneeId === null) {
    log.warn({ ruleId: rule.id, messageId }, 'nobody could do what a rule asks for');
    return null;
  }
  const note = wordsOf(arrival.event).replaceAll('\0', '').slice(0, noteText).toWellFormed();
  const data = { ruleId: rule.id, messageId, assigneeId, title: rule.text, note };
  return { type: 'rule.task', clientId: conversation.clientId, data };
}

function replyOf(
  { clock }: MessagesContext,
  { arrival, conversation, messageId }: Acting,
  { subject, text }: { readonly subject: string; readonly text: string },
): NewOutgoing {
  const { event, peer, address } = arrival;
  const now = clock.now();
  return {
    idempotencyKey: `reply:${messageId}`,
    conversation,
    row: {
      id: newId<MessageId>(),
      at: new Date(now),
      origin: 'rule',
      nature: 'auto_reply',
      purpose: 'service',
      fromAddress: address.value,
      fromName: address.name,
      to: [{ address: peer.value, name: peer.name }],
      subject: event.channel === 'email' ? subject : '',
      text,
      writtenText: text,
      answersId: messageId,
      references: [...event.thread.messageIds.toReversed(), ...(event.providerId ? [event.providerId] : [])],
    },
    attachmentIds: [],
    nature: 'auto',
    priority: 5,
    notBefore: now,
    expiresAt: now + replyLifeMs,
    isHeld: false,
  };
}
