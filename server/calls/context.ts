import type { CallingVisitor, VoiceChannel } from '../../channels/channel.ts';
import type { Database } from '../../db/client.ts';
import type { Teams } from '../access/index.ts';
import type { SignedInUser } from '../access/route.ts';
import type { Look } from '../clients/index.ts';
import type { ParsedNumber } from '../clients/phone-number.ts';
import type { Push } from '../contract/events.ts';
import type { ClientCard } from '../contract/schemas.ts';
import type { Clock } from '../kernel/clock.ts';
import { AppError } from '../kernel/errors.ts';
import type { ClientId, InteractionId, RecordingId, UserId } from '../kernel/ids.ts';
import { type Journal, type JournalEvent, journalEntries } from '../kernel/journal.ts';
import type { Log } from '../kernel/log.ts';
import { transition } from '../kernel/transition.ts';
import type { Dispatcher } from '../routing/dispatcher.ts';
import type { Presence } from '../routing/presence.ts';
import type { Roster } from '../routing/roster.ts';
import type { RoutingSetup } from '../routing/store.ts';
import type { ContactFacts } from '../timeline/facts.ts';
import { type InteractionInput, interactionTransitions } from './interaction.ts';
import type { EndedOffer, LiveCall, LiveCalls, OpenOffer } from './live-call.ts';
import { readStored, saveCall } from './store.ts';
import { entryView, interactionView } from './views.ts';

/** What calls need of the clients' room. */
export interface CallClients {
  matchOrCreateByPhone(
    parsed: ParsedNumber,
    options: { name?: string; source: string },
  ): Promise<{ clientId: ClientId; created: boolean; card: ClientCard }>;
  /** @throws AppError `not_found` */
  card(id: ClientId): Promise<ClientCard>;
  /** @throws AppError `not_found` when this user must not see the card, or there is none */
  requireVisible(id: ClientId, user: SignedInUser): Promise<unknown>;
}

/** What calls need of the timeline's room. */
export interface CallTimeline {
  /** What whoever is about to talk to this client should know; the interaction in hand is no earlier contact. */
  facts(clientId: ClientId, except: InteractionId | null): Promise<ContactFacts>;
  insertRecording(recording: {
    id: RecordingId;
    interactionId: InteractionId;
    path: string;
    startedAt: Date;
  }): Promise<void>;
  finishRecording(id: RecordingId, result: { durationMs: number; bytes: number; sha256: string } | null): Promise<void>;
}

/** Pushes to browsers; the realtime gateway without what calls do not need. */
export interface CallPushes {
  push(userId: UserId, push: Push): void;
  pushToCard(clientId: ClientId, push: Push, except?: readonly UserId[]): void;
  isConnected(userId: UserId): boolean;
}

/** Everything a use case of this room works with. */
export interface CallsContext {
  readonly db: Database;
  readonly voice: VoiceChannel;
  readonly setup: RoutingSetup;
  readonly roster: Roster;
  readonly dispatcher: Dispatcher;
  readonly presence: Presence;
  readonly clients: CallClients;
  /** His card, by what his chat proves; made when he has none. */
  readonly clientOfVisitor: (visitor: CallingVisitor) => Promise<{ clientId: ClientId; created: boolean }>;
  readonly teams: Teams;
  /** Somebody looks at a client: for the audit log. */
  readonly onLook: (look: Look) => void;
  readonly timeline: CallTimeline;
  readonly pushes: CallPushes;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly log: Log;
  readonly live: LiveCalls;
  /** This process, for the rows of its calls. */
  readonly nodeId: string;
  readonly recordingsDir: string;
  /** Calls in hand above which new ones are refused with 503. */
  readonly maxCalls: number;
}

/**
 * Runs a task of one call after all earlier ones of it. A failure is logged with the call's ids and never stops the
 * tasks behind it; the promise carries it to a caller who waits.
 */
export function inLine<T>(context: CallsContext, call: LiveCall, name: string, task: () => Promise<T> | T): Promise<T> {
  const run = call.tasks.then(task);
  call.tasks = run.then(
    () => undefined,
    (error: unknown) =>
      context.log.warn(
        { err: error, interactionId: call.id, callId: call.callId, task: name },
        'task of a call failed',
      ),
  );
  return run;
}

/** Moves the call on. @throws AppError `illegal_transition` */
export function move(context: CallsContext, call: LiveCall, input: InteractionInput): void {
  call.state = transition(interactionTransitions, call.state, input);
  call.stateSince = context.clock.now();
}

export interface Change {
  readonly type: string;
  readonly userId?: UserId | null;
  readonly data?: Readonly<Record<string, unknown>>;
  readonly offerMade?: OpenOffer;
  readonly offerEnded?: EndedOffer;
}

