import type { Database } from '../../db/client.ts';
import type { TaskView } from '../contract/tasks-schemas.ts';
import type { Clock, TimerHandle } from '../kernel/clock.ts';
import type { ClientId, UserId } from '../kernel/ids.ts';
import type { Journal, JournalEvent } from '../kernel/journal.ts';
import type { Log } from '../kernel/log.ts';
import { canTransition } from '../kernel/transition.ts';
import { standInFor } from './availability.ts';
import type { TaskClients } from './draft.ts';
import { taskLimits } from './limits.ts';
import type { Rota } from './rota.ts';
import { outcomeOf, taskTransitions } from './state.ts';
import {
  dueReminders,
  lockTask,
  type NewRow,
  nextMoment,
  passedTasks,
  readTask,
  readTeam,
  type StoredTask,
  updateTask,
} from './store.ts';

export interface RemindersOptions {
  readonly db: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly journal: Pick<Journal, 'append' | 'published'>;
  readonly clients: Pick<TaskClients, 'card'>;
  readonly rota: Rota;
  /** After the commit, to whose task it is now. */
  readonly onDue: (task: TaskView, users: readonly UserId[]) => void;
  readonly onChanged: (task: TaskView, users: readonly UserId[]) => void;
}

/** Reminds of tasks when their time comes, once each, and writes down whose time is over. */
export interface Reminders {
  /** What fell due while nobody was there comes at once. */
  start(): Promise<void>;
  /** A task is new or has another time. */
  changed(): void;
  idle(): Promise<void>;
  /** Idempotent. */
  close(): Promise<void>;
}

/** One timer, for the nearest moment of any task. */
export function createReminders(options: RemindersOptions): Reminders {
  const { db, clock, log, journal, clients, rota, onDue, onChanged } = options;
  let line: Promise<unknown> = Promise.resolve();
  let timer: TimerHandle | undefined;
  let isWaiting = false;
  let isRunning = false;
  let isClosed = false;

  /** Changes one row, if it is still as it was found. */
  async function change(
    id: number,
    work: (row: StoredTask) => Promise<{ set: Partial<NewRow>; events: JournalEvent[] } | null>,
  ): Promise<{ task: TaskView; before: UserId } | null> {
    const done = await db.transaction(async (tx) => {
      const row = await lockTask(tx, id);
      const write = row && (await work(row));
      if (!row || !write) return null;
      await updateTask(tx, row, write.set);
      return { entries: await journal.append(tx, write.events), before: row.assigneeId };
    });
    if (!done) return null;
    journal.published(done.entries);
    const task = await readTask(db, id);
    return task && { task, before: done.before };
  }

  async function responsibleOf(clientId: ClientId | null): Promise<UserId | null> {
    if (clientId === null) return null;
    return ((await clients.card(clientId)).responsible?.id ?? null) as UserId | null;
  }

  async function remind(id: number): Promise<void> {
    const found = await readTask(db, id);
    const responsibleId = await responsibleOf((found?.client?.id ?? null) as ClientId | null);
    const teamId = found && (await readTeam(db, found.assignee.id as UserId));
    const now = clock.now();
    const done = await change(id, async (row) => {
      const isDue = row.remindedAt === null && row.remindAt.getTime() <= now;
      if (!isDue || !canTransition(taskTransitions, row.state, 'finish')) return null;
      const { assigneeId } = row;
      const standIn = standInFor({
        assigneeId,
        isEnabled: rota.agent(assigneeId) !== undefined,
        hasSchedule: rota.hasSchedule(assigneeId),
        responsibleId,
        colleagues: rota.colleagues(assigneeId, teamId),
        onShift: (userId) => rota.duty(userId, now).shift !== null,
        comesAt: (userId) => rota.duty(userId, now).next?.startsAt ?? null,
      });
      const reminded = { remindedAt: new Date(now) };
      const userId = standIn?.userId ?? assigneeId;
      const facts = { clientId: row.clientId ?? undefined, userId };
      const due = { type: 'task.due', ...facts, data: { taskId: id, kind: row.kind, dueAt: row.dueAt } };
      if (!standIn) return { set: reminded, events: [due] };
      const { reason } = standIn;
      const set = { ...reminded, assigneeId: userId, handedFromId: assigneeId, handedReason: reason };
      const data = { taskId: id, from: assigneeId, to: userId, reason };
      const events = [{ type: 'task.handed_over', ...facts, data }, due];
      return { set: { ...set, handedAt: new Date(now) }, events };
    });
    if (done) onDue(done.task, [done.before]);
  }

  async function pass(id: number): Promise<void> {
    const now = clock.now();
    const done = await change(id, async (row) => {
      if (!canTransition(taskTransitions, row.state, 'pass') || row.passAt.getTime() >= now) return null;
      const outcome = outcomeOf({ state: 'missed', passAt: row.passAt.getTime(), closedAt: null });
      const facts = { clientId: row.clientId ?? undefined, userId: row.assigneeId };
      const event = { type: 'task.missed', ...facts, data: { taskId: id, kind: row.kind } };
      return { set: { state: 'missed', outcome }, events: [event] };
    });
    if (done) onChanged(done.task, []);
  }

  /** Batch after batch until nothing is left; one that fails is left for the next time. */
  async function all(find: () => Promise<number[]>, work: (id: number) => Promise<void>): Promise<boolean> {
    const failed = new Set<number>();
    for (;;) {
      const ids = (await find()).filter((id) => !failed.has(id));
      if (ids.length === 0 || isClosed) return failed.size === 0;
      for (const id of ids)
        await work(id).catch((error: unknown) => {
          failed.add(id);
          log.warn({ err: error, taskId: id }, 'a task could not be moved on');
        });
    }
  }

  async function wake(): Promise<void> {
    const now = clock.now();
    const areDone = [await all(() => dueReminders(db, now), remind), await all(() => passedTasks(db, now), pass)];
    const next = areDone.includes(false) ? clock.now() + taskLimits.againMs : await nextMoment(db);
    setTimer(next);
  }

  function setTimer(at: number | null): void {
    timer?.cancel();
    if (isClosed) return;
    const sleepMs = Math.min(Math.max((at ?? Number.POSITIVE_INFINITY) - clock.now(), 0), taskLimits.sleepMs);
    timer = clock.after(sleepMs, soon);
  }

  /** One that waits looks at everything anyway. */
  function soon(): void {
    if (isWaiting) return;
    isWaiting = true;
    const run = line.then(() => {
      isWaiting = false;
      return wake();
    });
    line = run.catch((error: unknown) => {
      log.warn({ err: error }, 'tasks could not be looked at');
      setTimer(clock.now() + taskLimits.againMs);
    });
  }

  return {
    async start() {
      isRunning = true;
      soon();
      await line;
    },
    changed() {
      if (isRunning && !isClosed) soon();
    },
    async idle() {
      let seen: unknown;
      while (seen !== line) {
        seen = line;
        await line;
      }
    },
    async close() {
      isClosed = true;
      timer?.cancel();
      await line;
    },
  };
}
