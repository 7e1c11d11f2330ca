import type { DeliveryProblem, DeliveryReported, LookUpResult, SendResult } from '../../../channels/message-channel.ts';
import type { OutboxState } from '../../contract/messages-words.ts';
import { transition } from '../../kernel/transition.ts';
import { outboxLimits, patience } from './limits.ts';
import {
  higherStep,
  isDone,
  type OutboxInput,
  outboxTransitions,
  type PartStep,
  partStepOf,
  raise,
  stepOfParts,
} from './state.ts';
import type { AttemptEnd, Change, Consequence, StoredMessage, StoredPart } from './stored.ts';

/** Something that happened to one message. */
export type Event =
  /** An attempt ended. */
  | { readonly kind: 'result'; readonly attempt: number; readonly result: SendResult }
  /** Whoever attempted it died: its lease ran out. */
  | { readonly kind: 'lost' }
  | { readonly kind: 'expired' }
  /** The client refused it after it was written; nothing was sent. */
  | { readonly kind: 'refused'; readonly attempt: number }
  /** The provider was asked about a doubtful attempt. `settles` is the channel's. */
  | {
      readonly kind: 'looked_up';
      readonly attempt: number;
      readonly found: LookUpResult;
      readonly settles: 'lookup' | 'same_id' | 'none';
      readonly startedAt: number;
    }
  | { readonly kind: 'receipt'; readonly event: DeliveryReported; readonly part: number | null };

/** What is besides the message and the event: time, and luck from 0 to 1 for the jitter. */
export interface Circumstances {
  readonly now: number;
  readonly luck: number;
}

/** What becomes of a message. Pure; the order of events does not matter once the provider has spoken (see state.ts). */
export function fateOf(message: StoredMessage, event: Event, circumstances: Circumstances): Change {
  switch (event.kind) {
    case 'result':
      return afterResult(message, event.attempt, event.result, circumstances);
    case 'lost':
      return { ...doubt(message, lostProblem, circumstances), attempt: endOf(message, 'lost', '', circumstances.now) };
    case 'expired':
      return changed(finish(message, 'give_up', expiredProblem, circumstances.now));
    case 'refused':
      return afterRefusal(message, event.attempt, circumstances.now);
    case 'looked_up':
      return afterLookUp(message, event, circumstances);
    case 'receipt':
      return afterReceipt(message, event.event, event.part, circumstances.now);
  }
}

const lostProblem: DeliveryProblem = { kind: 'unknown', code: '', text: 'the house stopped while it was being sent' };
const expiredProblem: DeliveryProblem = {
  kind: 'temporary',
  code: '',
  text: 'its time was over before it could leave',
};

const refusedProblem: DeliveryProblem = {
  kind: 'opted_out',
  code: '',
  text: 'the client refused it before it could leave',
};

const changed = (message: StoredMessage, consequences: readonly Consequence[] = []): Change => ({
  message,
  attempt: null,
  consequences,
});

/** What no database takes must not keep a message from being settled: the wire wrote it. */
const storable = (text: string): string => text.replaceAll('\0', '');

/** A problem in the wire's words, as it is kept. */
export const errorOf = ({ code, text }: DeliveryProblem): string =>
  storable([code, text].filter(Boolean).join(' ')).slice(0, outboxLimits.errorText);

const endOf = (message: StoredMessage, result: string, detail: string, endedAt: number): AttemptEnd => ({
  attempt: message.attempts,
  endedAt,
  result,
  detail,
});

/** Moves it by the table; the lease and the block are over with whatever was in doubt. */
function move(message: StoredMessage, input: OutboxInput, set: Partial<StoredMessage> = {}): StoredMessage {
  const state: OutboxState = transition(outboxTransitions, message.state, input);
  return { ...message, leaseUntil: null, blocksUntil: null, ...set, state };
}

const finish = (message: StoredMessage, input: 'refuse' | 'give_up', problem: DeliveryProblem, now: number) =>
  move(message, input, { lastError: errorOf(problem), lastErrorKind: problem.kind, doneAt: now });

