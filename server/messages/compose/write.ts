import type { Database, Executor } from '../../../db/client.ts';
import type { SignedInUser } from '../../access/route.ts';
import { timeZoneOf } from '../../clients/time-zone.ts';
import type { Input, Output } from '../../contract/api.ts';
import type { GateAnswer, MailAddress, MessageInput } from '../../contract/messages-schemas.ts';
import type { ClientCard } from '../../contract/schemas.ts';
import { AppError } from '../../kernel/errors.ts';
import {
  type AddressId,
  type AttachmentId,
  type ClientId,
  type ConversationId,
  type EntryId,
  type MessageId,
  newId,
  type TemplateId,
  type UserId,
} from '../../kernel/ids.ts';
import { kindOf } from '../addressing.ts';
import type { MessagesContext } from '../context.ts';
import { type ConversationRow, readConversation } from '../conversation-store.ts';
import type { Conversations, Gate, Outbox } from '../rooms.ts';
import { languageOf } from './fields.ts';
import { type Letter, letterOf } from './letter.ts';
import {
  copyFiles,
  deleteDraft,
  ownAddresses,
  readDraftFiles,
  readLetter,
  readSignature,
  type StoredLetter,
} from './store.ts';

type WriteBody = NonNullable<Input<'POST /api/v1/messages'>['body']>;
type Written = Output<'POST /api/v1/messages'>;

export interface ComposeParts {
  readonly conversations: Pick<
    Conversations,
    | 'openFor'
    | 'answered'
    | 'changed'
    | 'view'
    | 'noteWriting'
    | 'refreshEntries'
    | 'refreshDeliveries'
    | 'deliveriesChanged'
  >;
  readonly outbox: Pick<Outbox, 'enqueue' | 'wake'>;
  readonly gate: Pick<Gate, 'ask'>;
}

const dayMs = 24 * 60 * 60_000;
/** What could not leave within this time is given up and shown: an old answer helps nobody. */
export const lifeMs = { sms: dayMs, chat: dayMs, email: 3 * dayMs } as const;

/** The gate's answer, for the words under the Send button. */
export const forbidden = (gate: GateAnswer, reason: string): AppError =>
  new AppError('conflict', 'the outbound gate has something against it', { details: { reason, gate } });

interface Wanted {
  readonly input: MessageInput;
  readonly card: ClientCard;
  readonly user: SignedInUser;
  readonly answered: StoredLetter | null;
  readonly conversation: ConversationRow | null;
}

