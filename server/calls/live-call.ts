import type { QueueExit, WrapUpMode } from '../contract/setup-words.ts';
import type { CallResult, CandidateReason, InteractionState, NumberReason, OfferResult } from '../contract/words.ts';
import type { TimerHandle } from '../kernel/clock.ts';
import type {
  CallId,
  ClientId,
  DispositionId,
  EntryId,
  InteractionId,
  LegId,
  LineId,
  OfferId,
  QueueId,
  RecordingId,
  TrunkId,
  UserId,
} from '../kernel/ids.ts';
import type { JournalEvent } from '../kernel/journal.ts';
import type { CandidateRow } from '../routing/router.ts';

/** The client as a call needs him; the card itself stays in the clients' room. */
export interface CallClient {
  readonly id: ClientId;
  readonly name: string;
  readonly company: string;
  readonly kind: 'person' | 'company' | 'unknown';
  readonly vip: boolean;
  readonly responsibleId: UserId | null;
  readonly language: 'ru' | 'en' | '';
}

export interface CallLine {
  readonly id: LineId;
  readonly name: string;
  readonly number: string;
  readonly trunkId: TrunkId;
}

export interface CallQueue {
  readonly id: QueueId;
  readonly name: string;
  readonly wrapUpSeconds: number;
  readonly wrapUpMode: WrapUpMode;
  readonly recordCalls: boolean;
  /** Higher first, where an agent serves several queues. */
  readonly priority: number;
  /** null = as long as the caller likes. */
  readonly maxWaitSeconds: number | null;
  readonly afterMaxWait: QueueExit;
  readonly outOfHours: QueueExit;
  readonly greetingSoundId: number | null;
  readonly musicSoundId: number | null;
  readonly closedSoundId: number | null;
}

export interface OpenOffer {
  readonly id: OfferId;
  readonly userId: UserId;
  readonly legId: LegId;
  readonly offeredAt: number;
  readonly expiresAt: number;
  readonly reason: CandidateReason;
  readonly candidates: readonly CandidateRow[];
  readonly timer: TimerHandle;
  /** The browser says that the pop is painted and the ring sounds. */
  seen: boolean;
}

/** What became of an offer, to be written with the call's next state. */
export interface EndedOffer {
  readonly id: OfferId;
  readonly userId: UserId;
  readonly result: OfferResult;
}

/** A save that got no answer: it may have been carried out, and must not be done twice. */
export interface Doubt {
  readonly version: number;
  readonly events: readonly JournalEvent[];
  readonly offersEnded: readonly EndedOffer[];
  readonly offerMade: OpenOffer | undefined;
}

/**
 * A call in hand: the interaction's row in memory with its legs. It lives from arrival to `closed`, in one process;
 * everything that changes it runs in its own `tasks` line, one after another.
 */
export interface LiveCall {
  readonly id: InteractionId;
  readonly callId: CallId;
  readonly entryId: EntryId;
  readonly direction: 'in' | 'out';
  readonly line: CallLine;
  readonly queue: CallQueue;
  readonly peer: {
    readonly number: string;
    readonly display: string;
    readonly raw: string;
    readonly extension: string;
    readonly name: string;
    readonly reason: NumberReason | null;
  };
  /** Where on a site he pressed "Call", and which visitor of which chat he is; null = by telephone. */
  readonly page: { readonly visitor: string; readonly url: string; readonly title: string } | null;
  readonly arrivedAt: number;
  readonly isNewCard: boolean;
  client: CallClient;
  state: InteractionState;
  stateSince: number;
  /** Version of the view; every change that anybody can see raises it. */
  version: number;
  /** Version that the row has; the guard of the next save. */
  savedVersion: number;
  clientLeg: LegId | null;
  agentLeg: LegId | null;
  userId: UserId | null;
  offer: OpenOffer | null;
  answeredAt: number | null;
  /** Since when the agent who has it now talks; null = nobody does. */
  talkingSince: number | null;
  endedAt: number | null;
  wrapUpUntil: number | null;
  closedAt: number | null;
  result: CallResult | null;
  dispositionId: DispositionId | null;
  note: string;
  recording: { readonly id: RecordingId; readonly path: string; state: 'on' | 'failed' | 'done' } | null;
  /** Supervisors who hear the call, by their legs. */
  readonly listeners: Map<LegId, UserId>;
  /** Who talked to him before his browser was lost. */
  lastUserId: UserId | null;
  readonly waiting: {
    /** The longest wait, a choice, a last word, or an agent who is to come back: one of them at a time. */
    timer: TimerHandle | null;
    greeted: boolean;
    /** Came when the queue was closed or nobody was on shift: he never waited in it. */
    turnedAway: boolean;
    overdue: boolean;
    /** Why he was offered another way, or is leaving a message. */
    choosing: 'timeout' | 'closed' | 'nobody' | 'asked' | 'callback' | null;
  };
  wrapUpTimer: TimerHandle | null;
  /** Gives up a phone or a client that does not answer an outgoing call. */
  dialTimer: TimerHandle | null;
  /** What no successful save has carried yet. */
  unsaved: { events: JournalEvent[]; offersEnded: EndedOffer[] };
  /** Settled before the next save. */
  doubt: Doubt | null;
  tasks: Promise<void>;
}

/** Takes the open offer off the call and stops its clock. */
export function clearOffer(call: LiveCall): OpenOffer | null {
  const { offer } = call;
  offer?.timer.cancel();
  call.offer = null;
  return offer;
}

/** Every call in hand, found by any of its ids. */
export interface LiveCalls {
  readonly size: number;
  add(call: LiveCall): void;
  remove(call: LiveCall): void;
  get(id: InteractionId): LiveCall | undefined;
  byCallId(callId: CallId): LiveCall | undefined;
  all(): IterableIterator<LiveCall>;
}

export function createLiveCalls(): LiveCalls {
  const byId = new Map<InteractionId, LiveCall>();
  const byCallId = new Map<CallId, LiveCall>();
  return {
    get size() {
      return byId.size;
    },
    add(call) {
      byId.set(call.id, call);
      byCallId.set(call.callId, call);
    },
    remove(call) {
      byId.delete(call.id);
      byCallId.delete(call.callId);
    },
    get: (id) => byId.get(id),
    byCallId: (callId) => byCallId.get(callId),
    all: () => byId.values(),
  };
}
