import type { CallArrived, LegSound, RingAgentOptions, VoiceChannel } from '../../channels/channel.ts';
import { lines, presence, queueAgents, queues, trunks, users, workSchedules } from '../../db/schema/index.ts';
import { type CallsContext, createCalls, createLiveCalls } from '../../server/calls/index.ts';
import { createClients } from '../../server/clients/index.ts';
import type { Push } from '../../server/contract/events.ts';
import { createFakeClock } from '../../server/kernel/clock.ts';
import { type CallId, type LegId, newId, type UserId } from '../../server/kernel/ids.ts';
import { createJournal } from '../../server/kernel/journal.ts';
import { silentLog } from '../../server/kernel/log.ts';
import { createDispatcher } from '../../server/routing/dispatcher.ts';
import { openSetup } from '../../server/routing/live-setup.ts';
import { createPresence } from '../../server/routing/presence.ts';
import { createRoster } from '../../server/routing/roster.ts';
import { createTimeline } from '../../server/timeline/index.ts';
import type { TestDatabase } from './database.ts';
import { noSight } from './sight.ts';

const lineNumber = '+74950000001';
const allDay = [{ from: '00:00', to: '00:00' }] as const;
const always = { 1: allDay, 2: allDay, 3: allDay, 4: allDay, 5: allDay, 6: allDay, 7: allDay };

/** What is heard, in a word: the loop, or what is said. */
const soundOf = (sound: LegSound): string =>
  typeof sound === 'string' ? sound : (sound.thenLoop ?? sound.names.join(' '));

/** A wire that writes down what it is told; the test plays the far ends through `voice.onLeg`. */
function fakeVoice() {
  const told: string[] = [];
  const rung: RingAgentOptions[] = [];
  /** Packets that came from each leg; a leg without an entry is gone. */
  const received = new Map<LegId, number>();
  let recordedMs: number | null = null;
  const voice: VoiceChannel = {
    name: 'voice',
    start: async () => undefined,
    close: async () => undefined,
    onLeg: undefined,
    onRegistration: undefined,
    ring: () => void told.push('ring'),
    answer: async (_callId, _legId, sound) => void told.push(`answer ${soundOf(sound)}`),
    ringAgent(options) {
      rung.push(options);
      told.push(`agent ${options.aor}`);
    },
    dial: () => void told.push('dial'),
    bridge: async () => void told.push('bridge'),
    play: (_callId, _legId, sound) => void told.push(`play ${soundOf(sound)}`),
    sendDtmf: () => undefined,
    startRecording: async () => void told.push('record'),
    stopRecording: async () => (recordedMs === null ? null : { durationMs: recordedMs, bytes: 1, sha256: '' }),
    hangUp: () => void told.push('hang up'),
    release: () => void told.push('release'),
    received: async (_callId, legId) => received.get(legId) ?? null,
    isRegistered: () => true,
    phoneKind: () => house.phoneKind,
    listen: () => void told.push('listen'),
  };
  const house: { phoneKind: 'browser' | 'desk'; recorded(ms: number | null): void } = {
    phoneKind: 'desk',
    recorded: (ms) => {
      recordedMs = ms;
    },
  };
  return { voice, told, rung, received, phones: house };
}

/** Anna and Boris, both free, over a real database. */
export async function openHouse(db: TestDatabase, queueRules: Partial<typeof queues.$inferInsert> = {}) {
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
  const [queue] = await db.orm
    .insert(queues)
    .values({ name: 'Sales', ...queueRules })
    .returning();
  if (!trunk || !queue) throw new Error('no trunk or queue');
  await db.orm
    .insert(queueAgents)
    .values(agents.map(({ id }, position) => ({ queueId: queue.id, userId: id, position })));
  await db.orm.insert(lines).values({ name: 'Sales', number: lineNumber, trunkId: trunk.id, queueId: queue.id });

  const clock = createFakeClock();
  const { voice, told, rung, received, phones } = fakeVoice();
  const journal = createJournal({ db, log: silentLog, after: clock.after });
  const clients = createClients({ db, clock, journal, sight: noSight });
  const timeline = createTimeline({ db, clock, journal, clients, recordingsDir: db.dataDir });
  const setup = await openSetup(db);
  const roster = createRoster(setup, clock);
  const dispatcher = createDispatcher({ roster, queues: setup.queues, clock });
  const pushed: { userId: UserId; push: Push }[] = [];
  const context: CallsContext = {
    db,
    voice,
    setup,
    roster,
    dispatcher,
    presence: createPresence({ db, setup, roster, journal, clock }),
    clients,
    clientOfVisitor: () => Promise.reject(new Error('nobody calls from a page here')),
    teams: noSight.teams,
    onLook: () => undefined,
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
  const queueId = queue.id;
  return { anna, boris, queueId, calls, clock, context, roster, voice, told, rung, received, phones, pushed, arrival };
}