/** Writing to a client: everything that is checked before it is stored, and the storing. */
export function createWriting(context: MessagesContext, { conversations, outbox, gate }: ComposeParts) {
  const { db, clock, clients, journal, setup } = context;

  /** The message that is answered; of a card that this user may see. @throws AppError `not_found` */
  async function answeredOf({ answersId }: MessageInput, user: SignedInUser): Promise<StoredLetter | null> {
    if (answersId === undefined) return null;
    const letter = await readLetter(db, answersId as MessageId);
    if (!letter) throw new AppError('not_found', `there is no message ${answersId}`);
    await clients.requireVisible(letter.clientId, user);
    return letter;
  }

  /** The conversation that it goes on, if any: the named one, or that of the answered message. */
  async function conversationOf(input: MessageInput, answered: StoredLetter | null, clientId: ClientId) {
    const isAnswer = input.mode === 'reply' || input.mode === 'reply_all';
    const id = input.conversationId ?? (isAnswer ? answered?.conversationId : undefined);
    if (id === undefined) return null;
    const conversation = await readConversation(db, id as ConversationId);
    if (!conversation || conversation.clientId !== clientId || conversation.channel !== input.channel)
      throw new AppError('not_found', `this client has no conversation ${id} on this channel`);
    // from another address of ours it is another conversation
    const isElsewhere = input.addressId !== undefined && input.addressId !== conversation.addressId;
    return isElsewhere ? null : conversation;
  }

  async function letterFor({ input, card, user, answered, conversation }: Wanted): Promise<Letter> {
    const kind = kindOf[input.channel];
    const primary = card.contactPoints.find((point) => point.kind === kind)?.value ?? null;
    const number = card.contactPoints.find((point) => point.kind === 'phone')?.value ?? '';
    return letterOf(input, {
      answered,
      fallback: conversation?.peer ?? primary,
      own: await ownAddresses(db, input.channel),
      region: setup.company.region,
      signature: input.channel === 'email' ? await readSignature(db, user.id) : '',
      language: languageOf(card.language, setup.company.language),
      timeZone: card.timeZone || timeZoneOf(number) || setup.company.timeZone,
    });
  }

  /** @throws AppError `bad_request` when one of them is not this user's, or was sent already */
  async function checkFiles(ids: readonly string[], user: SignedInUser): Promise<AttachmentId[]> {
    const wanted = [...new Set(ids)] as AttachmentId[];
    if (wanted.length === 0) return [];
    const found = new Set((await readDraftFiles(db, user.id, wanted)).map(({ id }) => id as AttachmentId));
    const lost = wanted.find((id) => !found.has(id));
    if (lost !== undefined) throw new AppError('bad_request', `attachment ${lost} is not a draft's of yours`);
    return wanted;
  }

  /** Whom a person writes to belongs to the card from then on, unless another card has the address. */
  async function keepAddress({ input, card, user }: Wanted, [first]: readonly MailAddress[]): Promise<void> {
    const kind = kindOf[input.channel];
    if (!first || kind === 'visitor' || input.mode === 'forward') return;
    if (card.contactPoints.some((point) => point.kind === kind && point.value === first.address)) return;
    try {
      await clients.addContactPoint(card.id as ClientId, { kind, value: first.address }, user);
    } catch (error) {
      // somebody else's address may be written to all the same, and a full card is no reason not to write
      if (!(error instanceof AppError)) throw error;
    }
  }

  const undoSeconds = async (executor: Executor): Promise<number> => {
    const [row] = await executor.run<{ undo_seconds: number }>({
      name: 'compose_undo_seconds',
      text: 'SELECT undo_seconds FROM message_settings',
      values: [],
    });
    return row?.undo_seconds ?? 0;
  };

  /** @throws AppError `conflict` with the gate's answer in its details */
  function heed(answer: GateAnswer, despiteWarnings: boolean): void {
    if (!answer.allowed) throw forbidden(answer, 'blocked');
    if (!despiteWarnings && answer.lines.some(({ effect }) => effect === 'warns')) throw forbidden(answer, 'warned');
  }

  async function store(tx: Executor, wanted: Wanted, letter: Letter, body: WriteBody, answer: GateAnswer) {
    const { input, user, card, answered } = wanted;
    if (!answer.from) throw forbidden(answer, 'blocked');
    const now = clock.now();
    const opened = await conversations.openFor(tx, {
      conversationId: wanted.conversation?.id ?? null,
      clientId: card.id as ClientId,
      channel: input.channel,
      addressId: answer.from.id as AddressId,
      peer: letter.to[0]?.address ?? '',
      subject: letter.subject,
    });
    const { conversation } = opened;
    checkSeen(conversation, body, answer);
    const undoMs = (await undoSeconds(tx)) * 1000;
    const waitsUntil = answer.sendAt === null ? 0 : Date.parse(answer.sendAt);
    const notBefore = Math.max(now + undoMs, waitsUntil);
    const copies =
      input.mode === 'forward' && answered ? await copyFiles(tx, answered.id, newId<AttachmentId>, new Date(now)) : [];
    const id = newId<MessageId>();
    const queued = await outbox.enqueue(tx, {
      idempotencyKey: keyOf(user, body.key),
      conversation,
      row: {
        id,
        at: new Date(now),
        userId: user.id,
        origin: 'agent',
        purpose: input.purpose,
        fromAddress: answer.from.value,
        fromName: answer.from.name,
        ...letter,
        writtenText: input.text.replaceAll('\0', ''),
        answersId: answered?.id ?? null,
        templateId: (input.templateId ?? null) as TemplateId | null,
        facts: { mode: input.mode },
      },
      attachmentIds: [...((input.attachmentIds ?? []) as AttachmentId[]), ...copies],
      nature: input.purpose === 'marketing' ? 'bulk' : 'person',
      priority: 1,
      notBefore,
      expiresAt: notBefore + lifeMs[input.channel],
      isHeld: notBefore > now,
    });
    const done = await conversations.answered(tx, conversation.id, { userId: user.id, messageId: id, at: now });
    await deleteDraft(tx, { userId: user.id, clientId: card.id as ClientId, channel: input.channel });
    const entries = await journal.append(tx, [...opened.events, ...queued.events, ...done]);
    return { id: queued.id, conversationId: conversation.id, entries };
  }

  async function answerOf(id: MessageId, gateAnswer: GateAnswer, user: SignedInUser): Promise<Written> {
    const entry = await context.timeline.entryView(id as string as EntryId);
    const letter = await readLetter(db, id);
    if (!letter) throw new AppError('not_found', `there is no message ${id}`);
    return { entry, conversation: await conversations.view(letter.conversationId, user), gate: gateAnswer };
  }

  return {
    /**
     * Stores a message that leaves after the time for undoing. The same key again answers the message that it made.
     * @throws AppError `conflict` with `reason` (`blocked`, `warned`, `newer_message`) and the gate's answer in its details;
     * `not_found`, `invalid_number`, `invalid_email`, `bad_request`
     */
    async write(body: WriteBody, user: SignedInUser): Promise<Written> {
      const { id: clientId } = await clients.requireVisible(body.message.clientId as ClientId, user);
      const input: MessageInput = { ...body.message, clientId };
      const answered = await answeredOf(input, user);
      const conversation = await conversationOf(input, answered, clientId);
      const wanted: Wanted = { input, card: await clients.card(clientId), user, answered, conversation };
      const letter = await letterFor(wanted);
      const { to, cc, subject } = letter;
      const question = {
        ...input,
        clientId,
        to,
        cc,
        subject,
        ...(conversation && { conversationId: conversation.id }),
      };
      const answer = await gate.ask({ ...question, text: input.text }, user);
      const known = await findWritten(db, keyOf(user, body.key));
      if (known !== null) return answerOf(known, answer, user);
      heed(answer, body.despiteWarnings ?? false);
      await checkFiles(input.attachmentIds, user);
      await keepAddress(wanted, to);
      const { id, conversationId, entries } = await db.transaction((tx) => store(tx, wanted, letter, body, answer));
      journal.published(entries);
      outbox.wake();
      conversations.noteWriting(user.id, clientId, null);
      await conversations.changed({ id: conversationId, messageId: id, alert: false });
      return answerOf(id, answer, user);
    },
  };
}

/** Keys are a person's own: nobody guesses another one's message out of the house. */
const keyOf = (user: { readonly id: UserId }, key: string): string => `user ${user.id} ${key}`;

async function findWritten(db: Database, key: string): Promise<MessageId | null> {
  const [row] = await db.run<{ id: MessageId }>({
    name: 'compose_by_key',
    text: 'SELECT id FROM message_outbox WHERE idempotency_key = $1',
    values: [key],
  });
  return row?.id ?? null;
}

/** @throws AppError `conflict` when the client wrote after what the writer saw */
function checkSeen(conversation: ConversationRow, body: WriteBody, answer: GateAnswer): void {
  const { seenMessages, despiteWarnings = false } = body;
  if (seenMessages === undefined || despiteWarnings || conversation.messages <= seenMessages) return;
  if (conversation.lastDirection !== 'in') return;
  const line = { reason: 'newer_message', effect: 'warns', until: null, facts: {} } as const;
  throw new AppError('conflict', 'the client wrote meanwhile', {
    details: {
      reason: 'newer_message',
      version: conversation.version,
      gate: { ...answer, lines: [...answer.lines, line] },
    },
  });
}
