import type { Database } from '../../db/client.ts';
import type { Routes } from '../access/route.ts';
import type { OwedClient } from '../contract/schemas.ts';
import type { TaskView } from '../contract/tasks-schemas.ts';
import type { Clock } from '../kernel/clock.ts';
import type { UserId } from '../kernel/ids.ts';
import type { Journal } from '../kernel/journal.ts';
import type { Log } from '../kernel/log.ts';
import type { TaskClients } from './draft.ts';
import { createTaskOperations, type RuleTask } from './operations.ts';
import { createLedger } from './owed/ledger.ts';
import { createOwedOperations } from './owed/operations.ts';
import { createOwedPushes, type TaskPushes } from './owed/pushes.ts';
import { countAll, readMine } from './owed/view-store.ts';
import { createReminders } from './reminders.ts';
import { createRota, type RotaSetup } from './rota.ts';
import { taskRoutes } from './routes.ts';

export interface TasksOptions {
  readonly db: Database;
  readonly clock: Clock;
  readonly log: Log;
  /** It is subscribed to at once: make the tasks before it replays. */
  readonly journal: Pick<Journal, 'append' | 'published' | 'subscribe'>;
  readonly clients: TaskClients;
  /** Its fields are always the present ones. */
  readonly setup: RotaSetup;
  readonly pushes: TaskPushes;
  /** The ledger of people we owe is different. */
  readonly onOwedChanged?: () => void;
}

/** Tasks, callbacks, promises with reminders, and the ledger of people we owe. */
export interface Tasks {
  readonly routes: Routes;
  readonly owed: {
    /** A user's share of the ledger, and what nobody owns; the least time left first. */
    of(userId: UserId): Promise<OwedClient[]>;
    /** Of the whole house, at an instant. */
    count(now: number): Promise<{ open: number; overdue: number; unowned: number }>;
    /** Makes the ledger what the timelines say. @returns how many clients were looked at */
    rebuild(): Promise<number>;
  };
  /** What a user has to do until his day is over, what he missed included; by time. */
  tasksOfToday(userId: UserId): Promise<TaskView[]>;
  /** A task that a rule of the house makes: due within the hour, his own. @throws AppError `bad_request`, `too_large` */
  addByRule(task: RuleTask): Promise<void>;
  /** People, queues or schedules are different, and the setup says so already. */
  settingChanged(): void;
  /** Reminders that fell due meanwhile come now; then timers run. After the journal's replay. */
  start(): Promise<void>;
  /** Waits for what has begun. */
  idle(): Promise<void>;
  /** Stops the timers and waits for what has begun. Idempotent. */
  close(): Promise<void>;
}

/** Wires the noun. */
export function createTasks(options: TasksOptions): Tasks {
  const { db, clock, journal, clients, pushes } = options;
  const log = options.log.child({ room: 'tasks' });
  const rota = createRota(options.setup);
  const common = { db, clock, log, journal, rota };
  const of = (userId: UserId): Promise<OwedClient[]> => readMine(db, userId);
  const owedPushes = createOwedPushes({ of, everybody: rota.everybody, pushes, clock, log });
  const owedChanged = (users: readonly (UserId | null)[]): void => {
    owedPushes.changed(users);
    options.onOwedChanged?.();
  };
  const ledger = createLedger({ ...common, onChanged: owedChanged });

  /** To everybody who has, had or made it. */
  function tell(task: TaskView, users: readonly UserId[], except?: UserId): void {
    const all = new Set([...users, task.assignee.id as UserId, task.creator.id as UserId]);
    for (const userId of all) if (userId !== except) pushes.push(userId, { type: 'task', task });
  }

  const reminders = createReminders({
    ...common,
    clients,
    onChanged: tell,
    onDue(task, users) {
      const assigneeId = task.assignee.id as UserId;
      tell(task, users, assigneeId);
      pushes.push(assigneeId, { type: 'task-due', task });
    },
  });
  const operations = createTaskOperations({
    ...common,
    clients,
    onChanged(task, users) {
      tell(task, users);
      reminders.changed();
    },
  });
  const owedOperations = createOwedOperations({ ...common, ledger, onChanged: owedChanged });

  return {
    routes: taskRoutes({ tasks: operations, owed: owedOperations, clients }),
    owed: { of, count: (now) => countAll(db, now), rebuild: ledger.rebuild },
    tasksOfToday: operations.ofToday,
    addByRule: operations.addByRule,
    settingChanged: ledger.settingChanged,
    async start() {
      await ledger.start();
      await reminders.start();
    },
    async idle() {
      await ledger.idle();
      await reminders.idle();
    },
    async close() {
      owedPushes.close();
      await ledger.close();
      await reminders.close();
    },
  };
}
