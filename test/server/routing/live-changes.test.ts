import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createFakeClock, type FakeClock } from '../../../server/kernel/clock.ts';
import type { InteractionId, QueueId, UserId } from '../../../server/kernel/ids.ts';
import { createDispatcher, type Dispatcher } from '../../../server/routing/dispatcher.ts';
import { createRoster, type Roster } from '../../../server/routing/roster.ts';
import { obstacle } from '../../../server/routing/router.ts';
import type { QueueRow, RoutingSetup } from '../../../server/routing/store.ts';

const user = (n: number): UserId => n as UserId;
const queue = (n: number): QueueId => n as QueueId;
const interaction = (n: number): InteractionId => `i${n}` as InteractionId;
const allDay = [{ from: '00:00', to: '00:00' }];
const always = { 1: allDay, 2: allDay, 3: allDay, 4: allDay, 5: allDay, 6: allDay, 7: allDay };

/** What an administrator could have written. */
interface Written {
  readonly people: ReadonlySet<number>;
  readonly queues: ReadonlyMap<number, readonly number[]>;
  /** Who works at all. */
  readonly onShift: ReadonlySet<number>;
  readonly priorities: ReadonlyMap<number, number>;
}

function settingOf({ people, queues, onShift, priorities }: Written): RoutingSetup {
  const rows = [...queues.keys()].map(
    (id) =>
      ({
        id: queue(id),
        name: `Queue ${id}`,
        ringSeconds: 15,
        responsibleSeconds: 15,
        priority: priorities.get(id) ?? 0,
        lastOfferedUserId: null,
      }) as QueueRow,
  );
  return {
    agents: [...people].map((id) => ({ id: user(id), login: `a${id}`, name: `A${id}`, role: 'agent', teamId: null })),
    schedules: new Map(
      [...onShift].map((id) => [user(id), { timeZone: 'UTC', weekly: always, exceptions: new Map() }] as const),
    ),
    presence: new Map(),
    queues: rows,
    // rows of people who are disabled stay
    members: new Map([...queues].map(([id, members]) => [queue(id), members.map(user)])),
    lines: [],
    trunks: [],
    dispositions: [],
    hours: new Map(),
    presenceReasons: [],
    sounds: new Map(),
    holidays: [],
    company: { id: 1, name: '', region: 'RU', timeZone: 'UTC', language: 'ru', version: 1 },
  };
}

interface House {
  readonly clock: FakeClock;
  readonly roster: Roster;
  readonly dispatcher: Dispatcher;
  readonly ringing: Map<UserId, InteractionId>;
  written: Written;
  apply(change: Partial<Written>): void;
  ready(n: number): void;
  arrive(n: number, queueId: number): void;
}

/** Rules as calls.ts keeps them, without a call. */
function openHouse(written: Written): House {
  const clock = createFakeClock();
  const setup = settingOf(written);
  const roster = createRoster(setup, clock);
  const dispatcher = createDispatcher({ roster, queues: setup.queues, clock });
  const ringing = new Map<UserId, InteractionId>();
  dispatcher.onOffer = (entry, decision) => {
    expect(ringing.has(decision.agentId), 'one ring an agent').toBe(false);
    expect([...ringing.values()], 'one agent a caller').not.toContain(entry.interactionId);
    expect(house.written.people.has(decision.agentId), 'nobody who is disabled is rung').toBe(true);
    expect(house.written.queues.get(entry.queueId), 'nobody outside the queue is rung').toContain(decision.agentId);
    ringing.set(decision.agentId, entry.interactionId);
  };
  roster.subscribe((agent, freed) => {
    if (freed) dispatcher.agentFree(agent);
  });
  roster.onWithdraw = (agent, interactionId) => {
    ringing.delete(agent.id);
    roster.setWork(agent.id, null);
    dispatcher.notTaken(interactionId, agent.id, 'withdrawn');
  };
  const house: House = {
    clock,
    roster,
    dispatcher,
    ringing,
    written,
    apply(change) {
      house.written = { ...house.written, ...change };
      const next = settingOf(house.written);
      dispatcher.apply(next.queues);
      roster.apply(next, () => false);
    },
    ready(n) {
      roster.setPhone(user(n), true);
      const none = { nextStatus: null, nextReason: '' };
      const since = new Date(clock.now());
      roster.setPresence({ userId: user(n), status: 'available', reason: '', ...none, since, cause: 'agent' });
    },
    arrive(n, queueId) {
      const entry = { interactionId: interaction(n), queueId: queue(queueId), responsibleId: null, priority: 0 };
      dispatcher.enqueue({ ...entry, arrivedAt: clock.now() });
    },
  };
  return house;
}