/** A database that was away is asked again this often. */
export const saveAgainMs = 1_000;

/**
 * Saves the call's present state with its journal event, then tells the screens. A database that fails does not end
 * the call: the next save, or a retry, carries the whole state and whatever is still unsaved.
 * @throws what the database threw, when an offer was to be made: nobody is rung for an offer that is not stored
 */
export async function save(context: CallsContext, call: LiveCall, change: Change): Promise<void> {
  call.version++;
  const event = journalEvent(call, change);
  call.unsaved.events.push(event);
  if (change.offerEnded) call.unsaved.offersEnded.push(change.offerEnded);
  try {
    await writeUnsaved(context, call, change.offerMade);
  } catch (error) {
    context.log.error({ err: error, interactionId: call.id, change: change.type }, 'call could not be saved');
    // An offer that is not stored was never made: no later save tells of it.
    if (change.offerMade) call.unsaved.events = call.unsaved.events.filter((unsaved) => unsaved !== event);
    if (!isConflict(error)) saveAgain(context, call);
    if (change.offerMade) throw error;
  }
  tell(context, call);
}

/** Another process has the call: nothing that is tried again would be written. */
const isConflict = (error: unknown): boolean => error instanceof AppError && error.code === 'conflict';

async function writeUnsaved(context: CallsContext, call: LiveCall, offerMade?: OpenOffer): Promise<void> {
  await settleDoubt(context, call);
  const { events, offersEnded } = call.unsaved;
  const version = call.version;
  call.unsaved = { events: [], offersEnded: [] };
  try {
    const entries = await saveCall(context.db, call, { events, offersEnded, offerMade });
    call.savedVersion = version;
    context.journal.published(entries);
  } catch (error) {
    const { unsaved } = call;
    if (!isConflict(error)) call.doubt = { version, events, offersEnded, offerMade };
    call.unsaved = {
      events: [...events, ...unsaved.events],
      offersEnded: [...offersEnded, ...unsaved.offersEnded],
    };
    throw error;
  }
}

/** Whether the save that got no answer was carried out: then it is not done again, and the journal's readers hear of it. */
async function settleDoubt(context: CallsContext, call: LiveCall): Promise<void> {
  const { doubt } = call;
  if (!doubt) return;
  const stored = await readStored(context.db, call.id, doubt.events.length);
  call.doubt = null;
  if (stored?.version !== doubt.version) return;
  call.savedVersion = doubt.version;
  const { events, offersEnded } = call.unsaved;
  call.unsaved = {
    events: events.filter((event) => !doubt.events.includes(event)),
    offersEnded: offersEnded.filter((offer) => !doubt.offersEnded.includes(offer)),
  };
  context.journal.published(journalEntries(doubt.events, stored.seqs));
  if (doubt.offerMade) undelivered(call, doubt.offerMade);
}

/** The offer is stored, and nobody was rung for it. */
function undelivered(call: LiveCall, { id, userId }: OpenOffer): void {
  const result = 'not_delivered';
  call.unsaved.offersEnded.push({ id, userId, result });
  call.unsaved.events.unshift(journalEvent(call, { type: 'offer.ended', userId, data: { offerId: id, result } }));
}

/** Until it is written, also after the call has left our hands: an open offer in the database would block its agent. */
function saveAgain(context: CallsContext, call: LiveCall): void {
  context.clock.after(saveAgainMs, () => {
    void inLine(context, call, 'save-again', async () => {
      if (call.doubt || call.unsaved.events.length > 0 || call.savedVersion !== call.version)
        await writeUnsaved(context, call);
    }).catch((error: unknown) => {
      if (!isConflict(error)) saveAgain(context, call);
    });
  });
}

export function journalEvent(call: LiveCall, change: Change): JournalEvent {
  return {
    type: change.type,
    interactionId: call.id,
    clientId: call.client.id,
    userId: change.userId ?? call.userId ?? undefined,
    data: {
      state: call.state,
      responsibleId: call.client.responsibleId,
      // Where and in which day it counts: docs/metrics.md.
      queueId: call.queue.id,
      arrivedAt: call.arrivedAt,
      ...change.data,
    },
  };
}

/** The call's view to its agent, its timeline entry to whoever has the card open. */
export function tell(context: CallsContext, call: LiveCall): void {
  if (call.userId !== null)
    context.pushes.push(call.userId, { type: 'interaction', interaction: interactionView(context, call) });
  context.pushes.pushToCard(call.client.id, { type: 'timeline', entry: entryView(context, call) });
}
