import { create } from 'zustand';
import type { ConversationView } from '../../server/contract/messages-schemas.ts';
import { call } from '../net/api.ts';
import { failureCode } from '../net/problem.ts';
import { queryClient, queryKeys } from './cards.ts';
import {
  type HeldConversations,
  mostUrgent,
  newsOf,
  waitingFor,
  withCardConversation,
  withConversation,
  withoutJoined,
  withWaitingSnapshot,
} from './conversation-list.ts';
import { setCommandFailure, useWorkspaceStore } from './stores.ts';

interface ConversationStore {
  readonly held: HeldConversations;
  /** What was given to me or written to me last, for sound, notification and screen readers. */
  readonly alert: ConversationView | null;
  /** A snapshot was taken: what the first one has is no news. */
  readonly hasSnapshot: boolean;
}

const empty: ConversationStore = { held: {}, alert: null, hasSnapshot: false };

export const useConversations = create<ConversationStore>(() => empty);

export const resetConversations = (): void => useConversations.setState(empty);

/** What waits for me, as the snapshot of the workspace has it. Says whether something came while no push came through. */
export function takeWaiting(fetched: readonly ConversationView[], userId: number): boolean {
  const { held, alert, hasSnapshot } = useConversations.getState();
  const news = hasSnapshot ? newsOf(held, fetched, userId) : undefined;
  useConversations.setState({
    held: withWaitingSnapshot(held, fetched),
    alert: news ?? alert,
    hasSnapshot: true,
  });
  return news !== undefined;
}

/** A conversation that arrived by any way: in the work list and on its card. @param joinedId what went into it, and is no more */
export function takeConversation(conversation: ConversationView, alert = false, joinedId?: string): void {
  useConversations.setState(({ held, ...before }) => ({
    held: withoutJoined(withConversation(held, conversation), joinedId),
    alert: alert ? conversation : before.alert,
  }));
  queryClient.setQueryData<readonly ConversationView[]>(
    queryKeys.conversations(conversation.client.id),
    (list) => list && withCardConversation(list, conversation).filter(({ id }) => id !== joinedId),
  );
}

/** Mine that wait, the least time left first. */
export function waitingForMe(): ConversationView[] {
  const myId = useWorkspaceStore.getState().state?.me.id ?? 0;
  return waitingFor(useConversations.getState().held, myId);
}

/** The one in the foreground of a card, or else the one that is most urgent there. */
export function conversationInHand(clientId: number, chosenId: string | undefined): ConversationView | undefined {
  const list = queryClient.getQueryData<readonly ConversationView[]>(queryKeys.conversations(clientId)) ?? [];
  return list.find(({ id }) => id === chosenId) ?? mostUrgent(list);
}

/** Runs an operation on a conversation; a failure is shown under the strip. Says whether it worked. */
async function run(operation: () => Promise<ConversationView>): Promise<boolean> {
  setCommandFailure(null);
  try {
    takeConversation(await operation());
    return true;
  } catch (error) {
    setCommandFailure(failureCode(error));
    return false;
  }
}

export const takeOver = (id: string): Promise<boolean> =>
  run(() => call('POST /api/v1/conversations/:id/take', { params: { id } }));

/** @param userId null = back to its queue */
export const giveTo = (id: string, userId: number | null): Promise<boolean> =>
  run(() => call('POST /api/v1/conversations/:id/assign', { params: { id }, body: { userId } }));

export const closeConversation = (id: string): Promise<boolean> =>
  run(() => call('POST /api/v1/conversations/:id/close', { params: { id }, body: {} }));

export const reopenConversation = (id: string): Promise<boolean> =>
  run(() => call('POST /api/v1/conversations/:id/reopen', { params: { id } }));

/** Puts messages into a conversation of their own; the card's lists are read again. */
export const splitConversation = (id: string, messageIds: string[]): Promise<boolean> =>
  regrouped(() => call('POST /api/v1/conversations/:id/split', { params: { id }, body: { messageIds } }));

export const joinConversation = (id: string, intoId: string): Promise<boolean> =>
  regrouped(() => call('POST /api/v1/conversations/:id/join', { params: { id }, body: { intoId } }), id);

export const undoChange = (changeId: number): Promise<boolean> =>
  regrouped(() => call('POST /api/v1/conversation-changes/:id/undo', { params: { id: changeId } }));

/** Whether a stranger's message belongs to the conversation that it named. */
export const placeMessage = (messageId: string, join: boolean): Promise<boolean> =>
  regrouped(() => call('POST /api/v1/messages/:id/place', { params: { id: messageId }, body: { join } }));

/** @param joinedId what is no more then */
async function regrouped(operation: () => Promise<ConversationView>, joinedId?: string): Promise<boolean> {
  let clientId: number | undefined;
  const worked = await run(async () => {
    const conversation = await operation();
    clientId = conversation.client.id;
    takeConversation(conversation, false, joinedId);
    return conversation;
  });
  if (clientId === undefined) return worked;
  void queryClient.invalidateQueries({ queryKey: queryKeys.conversations(clientId) });
  void queryClient.invalidateQueries({ queryKey: queryKeys.timelines(clientId) });
  void queryClient.invalidateQueries({ queryKey: ['conversation'] });
  return worked;
}

/** What was unread is seen; that it could not be said is no news for anybody. */
export function markRead(conversation: ConversationView): void {
  call('POST /api/v1/conversations/:id/read', { params: { id: conversation.id } }).then(
    () => takeConversation({ ...conversation, unread: 0 }),
    () => undefined,
  );
}
