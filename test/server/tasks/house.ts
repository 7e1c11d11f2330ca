import { desc, eq } from 'drizzle-orm';
import type { Database } from '../../../db/client.ts';
import {
  identityLedger,
  interactions,
  queueAgents,
  queues,
  teams,
  timelineEntries,
  users,
  workSchedules,
} from '../../../db/schema/index.ts';
import type { RouteHandler, RouteInput, SignedInUser } from '../../../server/access/route.ts';
import { parsePhoneNumber } from '../../../server/clients/phone-number.ts';
import type { OperationKey, Output } from '../../../server/contract/api.ts';
import type { Push } from '../../../server/contract/events.ts';
import {
  type ClientId,
  type EntryId,
  type InteractionId,
  newId,
  type QueueId,
  type TeamId,
  type UserId,
} from '../../../server/kernel/ids.ts';
import { silentLog } from '../../../server/kernel/log.ts';
import { openSetup } from '../../../server/routing/live-setup.ts';
import { createTasks } from '../../../server/tasks/index.ts';
import { openClients } from '../clients/house.ts';

type Role = 'agent' | 'supervisor' | 'admin';
type Periods = readonly { from: string; to: string }[];

/** Round the week. */
export const everyDay = (from: string, to: string): Record<number, Periods> =>
  Object.fromEntries([1, 2, 3, 4, 5, 6, 7].map((day) => [day, [{ from, to }]]));

