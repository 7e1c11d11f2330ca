import type { CallArrived, CallingVisitor, Receipt } from '../../channels/channel.ts';
import { areaOf, type ParsedNumber, parsePhoneNumber } from '../clients/phone-number.ts';
import type { ClientCard } from '../contract/schemas.ts';
import { type CallId, type EntryId, type InteractionId, newId, type UserId } from '../kernel/ids.ts';
import { type JournalEntry, journalEntries } from '../kernel/journal.ts';
import type { OfferDecision } from '../routing/dispatcher.ts';
import type { LineRow } from '../routing/store.ts';
import { type Caller, findCaller, findVisitor } from './caller.ts';
import { type CallsContext, type Change, inLine, journalEvent, save, tell } from './context.ts';
import { closeIfStored, giveUp } from './finishing.ts';
import { type CallClient, clearOffer, type LiveCall, type OpenOffer } from './live-call.ts';
import { joinQueue, makeOffer, offerMadeEvent, openOffer, playWhileWaiting, present, takeBack } from './offering.ts';
import { popOf } from './pop.ts';
import { type Opening, openCall, readStored } from './store.ts';
import { closedReason, limitWait, turnAway } from './treatment.ts';

/** A call that is being identified and stored. */
export interface Arrival {
  readonly at: number;
  /** The caller has given up meanwhile. */
  gone: boolean;
  /** The agent who was free for it meanwhile, taken already. */
  decision: OfferDecision | null;
}
/** In the order of arrival. */
export type Arriving = Map<CallId, Arrival>;

/** When storing a call takes longer than this the database is behind: new calls are better told to try elsewhere. */
const longestStoringMs = 2_000;

/**
 * The one door for calls: number to E.164, card found or made, interaction opened and stored, with its first offer when
 * an agent is free; then he is rung and it is acknowledged.
 */
export async function receiveCall(context: CallsContext, arriving: Arriving, event: CallArrived): Promise<Receipt> {
  const line = lineOf(context, event.to.raw);
  if (!line) {
    context.log.info({ callId: event.callId, trunkId: event.trunkId }, 'call to a number that is not ours');
    return { accepted: false, reason: 'unknown_number' };
  }
  if (isOverloaded(context, arriving)) return { accepted: false, reason: 'overloaded' };
  const arrival: Arrival = { at: context.clock.now(), gone: false, decision: null };
  arriving.set(event.callId, arrival);
  try {
    const identified = await identify(context, event, line);
    const { call } = identified;
    context.live.add(call);
    // The agent is chosen before the call is stored: one statement writes both, one wait for the disk before it rings.
    const closed = closedReason(context, call);
    call.waiting.turnedAway = closed !== null;
    if (!arrival.gone && !closed) joinQueue(context, call);
    const isNew = await inLine(context, call, 'open', () => store(context, arriving, event, identified));
    if (!isNew) forget(context, call, arrival);
    else if (closed) void turnAway(context, call, closed);
    else limitWait(context, call);
    return isNew ? { accepted: true } : { accepted: false, reason: 'duplicate' };
  } catch (error) {
    const call = context.live.byCallId(event.callId);
    if (call) {
      closeIfStored(context, call);
      forget(context, call, arrival);
    }
    throw error;
  } finally {
    arriving.delete(event.callId);
  }
}

function isOverloaded({ live, clock, maxCalls }: CallsContext, arriving: Arriving): boolean {
  const [oldest] = arriving.values();
  return live.size >= maxCalls || (oldest !== undefined && clock.now() - oldest.at > longestStoringMs);
}

interface Identified {
  readonly call: LiveCall;
  readonly caller: Caller;
  /** By which the number was read. */
  readonly rule: string;
}

/** Who calls: his card is found or made. */
async function identify(context: CallsContext, event: CallArrived, line: LineRow): Promise<Identified> {
  if (event.visitor) return identifyVisitor(context, event, event.visitor, line);
  const parsed = parsePhoneNumber(event.from.raw, line.region, areaOf(line.number));
  const caller = await findCaller(context, parsed, event.from.displayName);
  const peer = peerOf(parsed, event.from.displayName);
  return { call: incomingCall(context, { event, line, peer, caller }), caller, rule: parsed.rule };
}

/** A visitor has a number when his site proved one. */
async function identifyVisitor(
  context: CallsContext,
  event: CallArrived,
  visitor: CallingVisitor,
  line: LineRow,
): Promise<Identified> {
  const { accountId, id, name, page: url, pageTitle: title } = visitor;
  const caller = await findVisitor(context, visitor);
  const parsed = visitor.phone === '' ? null : parsePhoneNumber(visitor.phone, line.region, areaOf(line.number));
  const nobody = { number: '', display: '', raw: '', extension: '', name, reason: null };
  const peer = parsed?.e164 ? peerOf(parsed, name) : nobody;
  const page = { visitor: `${accountId}:${id}`, url, title };
  return { call: { ...incomingCall(context, { event, line, peer, caller }), page }, caller, rule: 'visitor' };
}

