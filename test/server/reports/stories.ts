import fc from 'fast-check';
import type { SignedInUser } from '../../../server/access/route.ts';
import type { InteractionId, UserId } from '../../../server/kernel/ids.ts';
import type { JournalEvent } from '../../../server/kernel/journal.ts';
import { type Counted, noFigures } from '../../../server/reports/figures.ts';

/**
 * Calls told in the words of a person, what the journal has of each, and what the figures must be: counted from the
 * story, not from the events.
 */

interface Ring {
  readonly userId: number;
  readonly ms: number;
  readonly result: 'declined' | 'timeout' | 'not_delivered' | 'withdrawn';
}

interface Talk {
  readonly userId: number;
  readonly ms: number;
  readonly isHeld: boolean;
  readonly isRescued: boolean;
}

/** How a caller leaves the queue who is not answered (any more). `waits`: not yet; `crash`: with the house. */
const leavings = ['gave_up', 'voicemail', 'silent', 'callback', 'goodbye', 'waits', 'crash'] as const;
type Leaving = (typeof leavings)[number];

export interface Story {
  readonly arrivedAt: number;
  readonly queueId: number;
  readonly direction: 'in' | 'out';
  /** Incoming: came to a closed queue. */
  readonly turnedAway: boolean;
  readonly rings: readonly Ring[];
  /** Time in the queue, without the rings. */
  readonly waitMs: number;
  /** Nobody: he leaves the queue, or the client out there does not answer. Several: he was given back in between. */
  readonly talks: readonly Talk[];
  readonly leaving: Leaving;
  /** After the last talk: given back and `leaving`, or ended. */
  readonly isGivenBack: boolean;
  /** null = it goes on, or the house crashed in it. */
  readonly wrapUpMs: number | null;
}