/** A company over a real database; the clock stands at Monday, 12 January 2026, noon in Moscow. */
export async function openHouse(db: Database) {
  const house = await openClients(db);
  const { clock, journal, clients, heard } = house;
  const setup = await openSetup(db);
  const pushed: { userId: UserId; push: Push }[] = [];
  const options = {
    db,
    clock,
    log: silentLog,
    journal,
    clients,
    setup,
    pushes: {
      push: (userId: UserId, push: Push) => void pushed.push({ userId, push }),
      isConnected: () => true,
    },
  };
  let tasks = createTasks(options);
  let numbers = 0;

  async function addTeam(name: string): Promise<TeamId> {
    const [row] = await db.orm.insert(teams).values({ name }).returning();
    return row?.id as TeamId;
  }

  /** @param hours weekly pattern in Moscow time; null = no schedule */
  async function addUser(
    login: string,
    hours: Record<number, Periods> | null,
    { role = 'agent' as Role, teamId = null as TeamId | null } = {},
  ): Promise<SignedInUser> {
    const name = login.charAt(0).toUpperCase() + login.slice(1);
    const [row] = await db.orm
      .insert(users)
      .values({ login, name, role, teamId, passwordHash: '', sipSecret: '' })
      .returning();
    const id = row?.id as UserId;
    if (hours) await db.orm.insert(workSchedules).values({ userId: id, timeZone: 'Europe/Moscow', weekly: hours });
    return { id, login, name, role, teamId, language: 'ru', sees: 'all', mayExport: false };
  }

  async function addQueue(name: string, members: readonly UserId[]): Promise<QueueId> {
    const [row] = await db.orm.insert(queues).values({ name }).returning();
    const queueId = row?.id as QueueId;
    for (const [position, userId] of members.entries())
      await db.orm.insert(queueAgents).values({ queueId, userId, position });
    return queueId;
  }

  /** As the setting room does after a change. */
  async function applySetting(): Promise<void> {
    await setup.reload();
    tasks.settingChanged();
    await tasks.idle();
  }

  async function setDisabled(userId: UserId, disabled: boolean): Promise<void> {
    await db.orm
      .update(users)
      .set({ disabledAt: disabled ? new Date(clock.now()) : null })
      .where(eq(users.id, userId));
    await applySetting();
  }

  /** A card, as a call makes it. */
  const makeClient = async (number: string): Promise<ClientId> =>
    (await clients.matchOrCreateByPhone(parsePhoneNumber(number, 'RU'), { source: 'call' })).clientId;

  /** The card of somebody with a name. */
  async function addClient(): Promise<ClientId> {
    const contactPoints = [{ kind: 'phone' as const, value: `+7916${String(3_000_000 + numbers++)}` }];
    return (await clients.create({ name: `Client ${numbers}`, contactPoints }, house.anna)).id;
  }

  async function undoLastMove(user: SignedInUser): Promise<void> {
    const [line] = await db.orm.select().from(identityLedger).orderBy(desc(identityLedger.id)).limit(1);
    await clients.undoMove(line?.id ?? 0, user);
    await tasks.idle();
  }

  const handlers = new Map<string, RouteHandler<OperationKey>>();
  const mount = () =>
    tasks.routes((key, handler) => void handlers.set(key, handler as unknown as RouteHandler<OperationKey>));
  mount();

  /** What follows is done by a fresh one over the same database. */
  async function restart(): Promise<void> {
    await tasks.close();
    tasks = createTasks(options);
    mount();
    await tasks.start();
  }

  /** An operation as the web server calls it, with the contract's defaults. */
  async function ask<K extends OperationKey>(
    key: K,
    user: SignedInUser,
    input: Partial<Pick<RouteInput<K>, 'params' | 'body'>> & { query?: object } = {},
  ): Promise<Output<K>> {
    const handler = handlers.get(key);
    if (!handler) throw new Error(`${key} is not mounted`);
    const query = { limit: 100, days: 1, ...input.query };
    const answer = await handler({ params: undefined, body: undefined, ...input, query, user } as never);
    await tasks.idle();
    return answer as Output<K>;
  }

  const setOwner = (id: number, userId: UserId, user: SignedInUser) =>
    ask('POST /api/v1/owed/:id/owner', user, { params: { id }, body: { userId } });
  const closeOwed = (id: number, reason: string, user: SignedInUser) =>
    ask('POST /api/v1/owed/:id/close', user, { params: { id }, body: { reason } });
  const listOwed = (user: SignedInUser, query: object) => ask('GET /api/v1/owed', user, { query });

  /** A push like this, made already or within some turns of the event loop. */
  async function nextPush(isIt: (push: Push) => boolean): Promise<{ userId: UserId; push: Push }> {
    for (;;) {
      const found = pushed.findLast(({ push }) => isIt(push));
      if (found) return found;
      await new Promise(setImmediate);
    }
  }

  async function tell(type: string, interactionId: InteractionId, clientId: ClientId, data = {}): Promise<void> {
    journal.published(await journal.append(db, [{ type, interactionId, clientId, data }]));
    await tasks.idle();
  }

  interface CallFacts {
    readonly clientId: ClientId;
    readonly queueId?: QueueId | null;
    readonly direction?: 'in' | 'out';
    readonly peer?: string;
    /** Called from a page of a site. */
    readonly visitor?: string;
  }

  /** A call that has arrived or is dialled now, with the rows that calls write. */
  async function begin({ clientId, queueId = null, direction = 'in', peer = '+79161112233', visitor }: CallFacts) {
    const id = newId<InteractionId>();
    const entryId = newId<EntryId>();
    const arrivedAt = new Date(clock.now());
    const state = direction === 'in' ? 'queued' : 'dialing';
    await db.orm.insert(interactions).values({
      id,
      channel: 'call',
      direction,
      state,
      clientId,
      queueId,
      lineId: 1 as never,
      peerRaw: peer,
      peer,
      arrivedAt,
      nodeId: 'test',
    });
    await db.orm.insert(timelineEntries).values({
      id: entryId,
      clientId,
      at: arrivedAt,
      kind: 'call',
      direction,
      status: 'ongoing',
      interactionId: id,
      peer,
      lineName: 'Sales',
      ...(visitor === undefined ? {} : { data: { visitor } }),
    });
    const update = async (row: object, entry: object): Promise<void> => {
      await db.orm.update(interactions).set(row).where(eq(interactions.id, id));
      await db.orm.update(timelineEntries).set(entry).where(eq(timelineEntries.id, entryId));
    };
    const seconds = () => Math.round((clock.now() - arrivedAt.getTime()) / 1000);
    return {
      id,
      async giveUp(): Promise<void> {
        const endedAt = new Date(clock.now());
        const status = direction === 'in' ? 'missed' : 'failed';
        await update({ state: 'closed', endedAt, closedAt: endedAt }, { status, waitSeconds: seconds() });
        await tell('interaction.abandoned', id, clientId);
      },
      async answer(userId: UserId): Promise<void> {
        await update(
          { state: 'active', userId, answeredAt: new Date(clock.now()) },
          { userId, waitSeconds: seconds() },
        );
        await tell('interaction.answered', id, clientId);
      },
      async end(waitSeconds: number): Promise<void> {
        const endedAt = new Date(clock.now());
        const talkSeconds = seconds() - waitSeconds;
        await update({ state: 'closed', endedAt, closedAt: endedAt }, { status: 'answered', talkSeconds });
        await tell('interaction.closed', id, clientId);
      },
      tell: (type: string, data = {}) => tell(type, id, clientId, data),
    };
  }

  /** A call that nobody took, over at once. */
  async function missed(facts: CallFacts) {
    const call = await begin(facts);
    await call.giveUp();
    return call;
  }

  /** A talk, over at once. */
  async function talked(facts: CallFacts, userId: UserId) {
    const call = await begin(facts);
    await call.answer(userId);
    await call.end(0);
    return call;
  }

  /** Moves the clock, and waits for what fell due. */
  async function pass(ms: number): Promise<void> {
    clock.advance(ms);
    await tasks.idle();
  }

  return {
    ...house,
    heard,
    setup,
    pushed,
    get tasks() {
      return tasks;
    },
    restart,
    again: () => createTasks(options),
    addTeam,
    addUser,
    addQueue,
    addClient,
    makeClient,
    undoLastMove,
    ask,
    setOwner,
    closeOwed,
    listOwed,
    nextPush,
    applySetting,
    setDisabled,
    begin,
    missed,
    talked,
    pass,
    tell,
  };
}

export const minutes = (count: number): number => count * 60_000;
export const hours = (count: number): number => minutes(60) * count;
export const at = (text: string): number => Date.parse(text);
