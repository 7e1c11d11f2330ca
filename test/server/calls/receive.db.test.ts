import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CallArrived, RingAgentOptions, VoiceChannel } from '../../../channels/channel.ts';
import {
  lines,
  offers,
  presence,
  queueAgents,
  queues,
  trunks,
  users,
  workSchedules,
} from '../../../db/schema/index.ts';
import { type CallsContext, createCalls, createLiveCalls } from '../../../server/calls/index.ts';
import { createClients } from '../../../server/clients/index.ts';
import type { Push } from '../../../server/contract/events.ts';
import { createFakeClock } from '../../../server/kernel/clock.ts';
import {
  type CallId,
  type InteractionId,
  type LegId,
  newId,
  type OfferId,
  type UserId,
} from '../../../server/kernel/ids.ts';
import { createJournal } from '../../../server/kernel/journal.ts';
import { silentLog } from '../../../server/kernel/log.ts';
import { createDispatcher } from '../../../server/routing/dispatcher.ts';
import { createPresence } from '../../../server/routing/presence.ts';
import { createRoster } from '../../../server/routing/roster.ts';
import { loadSetup } from '../../../server/routing/store.ts';
import { createTimeline } from '../../../server/timeline/index.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { until } from '../../support/within.ts';

const lineNumber = '+74950000001';
const allDay = [{ from: '00:00', to: '00:00' }] as const;
const always = { 1: allDay, 2: allDay, 3: allDay, 4: allDay, 5: allDay, 6: allDay, 7: allDay };

/** The voice channel as far as arrivals go: a wire that writes down what it is told. */
function fakeVoice() {
  const told: string[] = [];
  const rung: RingAgentOptions[] = [];
  const voice: VoiceChannel = {
    name: 'voice',
    start: async () => undefined,
    close: async () => undefined,
    onLeg: undefined,
    onRegistration: undefined,
    ring: () => void told.push('ring'),
    answer: async (_callId, _legId, sound) =>
      void told.push(`answer ${typeof sound === 'string' ? sound : (sound.thenLoop ?? sound.names.join(' '))}`),
    ringAgent(options) {
      rung.push(options);
      told.push(`agent ${options.aor}`);
    },
    dial: () => void told.push('dial'),
    bridge: async () => void told.push('bridge'),
    play: () => void told.push('play'),
    sendDtmf: () => undefined,
    startRecording: async () => undefined,
    stopRecording: async () => null,
    hangUp: () => void told.push('hang up'),
    release: () => void told.push('release'),
    received: async () => null,
    isRegistered: () => true,
    phoneKind: () => 'desk',
    listen: () => undefined,
  };
  return { voice, told, rung };
}

/** Anna and Boris, both free, over a real database. */
async function openHouse(db: TestDatabase) {
  const agents = await db.orm
    .insert(users)
    .values(
      ['anna', 'boris'].map((login) => ({
        login,
        name: login,
        role: 'agent' as const,
        passwordHash: '',
        sipSecret: '',
      })),
    )
    .returning();
  const [anna, boris] = agents.map(({ id }) => id) as [UserId, UserId];
  await db.orm.insert(workSchedules).values(agents.map(({ id }) => ({ userId: id, timeZone: 'UTC', weekly: always })));
  await db.orm.insert(presence).values(agents.map(({ id }) => ({ userId: id, status: 'available' as const })));
  const [trunk] = await db.orm.insert(trunks).values({ name: 'Carrier', host: '127.0.0.1' }).returning();
  const [queue] = await db.orm.insert(queues).values({ name: 'Sales' }).returning();
  if (!trunk || !queue) throw new Error('no trunk or queue');
  await db.orm
    .insert(queueAgents)
    .values(agents.map(({ id }, position) => ({ queueId: queue.id, userId: id, position })));
  await db.orm.insert(lines).values({ name: 'Sales', number: lineNumber, trunkId: trunk.id, queueId: queue.id });

  const clock = createFakeClock();
  const { voice, told, rung } = fakeVoice();
  const journal = createJournal({ db, log: silentLog, after: clock.after });
  const clients = createClients({ db, clock, journal });
  const timeline = createTimeline({ db, clock, journal, clients, recordingsDir: db.dataDir });
  const setup = await loadSetup(db);
  const roster = createRoster(setup, clock);
  const dispatcher = createDispatcher({ roster, queues: setup.queues, clock });
  const pushed: { userId: UserId; push: Push }[] = [];
  const context: CallsContext = {
    db,
    voice,
    setup,
    roster,
    dispatcher,
    presence: createPresence({ db, roster, journal, clock }),
    clients,
    timeline,
    pushes: {
      push: (userId, push) => void pushed.push({ userId, push }),
      pushToCard: () => undefined,
      isConnected: () => false,
    },
    journal,
    clock,
    log: silentLog,
    live: createLiveCalls(),
    nodeId: 'node',
    recordingsDir: db.dataDir,
    maxCalls: 100,
  };
  const calls = createCalls(context);
  for (const id of [anna, boris]) roster.setPhone(id, true);
  const arrival = (number = '+79160000001'): CallArrived => ({
    channel: 'voice',
    type: 'call.arrived',
    sourceId: newId(),
    at: clock.now(),
    callId: newId<CallId>(),
    legId: newId<LegId>(),
    trunkId: trunk.id,
    from: { raw: number, displayName: '' },
    to: { raw: [lineNumber] },
    facts: {},
  });
  return { anna, boris, calls, clock, context, roster, voice, told, rung, pushed, arrival };
}

