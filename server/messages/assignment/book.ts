import type { ConversationId, UserId } from '../../kernel/ids.ts';
import type { Capacity } from './decide.ts';
import type { OpenConversation } from './store.ts';

/** Every conversation in which somebody waits, with who has how much to do. In memory; the rows are the truth. */
export interface Book {
  all(): Iterable<OpenConversation>;
  get(id: ConversationId): OpenConversation | undefined;
  /** Takes the place of what was known of it. */
  put(conversation: OpenConversation): void;
  remove(id: ConversationId): void;
  replaceAll(conversations: readonly OpenConversation[], lastGiven: ReadonlyMap<UserId, number>): void;
  /** Those that nobody has, the least time left first. */
  waiting(): OpenConversation[];
  /** Those that somebody has. */
  assigned(): OpenConversation[];
  /** Points of the conversations that wait for his answer. */
  load(userId: UserId): number;
  lastGivenAt(userId: UserId): number;
  capacity: Capacity;
}

export const byTimeLeft = (one: OpenConversation, other: OpenConversation): number =>
  // a difference of two infinities is no number
  (one.dueAt === other.dueAt ? 0 : one.dueAt - other.dueAt) ||
  one.waitingSince - other.waitingSince ||
  (one.id < other.id ? -1 : 1);

export function createBook(capacity: Capacity): Book {
  const known = new Map<ConversationId, OpenConversation>();
  const owned = new Map<UserId, Set<ConversationId>>();
  let lastGiven = new Map<UserId, number>();

  function disown({ id, state, ownerId }: OpenConversation): void {
    if (state === 'assigned' && ownerId !== null) owned.get(ownerId)?.delete(id);
  }

  const book: Book = {
    capacity,
    all: () => known.values(),
    get: (id) => known.get(id),
    put(conversation) {
      book.remove(conversation.id);
      known.set(conversation.id, conversation);
      const { id, state, ownerId, assignedAt } = conversation;
      if (state !== 'assigned' || ownerId === null) return;
      const ids = owned.get(ownerId) ?? new Set();
      owned.set(ownerId, ids.add(id));
      lastGiven.set(ownerId, Math.max(lastGiven.get(ownerId) ?? 0, assignedAt ?? 0));
    },
    remove(id) {
      const before = known.get(id);
      if (before) disown(before);
      known.delete(id);
    },
    replaceAll(conversations, given) {
      known.clear();
      owned.clear();
      lastGiven = new Map(given);
      for (const conversation of conversations) book.put(conversation);
    },
    waiting: () => [...known.values()].filter(({ state }) => state === 'waiting').sort(byTimeLeft),
    assigned: () => [...known.values()].filter(({ state }) => state === 'assigned'),
    load(userId) {
      let points = 0;
      for (const id of owned.get(userId) ?? []) {
        const conversation = known.get(id);
        if (conversation) points += book.capacity.weights[conversation.channel];
      }
      return points;
    },
    lastGivenAt: (userId) => lastGiven.get(userId) ?? 0,
  };
  return book;
}
