import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { InteractionId, UserId } from '../../../server/kernel/ids.ts';
import {
  type AgentSnapshot,
  decide,
  isTried,
  obstacle,
  type RoutingQuestion,
  type Tried,
  type Work,
} from '../../../server/routing/router.ts';

const now = Date.UTC(2026, 0, 12, 9, 0);
const id = (n: number): UserId => n as UserId;
const shift = { startsAt: now - 3_600_000, endsAt: now + 3_600_000 };
const interactionId = 'i' as InteractionId;

const agent = (n: number, over: Partial<AgentSnapshot> = {}): AgentSnapshot => ({
  id: id(n),
  shift,
  nextShiftAt: null,
  phone: true,
  status: 'available',
  reason: '',
  work: null,
  ...over,
});

const ask = (over: Partial<RoutingQuestion>): RoutingQuestion => ({
  now,
  agents: [agent(1), agent(2), agent(3)],
  lastOfferedId: null,
  responsibleId: null,
  tried: new Map(),
  responsibleSeconds: 15,
  ringSeconds: 20,
  ...over,
});

describe('why an agent cannot be offered anything', () => {
  test.each<[string, Partial<AgentSnapshot>, readonly unknown[] | null]>([
    ['nothing in the way', {}, null],
    [
      'off shift till 14:00',
      { shift: null, nextShiftAt: now + 5 * 3_600_000 },
      ['off_shift', '2026-01-12T14:00:00.000Z'],
    ],
    ['off shift, nothing planned', { shift: null }, ['off_shift', '']],
    ['shift ends this instant', { shift: { startsAt: 0, endsAt: now } }, ['off_shift', '']],
    ['at lunch', { status: 'not_ready', reason: 'lunch' }, ['not_ready', 'lunch']],
    ['no phone', { phone: false }, ['no_phone']],
    ['ringing', { work: { kind: 'ringing', interactionId } }, ['ringing']],
    ['on a call', { work: { kind: 'on_call', interactionId } }, ['on_call']],
    [
      'in wrap-up 0:21',
      { work: { kind: 'wrap_up', interactionId, until: now + 21_000 } },
      ['wrap_up', '2026-01-12T09:00:21.000Z'],
    ],
  ])('%s', (_name, over, expected) => {
    expect(obstacle(agent(1, over), now)).toEqual(expected);
  });
});

describe('the decision', () => {
  test('the responsible manager first, for his own time', () => {
    const decision = decide(ask({ responsibleId: id(3), lastOfferedId: id(1) }));
    expect(decision).toMatchObject({ kind: 'offer', agentId: 3, reason: 'responsible', ringSeconds: 15 });
    expect(decision.candidates).toEqual([
      [1, 'later_in_turn'],
      [2, 'later_in_turn'],
      [3, 'responsible'],
    ]);
  });

  test('he is asked once: afterwards it goes round', () => {
    const tried = new Map<UserId, Tried>([[id(3), { result: 'timeout', againAt: now - 1 }]]);
    expect(decide(ask({ responsibleId: id(3), tried, lastOfferedId: id(3) }))).toMatchObject({
      agentId: 1,
      reason: 'round_robin',
      ringSeconds: 20,
    });
  });

  test('a responsible manager who is off shift or does not serve the queue is passed over', () => {
    const agents = [agent(1), agent(2, { shift: null })];
    expect(decide(ask({ agents, responsibleId: id(2) }))).toMatchObject({ agentId: 1, reason: 'round_robin' });
    expect(decide(ask({ agents, responsibleId: id(9) }))).toMatchObject({ agentId: 1, reason: 'round_robin' });
  });

  test('round robin in schedule order after whoever was offered last', () => {
    expect(decide(ask({ lastOfferedId: id(2) }))).toMatchObject({ agentId: 3 });
    expect(decide(ask({ lastOfferedId: id(3) }))).toMatchObject({ agentId: 1 });
    expect(decide(ask({ lastOfferedId: id(99) }))).toMatchObject({ agentId: 1 });
  });

  test('who did not take it is passed over until his time comes again', () => {
    const tried = new Map<UserId, Tried>([[id(1), { result: 'declined', againAt: now + 1 }]]);
    expect(decide(ask({ tried })).candidates[0]).toEqual([1, 'tried', 'declined']);
    expect(decide(ask({ tried }))).toMatchObject({ agentId: 2 });
    expect(decide(ask({ tried, agents: [agent(1)] }))).toMatchObject({ kind: 'wait' });
    expect(decide(ask({ tried, agents: [agent(1)], now: now + 1 }))).toMatchObject({ kind: 'offer', agentId: 1 });
  });

  test('nobody there: wait, with a reason for each', () => {
    const agents = [agent(1, { phone: false }), agent(2, { status: 'not_ready', reason: 'break' })];
    expect(decide(ask({ agents }))).toEqual({
      kind: 'wait',
      candidates: [
        [1, 'no_phone'],
        [2, 'not_ready', 'break'],
      ],
    });
    expect(decide(ask({ agents: [] }))).toEqual({ kind: 'wait', candidates: [] });
  });
});

describe('over any set of agents', () => {
  const work = fc.option(
    fc.constantFrom<Work>(
      { kind: 'ringing', interactionId },
      { kind: 'on_call', interactionId },
      { kind: 'wrap_up', interactionId },
    ),
  );
  const agents = fc
    .array(fc.record({ onShift: fc.boolean(), phone: fc.boolean(), ready: fc.boolean(), work }), { maxLength: 12 })
    .map((rows) =>
      rows.map((row, index) =>
        agent(index + 1, {
          shift: row.onShift ? shift : null,
          phone: row.phone,
          status: row.ready ? 'available' : 'not_ready',
          work: row.work,
        }),
      ),
    );
  const tried = fc
    .array(fc.tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: -2, max: 2 })), { maxLength: 6 })
    .map((rows) => new Map(rows.map(([n, delta]) => [id(n), { result: 'timeout', againAt: now + delta } as Tried])));
  const question = fc
    .record({
      agents,
      tried,
      last: fc.option(fc.integer({ min: 1, max: 14 })),
      own: fc.option(fc.integer({ min: 1, max: 14 })),
    })
    .map((row) =>
      ask({
        agents: row.agents,
        tried: row.tried,
        lastOfferedId: row.last as UserId | null,
        responsibleId: row.own as UserId | null,
      }),
    );

  test('somebody is offered exactly when somebody can be; everybody has one reason', () => {
    fc.assert(
      fc.property(question, (q) => {
        const decision = decide(q);
        expect(decision.candidates.map(([who]) => who)).toEqual(q.agents.map((a) => a.id));
        const able = q.agents.filter((a) => !obstacle(a, now) && !isTried(q, a.id));
        expect(decision.kind).toBe(able.length > 0 ? 'offer' : 'wait');
        if (decision.kind === 'offer') expect(able.map((a) => a.id)).toContain(decision.agentId);
      }),
    );
  });

  test('turn after turn, every able agent comes before anybody comes twice', () => {
    fc.assert(
      fc.property(agents, (crew) => {
        const able = crew.filter((a) => !obstacle(a, now)).map((a) => a.id);
        let last: UserId | null = null;
        const turns: UserId[] = [];
        for (let turn = 0; turn < able.length; turn++) {
          const decision = decide(ask({ agents: crew, lastOfferedId: last }));
          if (decision.kind === 'wait') break;
          last = decision.agentId;
          turns.push(last);
        }
        expect([...turns].sort((a, b) => a - b)).toEqual(able);
      }),
    );
  });
});
