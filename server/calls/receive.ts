import type { CallArrived, Receipt } from '../../channels/channel.ts';
import { areaOf, type ParsedNumber, parsePhoneNumber } from '../clients/phone-number.ts';
import type { ClientCard } from '../contract/schemas.ts';
import { type CallId, type EntryId, type InteractionId, newId, type UserId } from '../kernel/ids.ts';
import type { LineRow } from '../routing/store.ts';
import { type CallsContext, journalEvent } from './context.ts';
import { giveUp } from './finishing.ts';
import type { CallClient, LiveCall } from './live-call.ts';
import { startWaiting } from './offering.ts';
import { openCall } from './store.ts';

/** Calls that are being stored: a caller who gives up meanwhile is noticed here. */
export type Arriving = Map<CallId, { gone: boolean }>;

/**
 * The one door for calls: number to E.164, card found or made, interaction opened and stored; then it is acknowledged
 * and looks for an agent.
 */
export async function receiveCall(context: CallsContext, arriving: Arriving, event: CallArrived): Promise<Receipt> {
  const { live, clients, journal, log } = context;
  const line = lineOf(context, event.to.raw);
  if (!line) {
    log.info({ callId: event.callId, trunkId: event.trunkId }, 'call to a number that is not ours');
    return { accepted: false, reason: 'unknown_number' };
  }
  if (live.size + arriving.size >= context.maxCalls) return { accepted: false, reason: 'overloaded' };
  const arrival = { gone: false };
  arriving.set(event.callId, arrival);
  try {
    const parsed = parsePhoneNumber(event.from.raw, line.region, areaOf(line.number));
    const displayName = event.from.displayName;
    const match = await clients.matchOrCreateByPhone(parsed, {
      ...(displayName ? { name: displayName } : {}),
      source: 'call',
    });
    const card = await context.clients.card(match.clientId);
    const call = incomingCall(context, { event, line, parsed, card, isNewCard: match.created });
    const events = [journalEvent(call, { type: 'interaction.opened', data: { line: line.number, rule: parsed.rule } })];
    const source = { channel: event.channel, sourceId: event.sourceId, facts: event.facts };
    const entries = await openCall(context.db, call, source, context.nodeId, events);
    if (!entries) return { accepted: false, reason: 'duplicate' };
    live.add(call);
    journal.published(entries);
    // Routing starts after the channel has its receipt: it is synchronous up to the first await.
    queueMicrotask(() => (arrival.gone ? giveUp(context, call) : startWaiting(context, call, card)));
    return { accepted: true };
  } finally {
    arriving.delete(event.callId);
  }
}

/** The first spelling of the called number that is a line of ours. */
export function lineOf(context: CallsContext, spellings: readonly string[]): LineRow | undefined {
  for (const spelling of spellings)
    for (const line of context.setup.lines)
      if (spelling === line.number || parsePhoneNumber(spelling, line.region).e164 === line.number) return line;
  return undefined;
}

export const clientOf = (card: ClientCard): CallClient => ({
  id: card.id as CallClient['id'],
  name: card.name,
  company: card.company,
  kind: card.kind,
  vip: card.vip,
  responsibleId: (card.responsible?.id ?? null) as UserId | null,
});

export const peerOf = (parsed: ParsedNumber, name: string): LiveCall['peer'] => ({
  number: parsed.e164 ?? '',
  display: parsed.display,
  raw: parsed.raw,
  extension: parsed.extension,
  name,
  reason: parsed.reason,
});

/** The parts of a call that are alike in both directions. */
export function blankCall(
  context: CallsContext,
  line: LineRow,
): Omit<LiveCall, 'callId' | 'direction' | 'peer' | 'client' | 'isNewCard' | 'state'> {
  const now = context.clock.now();
  const queue = context.setup.queues.find((row) => row.id === line.queueId);
  if (!queue) throw new Error(`line ${line.number} has no queue`);
  return {
    id: newId<InteractionId>(),
    entryId: newId<EntryId>(),
    line,
    queue,
    arrivedAt: now,
    stateSince: now,
    version: 1,
    savedVersion: 1,
    clientLeg: null,
    agentLeg: null,
    userId: null,
    offer: null,
    answeredAt: null,
    endedAt: null,
    wrapUpUntil: null,
    closedAt: null,
    result: null,
    dispositionId: null,
    note: '',
    recording: null,
    wrapUpTimer: null,
    dialTimer: null,
    unsaved: { events: [], offersEnded: [] },
    tasks: Promise.resolve(),
  };
}

interface Arrival {
  readonly event: CallArrived;
  readonly line: LineRow;
  readonly parsed: ParsedNumber;
  readonly card: ClientCard;
  readonly isNewCard: boolean;
}

function incomingCall(context: CallsContext, { event, line, parsed, card, isNewCard }: Arrival): LiveCall {
  return {
    ...blankCall(context, line),
    callId: event.callId,
    direction: 'in',
    state: 'queued',
    client: clientOf(card),
    peer: peerOf(parsed, event.from.displayName),
    isNewCard,
    arrivedAt: event.at,
    clientLeg: event.legId,
  };
}
