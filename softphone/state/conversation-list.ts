import type { ConversationView } from '../../server/contract/messages-schemas.ts';

/** Conversations by id, each in the newest version that this browser has seen. */
export type HeldConversations = Readonly<Record<string, ConversationView>>;

/** A conversation in a newer version; an older one, or the same, changes nothing. Pure. */
export function withConversation(held: HeldConversations, conversation: ConversationView): HeldConversations {
  const known = held[conversation.id];
  if (known !== undefined && known.version > conversation.version) return held;
  // who writes an answer changes without a version
  return { ...held, [conversation.id]: conversation };
}

/** Without one that went into another. Pure. */
export function withoutJoined(held: HeldConversations, id: string | undefined): HeldConversations {
  if (id === undefined || held[id] === undefined) return held;
  const { [id]: _joined, ...rest } = held;
  return rest;
}

/** The snapshot of what waits for me: the truth, but for what a push has brought in a newer version. Pure. */
export function withWaitingSnapshot(held: HeldConversations, fetched: readonly ConversationView[]): HeldConversations {
  const newest = fetched.map((conversation) => {
    const known = held[conversation.id];
    return known !== undefined && known.version > conversation.version ? known : conversation;
  });
  return Object.fromEntries(newest.map((conversation) => [conversation.id, conversation]));
}

/**
 * Of a snapshot, what nobody has told this screen yet: given to me, or written to me, while no push came through. The one with the
 * least time left. Pure.
 */
export function newsOf(
  held: HeldConversations,
  fetched: readonly ConversationView[],
  userId: number,
): ConversationView | undefined {
  const news = fetched.filter(({ id, state, owner, unread }) => {
    const known = held[id];
    const wasMine = known?.state === 'assigned' && known.owner?.id === userId;
    return state === 'assigned' && owner?.id === userId && unread > (wasMine ? known.unread : 0);
  });
  return news.toSorted(byDue)[0];
}

const byDue = (left: ConversationView, right: ConversationView): number => {
  if (left.dueAt === null || right.dueAt === null) return Number(left.dueAt === null) - Number(right.dueAt === null);
  return left.dueAt.localeCompare(right.dueAt);
};

/** Clients who wait for this user's answer, the least time left first. Pure. */
export function waitingFor(held: HeldConversations, userId: number): ConversationView[] {
  return Object.values(held)
    .filter(({ state, owner }) => state === 'assigned' && owner?.id === userId)
    .toSorted((left, right) => byDue(left, right) || left.lastMessageAt.localeCompare(right.lastMessageAt));
}

/** The list of a card with a conversation in a newer version, or a new one on top. Pure. */
export function withCardConversation(
  list: readonly ConversationView[],
  conversation: ConversationView,
): readonly ConversationView[] {
  const known = list.find(({ id }) => id === conversation.id);
  if (known === undefined) return [conversation, ...list];
  if (known.version > conversation.version) return list;
  return list.map((each) => (each.id === conversation.id ? conversation : each));
}

/** The conversation that a card is about first: the one that waits with the least time left, or else the latest open one. Pure. */
export function mostUrgent(list: readonly ConversationView[]): ConversationView | undefined {
  const waiting = list.filter(({ state }) => state === 'waiting' || state === 'assigned').toSorted(byDue);
  const open = list.filter(({ state }) => state === 'answered');
  return waiting[0] ?? open.toSorted((left, right) => right.lastMessageAt.localeCompare(left.lastMessageAt))[0];
}