/** @returns false when this event was stored before: somebody has this call already */
async function store(
  context: CallsContext,
  arriving: Arriving,
  event: CallArrived,
  { call, caller, rule }: Identified,
): Promise<boolean> {
  const arrival = arriving.get(event.callId);
  const source = { channel: event.channel, sourceId: event.sourceId, facts: event.facts };
  const { direction, line } = call;
  const { turnedAway } = call.waiting;
  const opened = journalEvent(call, {
    type: 'interaction.opened',
    data: { line: line.number, rule, direction, turnedAway },
  });
  const offerMade = arrival?.decision ? openOffer(context, call, arrival.decision) : undefined;
  if (arrival) arrival.decision = null;
  const entries = await openOnce(context, call, { source, nodeId: context.nodeId, events: [opened], offerMade });
  if (!entries) return false;
  context.journal.published(entries);
  tell(context, call);
  // From here on events concern a call in hand.
  arriving.delete(event.callId);
  if (arrival?.gone) void giveUp(context, call);
  else if (offerMade) void inLine(context, call, 'present', () => presentFirst(context, call, offerMade, caller));
  if (arrival?.decision) makeOffer(context, call, arrival.decision);
  if (!turnedAway) void playWhileWaiting(context, call);
  return true;
}

/** The pop of the first offer is made of what was read when the caller was identified. */
const presentFirst = (context: CallsContext, call: LiveCall, made: OpenOffer, caller: Caller): Promise<void> =>
  present(context, call, made, Promise.resolve(popOf(context, call, caller)));

/** With its offer; without it when that cannot be stored, because somebody else was faster, or when its answer is lost. */
async function openOnce(context: CallsContext, call: LiveCall, opening: Opening): Promise<JournalEntry[] | null> {
  const { offerMade } = opening;
  const events = offerMade ? [...opening.events, journalEvent(call, offerMadeEvent(offerMade))] : opening.events;
  try {
    return await openCall(context.db, call, { ...opening, events });
  } catch (error) {
    context.log.warn({ err: error, interactionId: call.id }, 'call or its first offer could not be stored');
    const stored = await readStored(context.db, call.id, events.length);
    if (!stored && !offerMade) throw error;
    if (offerMade) takeBack(context, call, offerMade.userId);
    if (!stored) return openCall(context.db, call, { ...opening, offerMade: undefined });
    if (offerMade) await save(context, call, notDelivered(offerMade));
    return journalEntries(events, stored.seqs);
  }
}

const notDelivered = ({ id, userId }: Pick<OpenOffer, 'id' | 'userId'>): Change => {
  const result = 'not_delivered';
  return { type: 'offer.ended', userId, data: { offerId: id, result }, offerEnded: { id, userId, result } };
};

/** A call that is not ours, or could not be stored, leaves nothing behind. */
function forget({ dispatcher, live, roster }: CallsContext, call: LiveCall, arrival: Arrival): void {
  dispatcher.remove(call.id);
  live.remove(call);
  const taken = clearOffer(call)?.userId ?? arrival.decision?.agentId;
  if (taken !== undefined) roster.setWork(taken, null);
}

/** The first spelling of the called number that is a line of ours. */
export function lineOf({ setup }: Pick<CallsContext, 'setup'>, spellings: readonly string[]): LineRow | undefined {
  for (const spelling of spellings) {
    const found =
      // Most carriers write our numbers as we do: no reading needed.
      setup.lines.find((line) => spelling === line.number) ??
      setup.lines.find((line) => parsePhoneNumber(spelling, line.region).e164 === line.number);
    if (found) return found;
  }
  return undefined;
}

export const clientOf = (card: ClientCard): CallClient => ({
  id: card.id as CallClient['id'],
  name: card.name,
  company: card.company,
  kind: card.kind,
  vip: card.vip,
  responsibleId: (card.responsible?.id ?? null) as UserId | null,
  language: card.language === 'ru' || card.language === 'en' ? card.language : '',
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
    page: null,
    arrivedAt: now,
    stateSince: now,
    version: 1,
    savedVersion: 1,
    clientLeg: null,
    agentLeg: null,
    userId: null,
    offer: null,
    answeredAt: null,
    talkingSince: null,
    endedAt: null,
    wrapUpUntil: null,
    closedAt: null,
    result: null,
    dispositionId: null,
    note: '',
    recording: null,
    listeners: new Map(),
    lastUserId: null,
    waiting: { timer: null, greeted: false, turnedAway: false, overdue: false, choosing: null },
    wrapUpTimer: null,
    dialTimer: null,
    unsaved: { events: [], offersEnded: [] },
    doubt: null,
    tasks: Promise.resolve(),
  };
}

interface Facts {
  readonly event: CallArrived;
  readonly line: LineRow;
  readonly peer: LiveCall['peer'];
  readonly caller: Caller;
}

function incomingCall(context: CallsContext, { event, line, peer, caller }: Facts): LiveCall {
  return {
    ...blankCall(context, line),
    callId: event.callId,
    direction: 'in',
    state: 'queued',
    client: clientOf(caller.card),
    peer,
    isNewCard: caller.isNewCard,
    arrivedAt: event.at,
    clientLeg: event.legId,
  };
}