export interface DatedEvent {
  readonly at: number;
  readonly event: JournalEvent;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
const queueTime = ({ rings, waitMs }: Story): number => waitMs + sum(rings.map(({ ms }) => ms));

/** The journal of one call, in order. */
export function eventsOf(story: Story, interactionId: InteractionId): DatedEvent[] {
  const events: DatedEvent[] = [];
  const { arrivedAt, queueId, direction, turnedAway } = story;
  let at = arrivedAt;
  const tell = (type: string, data: Record<string, unknown> = {}, userId?: number): void => {
    const whose = userId === undefined ? {} : { userId: userId as UserId };
    events.push({ at, event: { type, interactionId, ...whose, data: { arrivedAt, queueId, ...data } } });
  };
  tell('interaction.opened', { direction, turnedAway });
  if (direction === 'out') {
    const [talk] = story.talks;
    at += story.waitMs;
    if (talk) {
      tell('interaction.answered', { direction, waitMs: story.waitMs }, talk.userId);
      at += talk.ms;
      tell('interaction.ended', { result: 'client_hung_up', talkMs: talk.ms }, talk.userId);
      at += story.wrapUpMs ?? 0;
      if (story.wrapUpMs !== null) tell('interaction.closed', { wrapUpMs: story.wrapUpMs }, talk.userId);
    } else tell('interaction.abandoned', { result: 'cancelled' }, 1);
    return events;
  }
  for (const ring of story.rings) {
    tell('offer.made', {}, ring.userId);
    at += ring.ms;
    tell('offer.ended', { result: ring.result }, ring.userId);
  }
  at += story.waitMs;
  const wasInQueue = !turnedAway && story.talks.length === 0;
  story.talks.forEach((talk, index) => {
    tell('offer.made', {}, talk.userId);
    tell('interaction.answered', { direction, waitMs: queueTime(story), again: index > 0 }, talk.userId);
    if (talk.isHeld) tell('interaction.held', {}, talk.userId);
    if (talk.isRescued) tell('interaction.rescued', {}, talk.userId);
    at += talk.ms;
    if (index < story.talks.length - 1 || story.isGivenBack)
      tell('interaction.returned', { talkMs: talk.ms }, talk.userId);
    else {
      tell('interaction.ended', { result: 'agent_hung_up', talkMs: talk.ms }, talk.userId);
      at += story.wrapUpMs ?? 0;
      if (story.wrapUpMs === null) tell('interaction.recovered', { leftQueue: false });
      else tell('interaction.closed', { wrapUpMs: story.wrapUpMs }, talk.userId);
    }
  });
  if (story.talks.length > 0 && !story.isGivenBack) return events;
  const left = wasInQueue ? { waitMs: queueTime(story) } : {};
  switch (story.leaving) {
    case 'gave_up':
      tell('interaction.abandoned', { result: 'abandoned', ...left });
      break;
    case 'goodbye':
      tell('interaction.abandoned', { result: 'timeout', ...left });
      break;
    case 'callback':
      tell('interaction.callback_requested', { result: 'callback_requested', ...left });
      break;
    case 'voicemail':
    case 'silent':
      tell('interaction.diverted', { to: 'voicemail', ...left });
      at += 5_000;
      if (story.leaving === 'voicemail') tell('interaction.voicemail', { result: 'voicemail' });
      else tell('interaction.abandoned', { result: 'abandoned' });
      break;
    case 'crash':
      tell('interaction.recovered', { leftQueue: wasInQueue });
      break;
    case 'waits':
      break;
  }
  return events;
}

export interface Expected {
  readonly queues: Map<number, Counted>;
  readonly agents: Map<number, Counted>;
  /** Of all queues. */
  open: number;
}

const of = (sums: Map<number, Counted>, id: number): Counted => {
  const known = sums.get(id) ?? noFigures();
  sums.set(id, known);
  return known;
};

/** The figures of these calls. */
export function expectedOf(stories: readonly Story[]): Expected {
  const expected: Expected = { queues: new Map(), agents: new Map(), open: 0 };
  for (const story of stories) {
    const queue = of(expected.queues, story.queueId);
    const isTalked = story.talks.length > 0;
    const hasLeft = !isTalked || story.isGivenBack;
    if (story.direction === 'out') {
      queue.dialled++;
      if (isTalked) queue.reached++;
    } else {
      if (story.turnedAway) queue.closedHours++;
      else queue.offered++;
      if (isTalked) {
        queue.answered++;
        if (queueTime(story) <= 20_000) queue.answeredInTime++;
        queue.answeredWaitMs += queueTime(story);
      } else if (!story.turnedAway) countLeaving(expected, queue, story);
      if (!story.turnedAway && (isTalked || !['waits', 'crash'].includes(story.leaving)))
        queue.longestWaitMs = Math.max(queue.longestWaitMs, queueTime(story));
      if (hasLeft && story.leaving === 'voicemail') queue.voicemails++;
      if (hasLeft && story.leaving === 'callback') queue.callbacksRequested++;
      for (const { userId, result } of story.rings)
        for (const figures of [queue, of(expected.agents, userId)]) {
          figures.rings++;
          if (result === 'not_delivered') figures.phantomRings++;
        }
    }
    countTalks(expected, queue, story);
  }
  return expected;
}

function countLeaving(expected: Expected, queue: Counted, story: Story): void {
  if (story.leaving === 'waits') expected.open++;
  else if (story.leaving === 'crash') queue.abandoned++;
  else if (story.leaving === 'gave_up') {
    queue.abandoned++;
    queue.abandonedWaitMs += queueTime(story);
    if (queueTime(story) <= 5_000) queue.shortAbandoned++;
  } else queue.flowedOut++;
}

function countTalks(expected: Expected, queue: Counted, { talks, direction, isGivenBack, wrapUpMs }: Story): void {
  talks.forEach(({ userId, ms, isRescued }, index) => {
    const isLast = index === talks.length - 1;
    const isEnded = isLast && !isGivenBack;
    for (const figures of [queue, of(expected.agents, userId)]) {
      figures.talks++;
      figures.talkMs += ms;
      if (direction === 'in') {
        figures.rings++;
        figures.ringsTaken++;
      }
      if (isEnded && wrapUpMs !== null) figures.wrapUpMs += wrapUpMs;
    }
    if (isEnded && wrapUpMs !== null) queue.wrapUps++;
    if (isRescued && direction === 'in') queue.rescued++;
    if (!isEnded) queue.returned++;
  });
}

const duration = fc.oneof(fc.constantFrom(0, 4_999, 5_000, 5_001, 19_999, 20_000, 20_001), fc.nat(600_000));
const agent = fc.integer({ min: 1, max: 3 });

/** @param from first arrival @param to no arrival from here on */
export const stories = (from: number, to: number): fc.Arbitrary<Story[]> =>
  fc.array(
    fc
      .record({
        arrivedAt: fc.oneof(fc.integer({ min: from, max: to - 1 }), fc.constantFrom(from, to - 1)),
        queueId: fc.integer({ min: 1, max: 2 }),
        direction: fc.constantFrom('in' as const, 'in' as const, 'in' as const, 'out' as const),
        turnedAway: fc.nat(7).map((chance) => chance === 0),
        rings: fc.array(
          fc.record({
            userId: agent,
            ms: duration,
            result: fc.constantFrom('declined', 'timeout', 'not_delivered', 'withdrawn'),
          }),
          { maxLength: 2 },
        ),
        waitMs: duration,
        talks: fc.array(fc.record({ userId: agent, ms: duration, isHeld: fc.boolean(), isRescued: fc.boolean() }), {
          maxLength: 2,
        }),
        leaving: fc.constantFrom(...leavings),
        isGivenBack: fc.nat(4).map((chance) => chance === 0),
        wrapUpMs: fc.option(duration),
      })
      .map(plausible),
    { maxLength: 12 },
  );

/** Nobody rings for, or talks to, somebody who came to a closed queue; calls out are talked once and not given back. */
function plausible(story: Story): Story {
  if (story.direction === 'out') return { ...story, rings: [], talks: story.talks.slice(0, 1), isGivenBack: false };
  return story.turnedAway ? { ...story, rings: [], talks: [], isGivenBack: false } : story;
}

/** The same figures without queues and agents that have none. */
export const withoutZeros = (figures: ReadonlyMap<number, Counted>): [number, Counted][] =>
  [...figures].filter(([, { ...all }]) => Object.values(all).some((value) => value > 0)).sort(([a], [b]) => a - b);

/** A supervisor from whom nothing is hidden. */
export const olga: SignedInUser = {
  id: 9 as UserId,
  login: 'olga',
  name: 'Olga',
  role: 'supervisor',
  teamId: null,
  language: 'en',
  sees: 'all',
  mayExport: false,
};
