import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eq } from 'drizzle-orm';
import type { FastifyInstance } from 'fastify';
import { users } from '../../../db/schema/index.ts';
import type { Input, OperationKey, Output } from '../../../server/contract/api.ts';
import type { ChannelHealthView } from '../../../server/contract/messages-schemas.ts';
import type { InteractionId, QueueId, UserId } from '../../../server/kernel/ids.ts';
import { createJournal, type JournalEntry } from '../../../server/kernel/journal.ts';
import { silentLog } from '../../../server/kernel/log.ts';
import { accountRules } from '../../../server/message-accounts/rules.ts';
import { createDispatcher, type Dispatcher } from '../../../server/routing/dispatcher.ts';
import { type LiveSetup, openSetup } from '../../../server/routing/live-setup.ts';
import { createRoster, type Roster } from '../../../server/routing/roster.ts';
import type { TrunkRow } from '../../../server/routing/store.ts';
import { createSetup, type Setup } from '../../../server/setup/index.ts';
import { type Answer, buildTestApp, callsOver, openTestHouse, signIn, type TestHouse } from '../http/app-support.ts';

type Person = 'anna' | 'boris' | 'olga' | 'admin';

/** Routing and set-up with a real database behind the real web server; `olga` is a supervisor without a team. */
export interface SetupHouse extends Pick<TestHouse, 'db' | 'access' | 'clock'> {
  readonly app: FastifyInstance;
  readonly ids: Readonly<Record<Person, UserId>>;
  readonly setup: LiveSetup;
  readonly roster: Roster;
  readonly dispatcher: Dispatcher;
  readonly room: Setup;
  readonly journal: JournalEntry[];
  readonly changed: [string, number][];
  readonly trunks: (readonly TrunkRow[])[];
  readonly soundsDir: string;
  /** Logins whose phone is a browser. */
  readonly browsers: Set<string>;
  /** What the accounts of messages say of themselves. */
  readonly health: ChannelHealthView[];
  cookie(person: Person): string;
  call<K extends OperationKey>(person: Person, key: K, input?: Input<K>): Promise<Answer<K>>;
  /** The same, when it must succeed. */
  ok<K extends OperationKey>(person: Person, key: K, input?: Input<K>): Promise<Output<K>>;
  /** Phone on, status available. */
  ready(person: Person): void;
  arrive(n: number, queueId: number): InteractionId;
  close(): Promise<void>;
}

export async function openSetupHouse(): Promise<SetupHouse> {
  const house = await openTestHouse();
  const { db, clock, access } = house;
  const [anna] = await db.orm.select().from(users).where(eq(users.login, 'anna'));
  if (!anna) throw new Error('no anna');
  const row = {
    login: 'admin',
    name: 'Admin',
    role: 'admin' as const,
    passwordHash: anna.passwordHash,
    sipSecret: 's',
  };
  const [admin] = await db.orm.insert(users).values(row).returning({ id: users.id });
  if (!admin) throw new Error('no admin');
  const ids = { ...house.people, admin: admin.id };
  await access.reload();

  const heard: JournalEntry[] = [];
  const journal = createJournal({ db, log: silentLog, after: clock.after });
  journal.subscribe((entry) => void heard.push(entry));
  const setup = await openSetup(db);
  const roster = createRoster(setup, clock);
  const dispatcher = createDispatcher({ roster, queues: setup.queues, clock });
  roster.subscribe((agent, freed) => {
    if (freed) dispatcher.agentFree(agent);
  });
  const soundsDir = mkdtempSync(join(tmpdir(), 'switchroom-sounds-'));
  const changed: [string, number][] = [];
  const trunks: (readonly TrunkRow[])[] = [];
  const browsers = new Set<string>();
  const health: ChannelHealthView[] = [];
  const room = createSetup({
    db,
    clock,
    log: silentLog,
    access,
    journal,
    setup,
    roster,
    dispatcher,
    soundsDir,
    isRegistered: () => false,
    hasBrowserPhone: (login) => browsers.has(login),
    accountRules,
    tryAccount: async (id) => ({ ok: false, state: 'down', problem: `no wire to ${id}` }),
    accountHealth: async () => health,
    publicUrl: () => 'https://desk.example',
    onTrunksChanged: (rows) => void trunks.push(rows),
    onChanged: (kind, id) => void changed.push([kind, id]),
  });
  const app = await buildTestApp(house, { routes: [room.routes], sounds: room.sounds });
  const cookies = {
    anna: await signIn(app, 'anna'),
    boris: await signIn(app, 'boris'),
    olga: await signIn(app, 'olga'),
    admin: await signIn(app, 'admin'),
  };

  const call = callsOver(app, cookies);

  return {
    db,
    access,
    clock,
    app,
    ids,
    setup,
    roster,
    dispatcher,
    room,
    journal: heard,
    changed,
    trunks,
    soundsDir,
    browsers,
    health,
    cookie: (person) => cookies[person],
    call,
    async ok(person, key, input) {
      const { status, body } = await call(person, key, input);
      if (status !== 200) throw new Error(`${key} answered ${status}: ${JSON.stringify(body)}`);
      return body;
    },
    ready(person) {
      const userId = ids[person];
      const none = { nextStatus: null, nextReason: '' };
      roster.setPhone(userId, true);
      roster.setPresence({
        userId,
        status: 'available',
        reason: '',
        ...none,
        since: new Date(clock.now()),
        cause: 'agent',
      });
    },
    arrive(n, queueId) {
      const interactionId = `i${n}` as InteractionId;
      const entry = { interactionId, responsibleId: null, priority: 0, arrivedAt: clock.now() };
      dispatcher.enqueue({ ...entry, queueId: queueId as QueueId });
      return interactionId;
    },
    async close() {
      room.close();
      roster.close();
      dispatcher.close();
      await app.close();
      await journal.close();
      await house.close();
      rmSync(soundsDir, { recursive: true, force: true });
    },
  };
}

const allDay = [{ from: '00:00', to: '00:00' }];
/** Round the clock. */
export const always = { 1: allDay, 2: allDay, 3: allDay, 4: allDay, 5: allDay, 6: allDay, 7: allDay };
const office = [{ from: '09:00', to: '18:00' }];
/** Monday to Friday, nine to six. */
export const officeWeek = { 1: office, 2: office, 3: office, 4: office, 5: office };
