import { pino } from 'pino';
import type { RouteHandler, SignedInUser } from '../../../server/access/route.ts';
import { type Calls, type CallsContext, createCalls, createLiveCalls } from '../../../server/calls/index.ts';
import type { LiveCall } from '../../../server/calls/live-call.ts';
import { createClients } from '../../../server/clients/index.ts';
import type { OperationKey } from '../../../server/contract/api.ts';
import type { Clock, FakeClock } from '../../../server/kernel/clock.ts';
import { createJournal } from '../../../server/kernel/journal.ts';
import type { Log } from '../../../server/kernel/log.ts';
import { createDispatcher } from '../../../server/routing/dispatcher.ts';
import { type LiveSetup, openSetup } from '../../../server/routing/live-setup.ts';
import { createPresence } from '../../../server/routing/presence.ts';
import { createRoster } from '../../../server/routing/roster.ts';
import { createTasks, type Tasks } from '../../../server/tasks/index.ts';
import { createTimeline } from '../../../server/timeline/index.ts';
import type { TestDatabase } from '../database.ts';
import { noSight } from '../sight.ts';
import { type WatchedClock, watchClock } from './clocks.ts';
import { type GatedDatabase, gateDatabase } from './gate.ts';
import { createScreens, type Screens } from './screens.ts';
import { createWire, type Wire } from './wire.ts';

/** A warning or an error in the log. */
export interface LogLine {
  readonly msg: string;
  readonly task?: string;
  readonly err?: { readonly type: string; readonly message: string; readonly stack: string; readonly code?: string };
}

/** One process: the rooms of calls, routing and of people we owe, over a wire and a clock of its own. */
export interface House {
  readonly context: CallsContext;
  readonly calls: Calls;
  readonly tasks: Tasks;
  readonly setup: LiveSetup;
  readonly gate: GatedDatabase;
  readonly wire: Wire;
  readonly screens: Screens;
  /** Of the calls alone; the other rooms have timers that always run. */
  readonly callClock: WatchedClock;
  readonly roomClock: WatchedClock;
  readonly logged: LogLine[];
  /** The database has failed at least once. */
  hasFailed: boolean;
  /** An operation of the contract, as the web server calls it. */
  ask(key: OperationKey, user: SignedInUser, input?: { params?: object; body?: object }): Promise<unknown>;
  /** Every call that was ever in hand here. */
  readonly seen: Set<LiveCall>;
  applySetting(): Promise<void>;
  /** In order, as on SIGTERM. */
  close(): Promise<void>;
  /** As on SIGKILL. */
  kill(): Promise<void>;
}

export interface HouseOptions {
  readonly db: TestDatabase;
  readonly clock: FakeClock;
  /** Phones that are there already. */
  readonly phones: ReadonlyMap<string, 'browser' | 'desk'>;
}

/** Starts a process over what is in the database. */
export async function openDayHouse({ db, clock, phones }: HouseOptions): Promise<House> {
  const gate = gateDatabase(db);
  const callClock = watchClock(clock);
  const roomClock = watchClock(clock);
  const wire = createWire(clock);
  const logged: LogLine[] = [];
  const log: Log = pino({ level: 'warn' }, { write: (line) => void logged.push(JSON.parse(line)) });
  const room: Clock = roomClock;
  const journal = createJournal({ db: gate, log, after: room.after });
  const clients = createClients({ db: gate, clock: room, journal, sight: noSight });
  const timeline = createTimeline({ db: gate, clock: room, journal, clients, recordingsDir: db.dataDir });
  const setup = await openSetup(gate);
  const roster = createRoster(setup, room);
  const dispatcher = createDispatcher({ roster, queues: setup.queues, clock: room });
  const live = createLiveCalls();
  const seen = new Set<LiveCall>();
  const screens = createScreens();
  const pushes = { push: screens.push, pushToCard: () => undefined, isConnected: () => false };
  const context: CallsContext = {
    db: gate,
    voice: wire.voice,
    setup,
    roster,
    dispatcher,
    presence: createPresence({ db: gate, setup, roster, journal, clock: room }),
    clients,
    clientOfVisitor: () => Promise.reject(new Error('nobody calls from a page here')),
    teams: noSight.teams,
    onLook: () => undefined,
    timeline,
    pushes,
    journal,
    clock: callClock,
    log,
    live: {
      ...live,
      get size() {
        return live.size;
      },
      add(call) {
        seen.add(call);
        live.add(call);
      },
    },
    nodeId: 'node',
    recordingsDir: db.dataDir,
    maxCalls: 100,
  };
  const calls = createCalls(context);
  const tasks = createTasks({ db: gate, clock: room, log, journal, clients, setup, pushes });
  const handlers = new Map<string, RouteHandler<OperationKey>>();
  calls.routes({ me: never, seq: () => 0, owed: async () => [], conversations: async () => [], testCall: never })(
    (key, handler) => void handlers.set(key, handler as unknown as RouteHandler<OperationKey>),
  );
  await calls.recover();
  await journal.replay();
  await tasks.start();
  for (const [aor, kind] of phones) {
    wire.phones.set(aor, kind);
    wire.voice.onRegistration?.(aor, true);
  }

  function stop(): void {
    wire.cut();
    for (const each of [callClock, roomClock]) each.stop();
  }

  return {
    context,
    calls,
    tasks,
    setup,
    gate,
    wire,
    screens,
    callClock,
    roomClock,
    logged,
    hasFailed: false,
    seen,
    async ask(key, user, { params, body } = {}) {
      const handler = handlers.get(key);
      if (!handler) throw new Error(`${key} is not mounted`);
      return handler({ params, body, query: {}, user } as never);
    },
    async applySetting() {
      await setup.reload();
      dispatcher.apply(setup.queues);
      roster.apply(setup, (login) => wire.phones.has(login));
      tasks.settingChanged();
    },
    async close() {
      await calls.close();
      dispatcher.close();
      roster.close();
      await tasks.close();
      await journal.close();
      stop();
    },
    async kill() {
      stop();
      await gate.die();
    },
  };
}

const never = (): never => {
  throw new Error('not asked for in these days');
};
