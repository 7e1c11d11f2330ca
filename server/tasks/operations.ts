import type { Database, Executor } from '../../db/client.ts';
import type { SignedInUser } from '../access/route.ts';
import type { NewTask, TaskChange, TaskCheck, TaskView } from '../contract/tasks-schemas.ts';
import type { TaskState } from '../contract/tasks-words.ts';
import type { Clock } from '../kernel/clock.ts';
import { AppError } from '../kernel/errors.ts';
import type { ClientId, InteractionId, UserId } from '../kernel/ids.ts';
import type { Journal } from '../kernel/journal.ts';
import { transition } from '../kernel/transition.ts';
import { availabilityOf, type Colleague } from './availability.ts';
import { checkTime, dueFields, editedFields, instantOf, type TaskClients, withNote } from './draft.ts';
import { taskLimits } from './limits.ts';
import { knownZone, localDays } from './local-time.ts';
import { pageOf, parseCursor } from './paging.ts';
import { peopleOf, reachFor, type Scope } from './reach.ts';
import type { Rota } from './rota.ts';
import { outcomeOf, type TaskInput, taskTransitions } from './state.ts';
import {
  countToDo,
  insertTask,
  lockTask,
  type NewRow,
  readOfClient,
  readTask,
  readTasks,
  type StoredTask,
  updateTask,
} from './store.ts';

export interface TaskOperationsOptions {
  readonly db: Database;
  readonly clock: Clock;
  readonly journal: Pick<Journal, 'append' | 'published'>;
  readonly clients: TaskClients;
  readonly rota: Rota;
  /** After the commit: for pushes and the timer. */
  readonly onChanged: (task: TaskView, users: readonly UserId[]) => void;
}

/** What a rule of the house has somebody do. */
export interface RuleTask {
  readonly clientId: ClientId;
  readonly title: string;
  readonly note: string;
  readonly assigneeId: UserId;
}

export type StateFilter = 'open' | 'closed' | 'all';

const statesOf: Record<StateFilter, readonly TaskState[]> = {
  open: ['open', 'missed'],
  closed: ['done', 'cancelled'],
  all: ['open', 'missed', 'done', 'cancelled'],
};

/** What a change writes, and says in the journal; null = nothing is to be done. */
interface Write {
  readonly type: string;
  readonly set: Partial<NewRow>;
  readonly data?: Readonly<Record<string, unknown>>;
}

