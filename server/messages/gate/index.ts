import type { Executor } from '../../../db/client.ts';
import type { Routes, SignedInUser } from '../../access/route.ts';
import { timeZoneOf } from '../../clients/time-zone.ts';
import type { Draft, GateAnswer, GateLine } from '../../contract/messages-schemas.ts';
import type { MessageChannelName } from '../../contract/messages-words.ts';
import { countSms } from '../../contract/sms-text.ts';
import { AppError } from '../../kernel/errors.ts';
import type { AddressId, AttachmentId, ClientId, ConversationId } from '../../kernel/ids.ts';
import type { JournalEvent } from '../../kernel/journal.ts';
import { canonicalAddresses, kindOf } from '../addressing.ts';
import type { MessagesContext } from '../context.ts';
import type { ConsentNote, Conversations, Gate } from '../rooms.ts';
import type { GateFacts } from './facts.ts';
import { judge, latestWord, softFailures } from './judge.ts';
import { gateRoutes } from './routes.ts';
import { hadAutoReply, insertConsent, readConsents, readSituation, readSuppressions, type Situation } from './store.ts';

export type GateQuestion = Draft & { readonly clientId: ClientId; readonly channel: MessageChannelName };

export interface GatePart extends Gate {
  readonly routes: Routes;
}

type GateContext = Pick<MessagesContext, 'db' | 'clock' | 'clients' | 'channels' | 'setup' | 'journal'>;

/** The one door for everything that goes out. Facts are read, the judgement is pure (judge.ts). */
export function createGate(context: GateContext, conversations: Pick<Conversations, 'whoWrites'>): GatePart {
  const { db, clock, channels, setup } = context;

  const writersOf = (clientId: ClientId, user: SignedInUser | null): string[] => {
    const others = conversations.whoWrites(clientId).filter(({ userId }) => userId !== user?.id);
    const names = others.map(({ userId }) => setup.agents.find(({ id }) => id === userId)?.name ?? '');
    return [...new Set(names)].filter((name) => name !== '');
  };

  async function factsOf(question: GateQuestion, user: SignedInUser | null): Promise<GateFacts> {
    const now = clock.now();
    const { clientId, channel, purpose = 'service', text = '', subject = '' } = question;
    const situation = await readSituation(db, {
      clientId,
      channel,
      conversationId: (question.conversationId ?? null) as ConversationId | null,
      addressId: (question.addressId ?? null) as AddressId | null,
      attachmentIds: (question.attachmentIds ?? []) as AttachmentId[],
      now,
    });
    const recipients = recipientsOf(question, situation);
    const consents = await readConsents(db, kindOf[channel], recipients, clientId);
    const { from } = situation;
    const via = from && channels.get(from.accountId);
    return {
      now,
      channel,
      purpose,
      recipients,
      text,
      subject,
      attachmentBytes: situation.attachmentBytes,
      from: from && { id: from.id, channel, value: from.value, name: from.name },
      account: via ? { capabilities: via.capabilities, health: via.health() } : null,
      isStarting: from?.isOn === true && !via,
      consents,
      suppressions: await readSuppressions(db, channel, recipients),
      marketingThisWeek: situation.marketingThisWeek,
      marketingPerWeek: situation.marketingPerWeek,
      consentRequired: situation.consentRequired,
      quiet: { from: situation.quietFrom, to: situation.quietTo, timeZone: zoneOf(situation, recipients) },
      clientWroteAt: situation.clientWroteAt?.getTime() ?? null,
      writers: writersOf(clientId, user),
    };
  }

  async function noteConsent(tx: Executor, note: ConsentNote): Promise<readonly JournalEvent[]> {
    await insertConsent(tx, note, new Date(clock.now()));
    const { channel, purpose, state, source } = note;
    const data = { channel, purpose, state, source };
    return [{ type: 'client.consent', clientId: note.clientId ?? undefined, userId: note.userId ?? undefined, data }];
  }

  const refusal: Gate['refusal'] = async (executor, { channel, value }, purpose) => {
    const words = await readConsents(executor, kindOf[channel], [value], null);
    const word = latestWord(words, { channel, purpose });
    return word?.state === 'refused' ? { at: word.at, evidence: word.evidence } : null;
  };

  async function mayAutoReply(
    tx: Executor,
    { channel, address }: { readonly channel: MessageChannelName; readonly address: string },
  ): Promise<boolean> {
    if (await hadAutoReply(tx, { channel, address, now: clock.now() })) return false;
    const closed = await readSuppressions(tx, channel, [address]);
    if (closed.some(({ reason, failures }) => reason !== 'unreachable' || failures >= softFailures)) return false;
    return (await refusal(tx, { channel, value: address }, 'service')) === null;
  }

  const ask: Gate['ask'] = async (question, user) => answerOf(await factsOf(question, user));

  return {
    ask,
    mayAutoReply,
    noteConsent,
    refusal,
    routes: gateRoutes({ context, ask, noteConsent }),
  };
}

/** Whom it goes to: as written, else the conversation's, else the card's first address. What cannot be read is the writer's to mend. */
function recipientsOf({ channel, to = [], cc = [] }: GateQuestion, situation: Situation): string[] {
  const readable = [...to, ...cc].flatMap((written) => {
    try {
      return canonicalAddresses(channel, [written], situation.region);
    } catch (error) {
      if (error instanceof AppError) return [];
      throw error;
    }
  });
  if (readable.length > 0) return [...new Set(readable.map(({ address }) => address))];
  const known = situation.peer ?? situation.primary;
  return known === null || to.length > 0 ? [] : [known];
}

/** Of the card; else where the number most likely rings; else ours. */
const zoneOf = ({ timeZone, companyTimeZone }: Situation, recipients: readonly string[]): string =>
  timeZone || timeZoneOf(recipients[0] ?? '') || companyTimeZone;

function answerOf(facts: GateFacts): GateAnswer {
  const lines = judge(facts);
  const waits = lines.flatMap(({ effect, until }) => (effect === 'delays' && until !== null ? [until] : []));
  return {
    allowed: !lines.some(({ effect }: GateLine) => effect === 'blocks'),
    sendAt: waits.sort().at(-1) ?? null,
    lines,
    segments: facts.channel === 'sms' ? segmentsOf(facts.text) : null,
    from: facts.from,
  };
}

function segmentsOf(text: string): GateAnswer['segments'] {
  const { alphabet, segments, characters, leftInSegment } = countSms(text);
  return { alphabet, segments, characters, left: leftInSegment };
}