const twoOfTwo: Written = {
  people: new Set([1, 2]),
  queues: new Map([
    [1, [1]],
    [2, [2]],
  ]),
  onShift: new Set([1, 2]),
  priorities: new Map(),
};

describe('a change while callers wait', () => {
  test('somebody new, somebody who joins the queue and somebody whose shift begins are rung at once', () => {
    const house = openHouse(twoOfTwo);
    house.ready(2);
    house.arrive(1, 1);
    house.arrive(2, 1);
    expect(house.ringing.size).toBe(0);
    house.apply({ queues: new Map([[1, [1, 2]]]) });
    expect([...house.ringing]).toEqual([[2, 'i1']]);
    house.apply({ people: new Set([1, 2, 3]), queues: new Map([[1, [1, 2, 3]]]) });
    house.ready(3);
    expect(house.ringing.size, 'three has no schedule').toBe(1);
    house.apply({ onShift: new Set([1, 2, 3]) });
    expect([...house.ringing].at(-1)).toEqual([3, 'i2']);
  });

  test('nobody on a call is touched; who is disabled meanwhile is forgotten after it', () => {
    const house = openHouse(twoOfTwo);
    house.ready(1);
    house.roster.setWork(user(1), { kind: 'on_call', interactionId: interaction(9) });
    const before = house.roster.agent(user(1));
    house.apply({ people: new Set([2]) });
    expect(house.roster.agent(user(1))).toBe(before);
    expect(before?.work).toEqual({ kind: 'on_call', interactionId: 'i9' });
    expect(house.roster.members(queue(1))).toEqual([]);
    house.roster.setWork(user(1), { kind: 'wrap_up', interactionId: interaction(9) });
    house.roster.setWork(user(1), null);
    expect(house.roster.agent(user(1))).toBeUndefined();
  });

  test('who comes back during his last call stays', () => {
    const house = openHouse(twoOfTwo);
    house.ready(1);
    house.roster.setWork(user(1), { kind: 'on_call', interactionId: interaction(9) });
    house.apply({ people: new Set([2]) });
    house.apply({ people: new Set([1, 2]) });
    house.roster.setWork(user(1), null);
    expect(house.roster.members(queue(1)).map(({ id }) => id)).toEqual([1]);
    expect(house.roster.byLogin('a1')?.id).toBe(1);
  });

  test('another name or login is known at once, a phone of the old login is not his', () => {
    const house = openHouse(twoOfTwo);
    house.ready(1);
    const told: UserId[] = [];
    house.roster.subscribe((agent) => void told.push(agent.id));
    const setup = settingOf(house.written);
    const agents = setup.agents.map((row) => (row.id === 1 ? { ...row, login: 'anna', name: 'Anna' } : row));
    house.roster.apply({ ...setup, agents }, (login) => login === 'anna');
    expect([house.roster.byLogin('a1'), house.roster.byLogin('anna')?.row.name]).toEqual([undefined, 'Anna']);
    expect(house.roster.agent(user(1))?.phone).toBe(true);
    expect(told).toEqual([1]);
    house.roster.apply(setup, () => false);
    expect(house.roster.agent(user(1))?.phone).toBe(false);
    expect(house.roster.free(queue(1)).size).toBe(0);
  });

  test('a caller on his way into a queue that was removed waits, and is seen', () => {
    const house = openHouse(twoOfTwo);
    house.arrive(1, 1);
    house.apply({ queues: new Map([[2, [2]]]) });
    house.arrive(2, 1);
    expect(house.dispatcher.waiting(queue(1)).map(({ interactionId }) => interactionId)).toEqual(['i1', 'i2']);
    house.dispatcher.remove(interaction(1));
    house.dispatcher.remove(interaction(2));
    house.apply({});
    expect(house.dispatcher.waiting(queue(1))).toEqual([]);
  });

  test('whoever serves two queues takes the caller of the one that goes before', () => {
    const house = openHouse({
      ...twoOfTwo,
      queues: new Map([
        [1, [1]],
        [2, [1]],
      ]),
    });
    house.arrive(1, 1);
    house.clock.advance(1000);
    house.arrive(2, 2);
    house.apply({ priorities: new Map([[2, 5]]) });
    house.ready(1);
    expect([...house.ringing]).toEqual([[1, 'i2']]);
  });
});

