import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { MessageChannelName } from '../../../../server/contract/messages-words.ts';
import type { ClientId, ConversationId, QueueId, UserId } from '../../../../server/kernel/ids.ts';
import { readAllOpen } from '../../../../server/messages/assignment/store.ts';
import { openTestDatabase, type TestDatabase } from '../../../support/database.ts';
import { type House, openHouse } from './house.ts';

const minute = 60_000;
const capacity = 6;
const weights = { email: 1, sms: 2, chat: 3 } as const;

let db: TestDatabase;
let house: House;
let agents: UserId[];
let queues: QueueId[];
let clients: ClientId[];
beforeAll(async () => {
  db = await openTestDatabase();
  house = await openHouse(db);
  const hours = [
    { from: '06:00', to: '14:00' },
    { from: '12:00', to: '20:00' },
    { from: '20:00', to: '04:00' },
    { from: '09:00', to: '18:00' },
  ];
  agents = [];
  for (const [n, span] of hours.entries()) agents.push((await house.addUser(`agent${n}`, span)).id);
  const [a, b, c, d] = agents as [UserId, UserId, UserId, UserId];
  queues = [await house.addQueue('sales', [a, b, c]), await house.addQueue('service', [b, d])];
  clients = [];
  for (const responsible of [null, a, d]) clients.push(await house.addClient(responsible));
  await house.setCapacity(capacity);
  await house.start();
});
afterAll(async () => {
  await house.close();
  await db.close();
});

const person = fc.nat(3);
const steps = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('arrive' as const),
      client: fc.nat(2),
      queue: fc.nat(1),
      channel: fc.constantFrom('email', 'sms', 'chat'),
      dueIn: fc.integer({ min: 1, max: 90 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('again' as const), nth: fc.nat(20) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('answer' as const), nth: fc.nat(20), agent: person }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('close' as const), nth: fc.nat(20), agent: person }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('comeIn' as const), agent: person }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('leave' as const), agent: person }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('status' as const), agent: person, ready: fc.boolean() }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('work' as const),
      agent: person,
      work: fc.constantFrom('ringing', 'on_call', 'wrap_up', null),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('pass' as const), minutes: fc.integer({ min: 1, max: 240 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart' as const) }) },
);
type Step = typeof steps extends fc.Arbitrary<infer S> ? S : never;

/** Who is on the telephone by the test's own book. */
const ringing = new Set<UserId>();

async function play(step: Step, made: ConversationId[]): Promise<void> {
  const agent = 'agent' in step ? (agents[step.agent] as UserId) : (0 as UserId);
  const id = 'nth' in step ? made[step.nth % Math.max(1, made.length)] : undefined;
  switch (step.kind) {
    case 'arrive':
      made.push(
        await house.arrive({
          clientId: clients[step.client] as ClientId,
          queueId: queues[step.queue] as QueueId,
          channel: step.channel as MessageChannelName,
          dueInMs: step.dueIn * minute,
        }),
      );
      return;
    case 'again':
      if (id && ['answered', 'closed'].includes((await house.read(id)).state)) await house.again(id);
      return;
    case 'answer':
      if (id && (await house.read(id)).waitingSince) await house.answer(id, agent);
      return;
    case 'close':
      if (id && (await house.read(id)).waitingSince) await house.closeConversation(id, agent);
      return;
    case 'comeIn':
      return house.comeIn(agent);
    case 'leave':
      house.online.delete(agent);
      return;
    case 'status':
      return house.setStatus(agent, step.ready ? 'available' : 'not_ready');
    case 'work':
      if (step.work === 'ringing') ringing.add(agent);
      else ringing.delete(agent);
      return house.setWork(agent, step.work as 'ringing' | 'on_call' | 'wrap_up' | null);
    case 'pass':
      return house.advance(step.minutes * minute);
    case 'restart':
      return house.restart();
  }
}

/** What holds after every step, whatever the day brought. */
async function requireRules(heardBefore: number): Promise<void> {
  const open = await readAllOpen(db);
  const loads = new Map<UserId, number>();
  for (const { state, ownerId, channel, queueId } of open) {
    expect(queues, 'every conversation has its queue').toContain(queueId);
    if (state === 'assigned') expect(ownerId, 'whoever has it has a name').not.toBeNull();
    if (state === 'assigned' && ownerId !== null) loads.set(ownerId, (loads.get(ownerId) ?? 0) + weights[channel]);
  }
  for (const [userId, load] of loads) {
    expect(load, `points of ${userId}`).toBeLessThanOrEqual(capacity);
    expect(house.roster.agent(userId)?.shift, 'who is off shift has nobody waiting').not.toBeNull();
  }
  for (const { type, userId } of house.heard.slice(heardBefore))
    if (type === 'conversation.assigned') expect(ringing.has(userId as UserId), 'a call outranks').toBe(false);
  const now = house.assignment.now();
  const points = new Map([...now.agents].map(([userId, agent]) => [userId, agent.points]));
  expect(points, 'what is in memory is what is stored').toEqual(loads);
  expect([...now.queues.values()].reduce((sum, { waiting }) => sum + waiting, 0)).toBe(open.length);
}

test('random days: nobody is over capacity, nobody off shift keeps a client waiting, a call outranks, memory is the table', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(steps, { minLength: 10, maxLength: 40 }), async (day) => {
      const made: ConversationId[] = [];
      for (const step of day) {
        const heard = house.heard.length;
        await play(step, made);
        await requireRules(heard);
      }
      // the day is over: what is left is answered, so that the next one begins with nothing
      for (const id of made)
        if ((await house.read(id)).waitingSince) await house.closeConversation(id, agents[0] as UserId);
      for (const agent of agents) await house.setWork(agent, null);
      ringing.clear();
      const late = new Map<string, number>();
      for (const { type, data } of house.heard) {
        if (type !== 'conversation.overdue') continue;
        const key = `${data?.['conversationId']} ${data?.['dueAt']}`;
        late.set(key, (late.get(key) ?? 0) + 1);
      }
      expect(Math.max(0, ...late.values()), 'overdue is noted once').toBeLessThanOrEqual(1);
    }),
    { numRuns: Number(process.env['RANDOM_DAYS'] ?? 12), seed: Number(process.env['RANDOM_DAY_SEED'] ?? 4) },
  );
});