const doubt = (message: StoredMessage, problem: DeliveryProblem, { now }: Circumstances): Change =>
  changed(
    move(message, 'doubt', {
      lastError: errorOf(problem),
      lastErrorKind: problem.kind,
      leaseUntil: now + patience[message.channel].settleMs,
      blocksUntil: now + outboxLimits.blockMs,
    }),
  );

/** Again later, or given up. @param afterMs null = by the ladder */
function again(
  message: StoredMessage,
  problem: DeliveryProblem,
  afterMs: number | null,
  { now, luck }: Circumstances,
): StoredMessage {
  const { ladder, attempts } = patience[message.channel];
  if (message.attempts >= attempts) return finish(message, 'give_up', problem, now);
  const step = ladder[Math.min(message.attempts, ladder.length) - 1] ?? 0;
  const wait = afterMs ?? step * (1 - outboxLimits.jitter + 2 * outboxLimits.jitter * luck);
  return move(message, 'retry', {
    lastError: errorOf(problem),
    lastErrorKind: problem.kind,
    notBefore: now + Math.round(wait),
  });
}

/**
 * Not this message's fault: as if this attempt had not been.
 * @param until it waits alone so long, and keeps its place before later ones to its client; null = its whole account waits
 */
const giveBack = (message: StoredMessage, problem: DeliveryProblem, until: number | null): StoredMessage =>
  move(message, 'retry', {
    attempts: message.attempts - 1,
    lastError: errorOf(problem),
    lastErrorKind: problem.kind,
    ...(until !== null && { notBefore: until, blocksUntil: until }),
  });

const isOpen = ({ state }: StoredMessage): boolean => state === 'sending' || state === 'unconfirmed';

function afterResult(before: StoredMessage, attempt: number, result: SendResult, circumstances: Circumstances): Change {
  const { now } = circumstances;
  const detail = result.kind === 'accepted' ? storable(result.providerId) : errorOf(result.problem);
  const end: AttemptEnd = { attempt, endedAt: now, result: result.kind, detail };
  if (result.kind === 'accepted')
    return { message: accepted(before, result.providerId, result.parts, now), attempt: end, consequences: [] };
  const message = 'partsDone' in result ? withParts(before, result.partsDone ?? {}, now) : before;
  // a receipt, or a later attempt, knows better than this answer
  if (!isOpen(message) || message.attempts !== attempt) return { message, attempt: end, consequences: [] };
  const { problem } = result;
  switch (result.kind) {
    case 'rejected':
      return {
        message: finish(message, 'refuse', problem, now),
        attempt: end,
        consequences: consequencesOf(problem, false),
      };
    case 'retry':
      return {
        message: again(message, problem, result.afterMs ?? null, circumstances),
        attempt: end,
        consequences: [],
      };
    case 'throttled': {
      const until = result.isAlone ? now + (result.afterMs ?? outboxLimits.throttleDefaultMs) : null;
      return { message: giveBack(message, problem, until), attempt: end, consequences: [] };
    }
    case 'account_down':
      return { message: giveBack(message, problem, null), attempt: end, consequences: [] };
    case 'unknown':
      return { ...doubt(message, problem, circumstances), attempt: end };
  }
}

function afterRefusal(message: StoredMessage, attempt: number, now: number): Change {
  const end: AttemptEnd = { attempt, endedAt: now, result: 'refused', detail: errorOf(refusedProblem) };
  // his word is noted already: no consequences
  const after =
    isOpen(message) && message.attempts === attempt ? finish(message, 'refuse', refusedProblem, now) : message;
  return { message: after, attempt: end, consequences: [] };
}

/** The provider has it. Heard wherever the message is: it is the truth of an attempt that was made. */
function accepted(before: StoredMessage, id: string, ids: readonly string[], now: number): StoredMessage {
  const providerId = storable(id);
  const parts = ids.length > 0 ? ids.map(storable) : [providerId];
  const known = withParts(before, { ...parts }, now);
  const message = { ...known, providerId, segments: parts.length, acceptedAt: before.acceptedAt ?? now };
  return climb(message, 'accepted', now);
}