const people = fc.integer({ min: 1, max: 5 });
const places = fc.integer({ min: 1, max: 3 });
const subset = fc.uniqueArray(people, { maxLength: 5 });
const step = fc.oneof(
  fc.record({ kind: fc.constant('people' as const), ids: subset }),
  fc.record({ kind: fc.constant('shift' as const), ids: subset }),
  fc.record({ kind: fc.constant('members' as const), n: places, ids: subset }),
  fc.record({ kind: fc.constantFrom('arrive' as const, 'removeQueue' as const, 'addQueue' as const), n: places }),
  fc.record({
    kind: fc.constantFrom('ready' as const, 'answer' as const, 'timeout' as const, 'hangUp' as const),
    n: people,
  }),
);

test('in any order of changes and calls: places are kept, work is kept, nobody waits beside a free member', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const house = openHouse({
        people: new Set([1, 2, 3]),
        queues: new Map([
          [1, [1, 2]],
          [2, [3]],
        ]),
        onShift: new Set([1, 2, 3, 4, 5]),
        priorities: new Map(),
      });
      const { roster, dispatcher, ringing } = house;
      const talking = new Map<UserId, InteractionId>();
      /** Callers of each queue in the order of their arrival. */
      const lines = new Map<number, InteractionId[]>();
      let callers = 0;
      for (const action of steps) {
        const { kind } = action;
        if (kind === 'people') house.apply({ people: new Set(action.ids) });
        else if (kind === 'shift') house.apply({ onShift: new Set(action.ids) });
        else if (kind === 'members') {
          if (house.written.queues.has(action.n))
            house.apply({ queues: new Map([...house.written.queues, [action.n, action.ids]]) });
        } else if (kind === 'addQueue') {
          if (!house.written.queues.has(action.n))
            house.apply({ queues: new Map([...house.written.queues, [action.n, []]]) });
        } else if (kind === 'removeQueue') {
          // as the set-up refuses it
          if (dispatcher.waiting(queue(action.n)).length === 0)
            house.apply({ queues: new Map([...house.written.queues].filter(([id]) => id !== action.n)) });
        } else if (kind === 'arrive') {
          if (!house.written.queues.has(action.n)) continue;
          house.clock.advance(1000);
          lines.set(action.n, [...(lines.get(action.n) ?? []), interaction(++callers)]);
          house.arrive(callers, action.n);
        } else {
          const id = user(action.n);
          const rung = ringing.get(id);
          if (kind === 'ready') house.ready(action.n);
          else if (kind === 'answer' && rung) {
            ringing.delete(id);
            talking.set(id, rung);
            dispatcher.remove(rung);
            for (const [queueId, line] of lines)
              lines.set(
                queueId,
                line.filter((caller) => caller !== rung),
              );
            roster.setWork(id, { kind: 'on_call', interactionId: rung });
          } else if (kind === 'timeout' && rung) {
            ringing.delete(id);
            roster.setWork(id, null);
            dispatcher.notTaken(rung, id, 'timeout');
          } else if (kind === 'hangUp' && talking.delete(id)) roster.setWork(id, null);
        }

        for (const [queueId, line] of lines)
          expect(dispatcher.waiting(queue(queueId)).map((entry) => entry.interactionId)).toEqual(line);
        for (const [id, interactionId] of talking)
          expect(roster.agent(id)?.work).toEqual({ kind: 'on_call', interactionId });
        for (const [id, interactionId] of ringing)
          expect(roster.agent(id)?.work).toEqual({ kind: 'ringing', interactionId });
        const working = [...roster.all()].filter(({ work }) => work !== null).map(({ id }) => id);
        expect(new Set(working)).toEqual(new Set([...talking.keys(), ...ringing.keys()]));
        for (const queueId of house.written.queues.keys()) {
          const members = roster.members(queue(queueId));
          const able = members.filter((agent) => obstacle(agent, house.clock.now()) === null);
          expect(new Set(roster.free(queue(queueId)))).toEqual(new Set(able));
          for (const { interactionId } of dispatcher.waiting(queue(queueId)))
            if (![...ringing.values()].includes(interactionId))
              expect(dispatcher.explain(interactionId)?.kind).toBe('wait');
        }
      }
    }),
    { numRuns: 400 },
  );
});
