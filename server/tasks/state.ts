import type { TaskOutcome, TaskState } from '../contract/tasks-words.ts';
import type { TransitionTable } from '../kernel/transition.ts';
import { taskLimits } from './limits.ts';

export type TaskInput = 'plan' | 'pass' | 'finish' | 'cancel';

/**
 * A task, callback or promise.
 *
 *   open --pass--> missed --plan--> open        (its time is over; a new time)
 *   open, missed --finish--> done
 *   open, missed --cancel--> cancelled
 */
export const taskTransitions: TransitionTable<TaskState, TaskInput> = {
  open: { plan: 'open', pass: 'missed', finish: 'done', cancel: 'cancelled' },
  missed: { plan: 'open', finish: 'done', cancel: 'cancelled' },
  done: {},
  cancelled: {},
};

/** From when on an open one counts as missed, milliseconds since the epoch. */
export const passAtOf = (kind: keyof typeof taskLimits.graceMs, dueAt: number): number =>
  dueAt + taskLimits.graceMs[kind];

/** Whether it was kept; null while its time is not over, and of one that was cancelled. */
export function outcomeOf(task: { state: TaskState; passAt: number; closedAt: number | null }): TaskOutcome | null {
  if (task.state === 'missed') return 'broken';
  if (task.state !== 'done' || task.closedAt === null) return null;
  return task.closedAt <= task.passAt ? 'kept' : 'late';
}
