import { create } from 'zustand';
import type { NewTask, TaskView } from '../../server/contract/tasks-schemas.ts';
import type { TaskKind } from '../../server/contract/tasks-words.ts';
import { call } from '../net/api.ts';
import { failureCode } from '../net/problem.ts';
import { setCommandFailure, useWorkspaceStore } from './stores.ts';
import { withSnapshot, withTask } from './task-list.ts';

/** What the form for a new task begins with. */
export interface TaskDraft {
  readonly kind: TaskKind;
  readonly client: { readonly id: number; readonly name: string } | null;
  readonly interactionId: string | null;
}

interface TaskStore {
  /** Mine, open or missed, by time. */
  readonly tasks: readonly TaskView[];
  /** Reminders that were put away in this tab; they stay in the list. */
  readonly hidden: ReadonlySet<number>;
  readonly draft: TaskDraft | null;
}

const empty: TaskStore = { tasks: [], hidden: new Set(), draft: null };

export const useTasks = create<TaskStore>(() => empty);

export const resetTasks = (): void => useTasks.setState(empty);

const myId = (): number => useWorkspaceStore.getState().state?.me.id ?? 0;
const LIMIT = 200;

/** The list as the server has it; what was pushed meanwhile wins when it is newer. */
export async function fetchTasks(userId: number): Promise<void> {
  const page = await call('GET /api/v1/tasks', { querystring: { scope: 'mine', state: 'open', limit: LIMIT } });
  useTasks.setState(({ tasks }) => ({ tasks: withSnapshot(tasks, page.items, userId) }));
}

/** A task that arrived by any way. */
export function takeTask(task: TaskView): void {
  useTasks.setState(({ tasks }) => ({ tasks: withTask(tasks, task, myId()) }));
}

/** The time of a task of mine has come, or came again after a snooze. */
export function takeReminder(task: TaskView): void {
  takeTask(task);
  useTasks.setState(({ hidden }) => ({ hidden: new Set([...hidden].filter((id) => id !== task.id)) }));
}

export function hideReminder(id: number): void {
  useTasks.setState(({ hidden }) => ({ hidden: new Set([...hidden, id]) }));
}

/** Runs an operation on tasks, keeps its failure for the screen. Says whether it worked. */
async function run(operation: () => Promise<TaskView>): Promise<boolean> {
  setCommandFailure(null);
  try {
    takeTask(await operation());
    return true;
  } catch (error) {
    setCommandFailure(failureCode(error));
    return false;
  }
}

export const makeTask = (task: NewTask): Promise<boolean> => run(() => call('POST /api/v1/tasks', { body: task }));

export const finishTask = (id: number): Promise<boolean> =>
  run(() => call('POST /api/v1/tasks/:id/finish', { params: { id }, body: {} }));

/** Reminds again in so many minutes, by the server's clock; when it is due stays. */
export function snoozeTask(id: number, minutes: number): Promise<boolean> {
  const offset = useWorkspaceStore.getState().state?.clockOffsetMs ?? 0;
  const until = new Date(Date.now() + offset + minutes * 60_000).toISOString();
  return run(() => call('POST /api/v1/tasks/:id/snooze', { params: { id }, body: { until } }));
}