describe('an arriving call', () => {
  let db: TestDatabase;
  let house: Awaited<ReturnType<typeof openHouse>>;

  beforeEach(async () => {
    db = await openTestDatabase();
    house = await openHouse(db);
  });
  afterEach(() => db.close());

  const workOf = (id: UserId) => house.roster.agent(id)?.work?.kind ?? null;
  const rowsOf = () =>
    db.run<{ state: string; version: number; offer_user: UserId | null }>({
      name: 'test_rows',
      text: `SELECT i.state, i.version, o.user_id AS offer_user FROM interactions i
             LEFT JOIN offers o ON o.interaction_id = i.id AND o.ended_at IS NULL ORDER BY i.arrived_at, i.id`,
      values: [],
    });

  it('is stored with its first offer, shown to the agent, and then rings him', async () => {
    expect(await house.calls.receive(house.arrival())).toEqual({ accepted: true });
    expect(await rowsOf()).toEqual([{ state: 'offered', version: 1, offer_user: house.anna }]);
    const seen = await until(() => house.rung[0] && house.pushed.map(({ push }) => push.type), 5_000, 'the ring');
    expect(seen).toContain('offer');
    expect(house.told).toEqual(['ring', 'agent anna']);
    const events = await db.run<{ type: string }>({
      name: 'test_events',
      text: 'SELECT type FROM journal ORDER BY seq',
      values: [],
    });
    expect(events.map(({ type }) => type)).toEqual(['interaction.opened', 'offer.made']);
  });

  it('hears music when nobody is free', async () => {
    for (const id of [house.anna, house.boris]) house.roster.setPhone(id, false);
    await house.calls.receive(house.arrival());
    await until(() => house.told.includes('answer music'), 5_000, 'the music');
    expect(await rowsOf()).toEqual([{ state: 'queued', version: 1, offer_user: null }]);
    house.roster.setPhone(house.boris, true);
    await until(() => house.told.includes('agent boris'), 5_000, 'the ring');
  });

  it('takes nobody when it is a repetition of one that is stored', async () => {
    const first = house.arrival();
    const receipts = await Promise.all([
      house.calls.receive(first),
      house.calls.receive({ ...first, callId: newId<CallId>() }),
    ]);
    expect(receipts).toContainEqual({ accepted: true });
    expect(receipts).toContainEqual({ accepted: false, reason: 'duplicate' });
    await until(() => house.rung.length > 0, 5_000, 'the ring');
    expect(house.rung).toHaveLength(1);
    expect([workOf(house.anna), workOf(house.boris)].sort()).toEqual([null, 'ringing'].sort());
    expect(house.context.live.size).toBe(1);
  });

  it('is stored and goes to the next agent when another process has just offered the first one something', async () => {
    for (const id of [house.anna, house.boris]) house.roster.setPhone(id, false);
    await house.calls.receive(house.arrival());
    const [elsewhere] = [...house.context.live.all()];
    await db.orm.insert(offers).values({
      id: newId<OfferId>(),
      interactionId: elsewhere?.id as InteractionId,
      userId: house.anna,
      offeredAt: new Date(),
      expiresAt: new Date(),
      reason: 'round_robin',
      candidates: '[]',
    });
    house.context.dispatcher.remove(elsewhere?.id as InteractionId);
    for (const id of [house.anna, house.boris]) house.roster.setPhone(id, true);
    expect(await house.calls.receive(house.arrival('+79160000002'))).toEqual({ accepted: true });
    await until(() => house.rung.length > 0, 5_000, 'the ring');
    expect(house.rung.map(({ aor }) => aor)).toEqual(['boris']);
    expect(workOf(house.anna)).toBeNull();
  });

  it('rings nobody when the caller is gone before it is stored', async () => {
    const event = house.arrival();
    const received = house.calls.receive(event);
    house.voice.onLeg?.(event.callId, {
      type: 'ended',
      legId: event.legId,
      reason: 'cancelled',
      status: 487,
      text: '',
    });
    await received;
    await until(() => house.context.live.size === 0, 5_000, 'the end of the call');
    expect(house.rung).toEqual([]);
    expect([workOf(house.anna), workOf(house.boris)]).toEqual([null, null]);
    expect(await rowsOf()).toEqual([{ state: 'closed', version: 2, offer_user: null }]);
  });

  it('is refused while an earlier one cannot be stored', async () => {
    const stuck = Promise.withResolvers<never>();
    const { matchOrCreateByPhone } = house.context.clients;
    Object.assign(house.context.clients, { matchOrCreateByPhone: () => stuck.promise });
    const first = house.calls.receive(house.arrival());
    Object.assign(house.context.clients, { matchOrCreateByPhone });
    house.clock.advance(2_500);
    expect(await house.calls.receive(house.arrival('+79160000002'))).toEqual({ accepted: false, reason: 'overloaded' });
    stuck.reject(new Error('the database is away'));
    await expect(first).rejects.toThrow('the database is away');
    expect(await house.calls.receive(house.arrival('+79160000003'))).toEqual({ accepted: true });
  });
});
