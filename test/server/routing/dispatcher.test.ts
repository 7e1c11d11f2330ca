import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createFakeClock, type FakeClock } from '../../../server/kernel/clock.ts';
import type { InteractionId, QueueId, UserId } from '../../../server/kernel/ids.ts';
import {
  createDispatcher,
  type Dispatcher,
  type OfferDecision,
  type QueueEntry,
} from '../../../server/routing/dispatcher.ts';
import { createRoster, type Roster } from '../../../server/routing/roster.ts';
import type { QueueRow, RoutingSetup } from '../../../server/routing/store.ts';

const queueId = 1 as QueueId;
const user = (n: number): UserId => n as UserId;
const interaction = (n: number): InteractionId => `i${n}` as InteractionId;

interface Room {
  clock: FakeClock;
  roster: Roster;
  dispatcher: Dispatcher;
  offers: { entry: QueueEntry; decision: OfferDecision }[];
  /** Phone on, status available. */
  ready(n: number): void;
  arrive(n: number, over?: Partial<QueueEntry>): void;
}

function makeRoom(agents: number): Room {
  const clock = createFakeClock();
  const ids = Array.from({ length: agents }, (_, index) => user(index + 1));
  const always = { timeZone: 'UTC', weekly: {}, exceptions: new Map() };
  const allDay = [{ from: '00:00', to: '00:00' }];
  const weekly = { 1: allDay, 2: allDay, 3: allDay, 4: allDay, 5: allDay, 6: allDay, 7: allDay };
  const queue = {
    id: queueId,
    name: 'Sales',
    ringSeconds: 15,
    responsibleSeconds: 15,
    lastOfferedUserId: null,
  } as QueueRow;
  const setup: RoutingSetup = {
    agents: ids.map((id) => ({ id, login: `agent${id}`, name: `Agent ${id}`, role: 'agent', teamId: null })),
    schedules: new Map(ids.map((id) => [id, { ...always, weekly }])),
    presence: new Map(),
    queues: [queue],
    members: new Map([[queueId, ids]]),
    lines: [],
    trunks: [],
    dispositions: [],
    hours: new Map(),
    presenceReasons: [],
    sounds: new Map(),
    holidays: [],
    company: { id: 1, name: '', region: 'RU', timeZone: 'UTC', language: 'ru', version: 1 },
  };
  const roster = createRoster(setup, clock);
  const dispatcher = createDispatcher({ roster, queues: [queue], clock });
  const offers: Room['offers'] = [];
  dispatcher.onOffer = (entry, decision) => void offers.push({ entry, decision });
  roster.subscribe((agent, freed) => {
    if (freed) dispatcher.agentFree(agent);
  });
  return {
    clock,
    roster,
    dispatcher,
    offers,
    ready(n) {
      const since = new Date(clock.now());
      roster.setPhone(user(n), true);
      roster.setPresence({
        userId: user(n),
        status: 'available',
        reason: '',
        nextStatus: null,
        nextReason: '',
        since,
        cause: 'agent',
      });
    },
    arrive(n, over) {
      const entry = {
        interactionId: interaction(n),
        queueId,
        responsibleId: null,
        priority: 0,
        arrivedAt: clock.now(),
      };
      dispatcher.enqueue({ ...entry, ...over });
    },
  };
}

const who = (room: Room): [string, number][] =>
  room.offers.map(({ entry, decision }) => [entry.interactionId, decision.agentId]);