function withParts(message: StoredMessage, ids: Readonly<Record<number, string>>, now: number): StoredMessage {
  const parts = new Map(message.parts);
  for (const [key, providerId] of Object.entries(ids)) {
    const known = parts.get(Number(key));
    parts.set(Number(key), known ? { ...known, providerId } : { providerId, step: 'accepted', stepAt: now, error: '' });
  }
  return { ...message, parts };
}

/** Up to a reported step, and to what the parts say together. */
function climb(message: StoredMessage, step: PartStep | null, now: number): StoredMessage {
  const steps = new Map([...message.parts].map(([part, stored]) => [part, stored.step]));
  const byParts = stepOfParts(steps, message.segments);
  let state = step === null ? message.state : raise(message.state, step);
  if (byParts !== null) state = raise(state, byParts);
  if (state === message.state) return message;
  const problemIsOver = state !== 'failed';
  return {
    ...message,
    state,
    leaseUntil: null,
    blocksUntil: null,
    acceptedAt: message.acceptedAt ?? now,
    doneAt: isDone(state) ? now : null,
    ...(problemIsOver ? { lastError: '', lastErrorKind: null } : {}),
  };
}

type LookedUp = Extract<Event, { kind: 'looked_up' }>;

function afterLookUp(message: StoredMessage, event: LookedUp, circumstances: Circumstances): Change {
  if (message.state !== 'unconfirmed' || message.attempts !== event.attempt) return changed(message);
  const { now } = circumstances;
  const { found, settles } = event;
  if (found.kind === 'found') return changed(accepted(message, found.providerId, found.parts, now));
  const problem: DeliveryProblem = { kind: 'temporary', code: '', text: message.lastError };
  if (found.kind === 'absent') return changed(again(message, problem, 0, circumstances));
  if (settles === 'same_id') return changed(again(message, problem, 0, circumstances));
  const isAskedAgain = settles === 'lookup' && now - event.startedAt < outboxLimits.doubtMs;
  // without a lease nobody but a person, or a late receipt, moves it
  const leaseUntil = isAskedAgain ? now + patience[message.channel].settleMs : null;
  return changed({ ...message, leaseUntil });
}

const inWords: Readonly<Record<string, Consequence['kind']>> = {
  recipient: 'gone',
  temporary: 'unreachable',
  opted_out: 'opted_out',
};

/** @param hasFailed a temporary trouble counts against the address only when the message is lost with it */
function consequencesOf(problem: DeliveryProblem, hasFailed: boolean): Consequence[] {
  const kind = inWords[problem.kind];
  if (kind === undefined || kind === 'complained' || (kind === 'unreachable' && !hasFailed)) return [];
  return [{ kind, problem }];
}

function afterReceipt(before: StoredMessage, event: DeliveryReported, part: number | null, now: number): Change {
  const { problem, isComplaint } = event;
  const step = partStepOf(event.step);
  const consequences: Consequence[] = isComplaint ? [{ kind: 'complained', problem }] : [];
  if (problem && event.step === 'failed') consequences.push(...consequencesOf(problem, true));
  const message = part === null ? before : withStep(before, part, step, event, now);
  const raised = climb(message, part === null ? step : null, now);
  // a part does not speak for the others: the provider is asked about them, even when nobody was to ask any more
  const after = part !== null && raised.state === 'unconfirmed' ? { ...raised, leaseUntil: now } : raised;
  const told = problem && (after.state === 'failed' || event.step === 'delayed');
  return changed(told ? { ...after, lastError: errorOf(problem), lastErrorKind: problem.kind } : after, consequences);
}

function withStep(message: StoredMessage, part: number, step: PartStep, event: DeliveryReported, now: number) {
  const known = message.parts.get(part);
  const isNews = known === undefined || higherStep(known.step, step) !== known.step;
  const next: StoredPart = {
    providerId: known?.providerId ?? event.providerId ?? `${message.id}/${part}`,
    step: known ? higherStep(known.step, step) : step,
    stepAt: isNews ? now : known.stepAt,
    error: event.problem ? errorOf(event.problem) : (known?.error ?? ''),
  };
  return { ...message, parts: new Map(message.parts).set(part, next) };
}