/** What people do with tasks: each change with its journal row in one transaction. */
export function createTaskOperations(options: TaskOperationsOptions) {
  const { db, clock, journal, clients, rota, onChanged } = options;

  async function taskOf(id: number): Promise<TaskView> {
    const task = await readTask(db, id);
    if (!task) throw new AppError('not_found', `there is no task ${id}`);
    return task;
  }

  async function checkAssignee(tx: Executor, id: UserId): Promise<void> {
    if (!rota.agent(id)) throw new AppError('bad_request', `there is no user ${id} who could do it`);
    if ((await countToDo(tx, id)) >= taskLimits.openOfUser)
      throw new AppError('too_large', `user ${id} has too much to do already`);
  }

  /** His own, what he made himself, and what people whom he leads have. @throws AppError `forbidden` */
  async function checkReach(tx: Executor, row: StoredTask, user: SignedInUser): Promise<void> {
    if (row.assigneeId === user.id || row.creatorId === user.id) return;
    const reach = await reachFor(tx, user);
    if (!reach(row.assigneeId)) throw new AppError('forbidden', 'this task is somebody else’s');
  }

  async function change(
    id: number,
    user: SignedInUser,
    work: (tx: Executor, row: StoredTask) => Promise<Write | null> | Write | null,
  ): Promise<TaskView> {
    const { entries, before } = await db.transaction(async (tx) => {
      const row = await lockTask(tx, id);
      if (!row) throw new AppError('not_found', `there is no task ${id}`);
      await checkReach(tx, row, user);
      const write = await work(tx, row);
      if (!write) return { entries: [], before: row };
      await updateTask(tx, row, write.set);
      const facts = { clientId: row.clientId ?? undefined, userId: user.id, data: { taskId: id, ...write.data } };
      return { entries: await journal.append(tx, [{ type: write.type, ...facts }]), before: row };
    });
    journal.published(entries);
    const task = await taskOf(id);
    if (entries.length > 0) onChanged(task, [before.assigneeId]);
    return task;
  }

  /** Ends a task; ended so before, it changes nothing. */
  const end = (id: number, input: Extract<TaskInput, 'finish' | 'cancel'>, result: string, user: SignedInUser) =>
    change(id, user, (_tx, row) => {
      const target = input === 'finish' ? 'done' : 'cancelled';
      if (row.state === target) return null;
      const state = transition(taskTransitions, row.state, input);
      const closedAt = new Date(clock.now());
      const outcome = outcomeOf({ state, passAt: row.passAt.getTime(), closedAt: closedAt.getTime() });
      const set = { state, closedAt, closedById: user.id, outcome, result: result.trim() };
      return { type: input === 'finish' ? 'task.done' : 'task.cancelled', set, data: { kind: row.kind, outcome } };
    });

  async function add(input: NewTask, clientId: ClientId | null, creatorId: UserId): Promise<TaskView> {
    const { kind, title = '', note = '', interactionId } = input;
    const zone = clientId === null ? '' : (await clients.card(clientId)).timeZone;
    const assigneeId = (input.assigneeId ?? creatorId) as UserId;
    const times = dueFields(kind, { dueAt: input.dueAt, remindAt: input.remindAt }, clock.now());
    const row: NewRow = {
      kind,
      clientId,
      title: title.trim(),
      note: note.trim(),
      assigneeId,
      creatorId,
      timeZone: knownZone(zone, rota.timeZoneOf(assigneeId)),
      interactionId: (interactionId ?? null) as InteractionId | null,
      createdAt: new Date(clock.now()),
      ...times,
    };
    const { id, entries } = await db.transaction(async (tx) => {
      await checkAssignee(tx, assigneeId);
      const id = await insertTask(tx, row);
      const data = { taskId: id, kind, assigneeId, dueAt: row.dueAt };
      const facts = {
        clientId: clientId ?? undefined,
        interactionId: row.interactionId ?? undefined,
        userId: creatorId,
      };
      return { id, entries: await journal.append(tx, [{ type: 'task.created', ...facts, data }]) };
    });
    journal.published(entries);
    const task = await taskOf(id);
    onChanged(task, []);
    return task;
  }

  const colleagueOf = (id: UserId): Colleague => ({
    id,
    name: rota.agent(id)?.name ?? '',
    schedule: rota.scheduleOf(id),
  });

  return {
    taskOf,

    /** A task as its reader may see it: with its client, whom he must be allowed to see. @throws AppError `not_found` */
    async read(id: number, user: SignedInUser): Promise<TaskView> {
      const task = await taskOf(id);
      if (task.client) await clients.requireVisible(task.client.id as ClientId, user);
      return task;
    },

    /** @throws AppError `bad_request`, `not_found` for the client, `too_large` */
    async create(input: NewTask, user: SignedInUser): Promise<TaskView> {
      if (input.clientId === undefined && input.kind !== 'task')
        throw new AppError('bad_request', 'a promise and a callback have a client');
      const card = input.clientId === undefined ? null : await clients.requireVisible(input.clientId as ClientId, user);
      return add(input, card?.id ?? null, user.id);
    },

    /** A task that a rule makes for somebody, as if he had made it himself. @throws AppError `bad_request`, `too_large` */
    async addByRule({ clientId, assigneeId, title, note }: RuleTask): Promise<void> {
      const dueAt = new Date(clock.now() + taskLimits.byRuleMs).toISOString();
      await add({ kind: 'task', title, note, assigneeId, dueAt }, clientId, assigneeId);
    },

    /** @throws AppError `stale_version`, `not_found`, `forbidden`, `bad_request`, `illegal_transition` when it is over */
    edit(id: number, input: TaskChange, user: SignedInUser): Promise<TaskView> {
      return change(id, user, (_tx, row) => {
        if (row.version !== input.version)
          throw new AppError('stale_version', `task ${id} was changed meanwhile`, {
            details: { version: row.version },
          });
        const data = { fields: Object.keys(input), before: { dueAt: row.dueAt } };
        return { type: 'task.changed', set: editedFields(row, input, clock.now()), data };
      });
    },

    /** To himself it changes nothing. @throws AppError `bad_request`, `forbidden`, `illegal_transition` when it is over */
    handOver(id: number, to: { assigneeId: UserId; note?: string | undefined }, user: SignedInUser): Promise<TaskView> {
      return change(id, user, async (tx, row) => {
        if (taskTransitions[row.state].finish === undefined)
          throw new AppError('illegal_transition', 'the task is over');
        if (row.assigneeId === to.assigneeId) return null;
        await checkAssignee(tx, to.assigneeId);
        const set = {
          assigneeId: to.assigneeId,
          note: withNote(row.note, user.name, to.note),
          handedFromId: row.assigneeId,
          handedReason: 'by_hand' as const,
          handedAt: new Date(clock.now()),
        };
        const data = { from: row.assigneeId, to: to.assigneeId, reason: 'by_hand' };
        return { type: 'task.handed_over', set, data };
      });
    },

    finish: (id: number, result: string, user: SignedInUser) => end(id, 'finish', result, user),
    cancel: (id: number, reason: string, user: SignedInUser) => end(id, 'cancel', reason, user),

    /** @throws AppError `bad_request` for a time that is over, `illegal_transition` when the task is */
    snooze(id: number, until: string, user: SignedInUser): Promise<TaskView> {
      return change(id, user, (_tx, row) => {
        if (taskTransitions[row.state].finish === undefined)
          throw new AppError('illegal_transition', 'the task is over');
        const remindAt = checkTime(instantOf(until), clock.now());
        return { type: 'task.snoozed', set: { remindAt: new Date(remindAt), remindedAt: null }, data: { until } };
      });
    },

    /** @throws AppError `forbidden`, `bad_request` */
    async list(
      user: SignedInUser,
      query: {
        scope: Scope;
        state: StateFilter;
        day?: string | undefined;
        days: number;
        assigneeId?: number | undefined;
        limit: number;
        after?: string | undefined;
      },
    ): Promise<{ items: TaskView[]; after: string | null }> {
      const people = await peopleOf(db, user, query.scope);
      const wanted = query.assigneeId as UserId | undefined;
      const assignees = wanted === undefined ? people : people === null || people.includes(wanted) ? [wanted] : [];
      const span = query.day ? localDays(rota.timeZoneOf(user.id), query.day, query.days) : { from: null, to: null };
      const after = parseCursor(query.after);
      const states = statesOf[query.state];
      const found = await readTasks(db, { assignees, states, ...span, after, limit: query.limit + 1 });
      return pageOf(found, query.limit);
    },

    async ofClient(clientId: ClientId, query: { state: StateFilter; limit: number; after?: string | undefined }) {
      const list = { states: statesOf[query.state], after: parseCursor(query.after), limit: query.limit + 1 };
      return pageOf(await readOfClient(db, clientId, list), query.limit);
    },

    /** What somebody has to do until his local day is over, what he missed included. */
    async ofToday(userId: UserId): Promise<TaskView[]> {
      const timeZone = rota.timeZoneOf(userId);
      const today = new Date(clock.now()).toLocaleDateString('sv-SE', { timeZone });
      const { to } = localDays(timeZone, today, 1);
      const list = { assignees: [userId], states: statesOf.open, from: null, to, after: null };
      return readTasks(db, { ...list, limit: taskLimits.today });
    },

    /** @throws AppError `bad_request`, `not_found` for the client */
    async check(
      input: { assigneeId?: number | undefined; dueAt: string; clientId?: number | undefined },
      user: SignedInUser,
    ): Promise<TaskCheck> {
      const assigneeId = (input.assigneeId ?? user.id) as UserId;
      if (!rota.agent(assigneeId)) throw new AppError('bad_request', `there is no user ${assigneeId} who could do it`);
      const visible =
        input.clientId === undefined ? null : await clients.requireVisible(input.clientId as ClientId, user);
      const card = visible && (await clients.card(visible.id));
      const responsibleId = (card?.responsible?.id ?? null) as UserId | null;
      const ids = new Set([...(responsibleId === null ? [] : [responsibleId]), ...rota.colleagues(assigneeId)]);
      return availabilityOf({
        now: clock.now(),
        dueAt: checkTime(instantOf(input.dueAt), clock.now()),
        assignee: colleagueOf(assigneeId),
        colleagues: [...ids].filter((id) => rota.agent(id)).map(colleagueOf),
        responsibleId,
        clientTimeZone: card && knownZone(card.timeZone, rota.timeZoneOf(assigneeId)),
      });
    },
  };
}

export type TaskOperations = ReturnType<typeof createTaskOperations>;