describe('callers and agents meet', () => {
  test('a caller rings at once with whoever is free', () => {
    const room = makeRoom(2);
    room.ready(1);
    room.arrive(1);
    expect(who(room)).toEqual([['i1', 1]]);
    expect(room.roster.agent(user(1))?.work).toEqual({ kind: 'ringing', interactionId: 'i1' });
  });

  test('an agent who becomes free gets who waits longest, by priority first', () => {
    const room = makeRoom(1);
    room.arrive(1);
    room.clock.advance(1000);
    room.arrive(2);
    room.arrive(3, { priority: 1 });
    room.ready(1);
    expect(who(room)).toEqual([['i3', 1]]);
    room.dispatcher.remove(interaction(3));
    room.roster.setWork(user(1), null);
    expect(who(room).at(-1)).toEqual(['i1', 1]);
  });

  test('no answer: the next agent; the first again after five seconds', () => {
    const room = makeRoom(2);
    room.ready(1);
    room.ready(2);
    room.arrive(1);
    room.dispatcher.notTaken(interaction(1), user(1), 'timeout');
    room.roster.setWork(user(1), null);
    expect(who(room)).toEqual([
      ['i1', 1],
      ['i1', 2],
    ]);
    room.dispatcher.notTaken(interaction(1), user(2), 'timeout');
    room.roster.setWork(user(2), null);
    expect(room.offers).toHaveLength(2);
    room.clock.advance(5_000);
    expect(who(room).at(-1)).toEqual(['i1', 1]);
  });

  test('who declines is left alone by this caller for half a minute, not by the next one', () => {
    const room = makeRoom(1);
    room.ready(1);
    room.arrive(1);
    room.dispatcher.notTaken(interaction(1), user(1), 'declined');
    room.roster.setWork(user(1), null);
    room.arrive(2);
    expect(who(room).at(-1)).toEqual(['i2', 1]);
    room.dispatcher.remove(interaction(2));
    room.roster.setWork(user(1), null);
    room.clock.advance(29_999);
    expect(room.offers).toHaveLength(2);
    room.clock.advance(1);
    expect(who(room).at(-1)).toEqual(['i1', 1]);
  });

  test('a caller who comes back keeps his place before later ones', () => {
    const room = makeRoom(2);
    room.ready(1);
    room.arrive(1);
    room.clock.advance(1000);
    room.arrive(2);
    room.dispatcher.notTaken(interaction(1), user(1), 'timeout');
    room.ready(2);
    expect(who(room).at(-1)).toEqual(['i1', 2]);
  });

  test('why nobody rings: a reason for everybody', () => {
    const room = makeRoom(2);
    room.ready(2);
    room.arrive(1);
    room.arrive(2);
    expect(room.dispatcher.explain(interaction(2))).toEqual({
      kind: 'wait',
      candidates: [
        [1, 'not_ready', 'signed_in'],
        [2, 'ringing'],
      ],
    });
  });
});

test('in any order of events nobody has two calls, nobody waits while somebody may be rung for him', () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('arrive' as const), n: fc.integer({ min: 0, max: 5 }) }),
    fc.record({
      kind: fc.constantFrom('ready', 'phoneGone', 'accept', 'timeout', 'decline', 'leave', 'free', 'time'),
      n: fc.integer({ min: 1, max: 4 }),
    }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const room = makeRoom(4);
      const open = new Map<UserId, InteractionId>();
      let callers = 0;
      room.dispatcher.onOffer = (entry, decision) => {
        expect(open.has(decision.agentId), 'one offer an agent').toBe(false);
        expect([...open.values()], 'one agent an interaction').not.toContain(entry.interactionId);
        open.set(decision.agentId, entry.interactionId);
      };
      for (const { kind, n } of steps) {
        const id = user(n);
        const offered = open.get(id);
        const working = room.roster.agent(id)?.work;
        if (kind === 'arrive') room.arrive(++callers, { priority: n % 2 });
        else if (kind === 'ready') room.ready(n);
        else if (kind === 'phoneGone') room.roster.setPhone(id, false);
        else if (kind === 'time') room.clock.advance(n * 4_000);
        else if (kind === 'accept' && offered && working?.kind === 'ringing') {
          room.dispatcher.remove(offered);
          room.roster.setWork(id, { kind: 'on_call', interactionId: offered });
        } else if ((kind === 'timeout' || kind === 'decline') && offered && working?.kind === 'ringing') {
          open.delete(id);
          room.dispatcher.notTaken(offered, id, kind === 'timeout' ? 'timeout' : 'declined');
          room.roster.setWork(id, null);
        } else if (kind === 'leave' && offered && working?.kind === 'ringing') {
          open.delete(id);
          room.dispatcher.remove(offered);
          room.roster.setWork(id, null);
        } else if (kind === 'free' && working?.kind === 'on_call') {
          open.delete(id);
          room.roster.setWork(id, null);
        }
      }
      for (const entry of room.dispatcher.waiting(queueId)) {
        if ([...open.values()].includes(entry.interactionId)) continue;
        expect(room.dispatcher.explain(entry.interactionId)?.kind).toBe('wait');
      }
    }),
    { numRuns: 400 },
  );
});
