import type { ConversationView } from '../../server/contract/messages-schemas.ts';
import type { InteractionView, OwedClient } from '../../server/contract/schemas.ts';
import type { TaskView } from '../../server/contract/tasks-schemas.ts';
import { callPath, clientPath, conversationPath } from '../routes.ts';
import { liveInteractions, offeredInteractions, type WorkspaceState } from '../state/workspace-state.ts';

export type WorkItem =
  | {
      readonly section: 'live' | 'offered';
      readonly key: string;
      readonly path: string;
      readonly interaction: InteractionView;
    }
  | {
      readonly section: 'waiting';
      readonly key: string;
      readonly path: string;
      readonly conversation: ConversationView;
    }
  | { readonly section: 'owed'; readonly key: string; readonly path: string; readonly owed: OwedClient }
  | { readonly section: 'later'; readonly key: string; readonly path: string; readonly task: TaskView };

/** What the list has besides calls and people we owe. */
interface Besides {
  /** Mine that wait, the least time left first. */
  readonly conversations: readonly ConversationView[];
  readonly tasks: readonly TaskView[];
}

/** The work list in its fixed order: live, ringing, waiting for me, people we owe, later today. Pure. */
export function workItems(state: WorkspaceState, { conversations, tasks }: Besides): WorkItem[] {
  const call =
    (section: 'live' | 'offered') =>
    (interaction: InteractionView): WorkItem => ({
      section,
      key: interaction.id,
      path: callPath(interaction.id),
      interaction,
    });
  return [
    ...liveInteractions(state).map(call('live')),
    ...offeredInteractions(state).map(call('offered')),
    ...conversations.map(
      (conversation): WorkItem => ({
        section: 'waiting',
        key: `conversation-${conversation.id}`,
        path: conversationPath(conversation.client.id, conversation.id),
        conversation,
      }),
    ),
    ...state.owed.map(
      (owed): WorkItem => ({ section: 'owed', key: `owed-${owed.client.id}`, path: clientPath(owed.client.id), owed }),
    ),
    ...tasks.map(
      (task): WorkItem => ({
        section: 'later',
        key: `task-${task.id}`,
        path: task.client === null ? '/' : clientPath(task.client.id),
        task,
      }),
    ),
  ];
}

/**
 * The path of the next or previous item; from a place that is not in the list, its first or last one.
 * undefined when the list is empty.
 */
export function neighbour(items: readonly WorkItem[], path: string, step: 1 | -1): string | undefined {
  const at = items.findIndex((item) => item.path === path);
  if (at === -1) return step === 1 ? items[0]?.path : items.at(-1)?.path;
  return items[(at + step + items.length) % items.length]?.path;
}
