import type { TaskView } from '../../server/contract/tasks-schemas.ts';

/** What is still to be done. */
export const isOpen = (task: TaskView): boolean => task.state === 'open' || task.state === 'missed';

/** A task in a newer version, an older one changes nothing; what is over or somebody else's now goes. Pure. */
export function withTask(tasks: readonly TaskView[], task: TaskView, userId: number): readonly TaskView[] {
  const held = tasks.find((other) => other.id === task.id);
  if (held !== undefined && held.version >= task.version) return tasks;
  const others = tasks.filter((other) => other.id !== task.id);
  return isOpen(task) && task.assignee.id === userId ? inOrder([...others, task]) : others;
}

/** The snapshot of my open tasks; one that a push brought in a newer version stays so. Pure. */
export function withSnapshot(
  tasks: readonly TaskView[],
  fetched: readonly TaskView[],
  userId: number,
): readonly TaskView[] {
  const newest = fetched.map((task) => {
    const held = tasks.find((other) => other.id === task.id);
    return held !== undefined && held.version > task.version ? held : task;
  });
  return inOrder(newest.filter((task) => isOpen(task) && task.assignee.id === userId));
}

function inOrder(tasks: readonly TaskView[]): readonly TaskView[] {
  return tasks.toSorted((left, right) => left.dueAt.localeCompare(right.dueAt) || left.id - right.id);
}

/** To be done until this day is over by the reader's calendar, what is late included. @param now ms. Pure. */
export function forToday(tasks: readonly TaskView[], now: number): TaskView[] {
  const end = new Date(now).setHours(24, 0, 0, 0);
  return tasks.filter((task) => Date.parse(task.dueAt) < end);
}

/** Reminded of, not done and not put off. Pure. */
export function dueTasks(tasks: readonly TaskView[]): TaskView[] {
  return tasks.filter((task) => task.remindedAt !== null);
}
