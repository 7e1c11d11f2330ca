import type { Routes, SignedInUser } from '../../access/route.ts';
import type { ConversationView, MessageView } from '../../contract/messages-schemas.ts';
import { AppError } from '../../kernel/errors.ts';
import type { ClientId, ConversationId, MessageId } from '../../kernel/ids.ts';
import type { MessagesContext } from '../context.ts';
import type { ConversationRow } from '../conversation-store.ts';
import type { Conversations } from '../rooms.ts';
import { createChanges, type Touched } from './changes.ts';
import { refreshEntries } from './message-store.ts';
import { messageView, readAttempts, readMessage, type StoredMessage } from './message-view.ts';
import { setAsked } from './move-store.ts';
import { createConversationOperations, visibleConversation } from './operations.ts';
import {
  readChanges,
  readConversationEntries,
  readMine,
  readOfClient,
  readOpen,
  readWaiting,
  type StoredView,
} from './view-store.ts';

/** Messages that an opened conversation shows. */
const shownMessages = 200;
const ofClientLimit = 200;

export interface RoutesOptions {
  readonly context: MessagesContext;
  readonly conversations: Pick<Conversations, 'view' | 'changed' | 'deliveriesChanged'>;
  readonly withWriters: (view: StoredView) => ConversationView;
}

/** The contract's operations on conversations and what stands in them, but for who has them and what is written. */
export function conversationRoutes({ context, conversations, withWriters }: RoutesOptions): Routes {
  const { db, clients } = context;
  const operations = createConversationOperations(context);
  const changes = createChanges(context);

  const told = async (row: ConversationRow, user: SignedInUser): Promise<ConversationView> => {
    await conversations.changed({ id: row.id, alert: false });
    return conversations.view(row.id, user);
  };

  const moved = async (
    { fromId, fromOwnerId, toId, messageIds }: Touched,
    user: SignedInUser,
  ): Promise<ConversationView> => {
    await conversations.changed({ id: fromId, formerOwnerId: fromOwnerId, alert: false });
    await conversations.changed({ id: toId, alert: false });
    await conversations.deliveriesChanged(messageIds);
    return conversations.view(toId, user);
  };

  /** @throws AppError `not_found`, also for a client whom he may not see */
  async function visibleMessage(id: MessageId, user: SignedInUser): Promise<StoredMessage> {
    const message = await readMessage(db, id);
    if (!message) throw new AppError('not_found', `there is no message ${id}`);
    await clients.requireVisible(message.clientId, user);
    return message;
  }

  async function place(id: MessageId, isJoined: boolean, user: SignedInUser): Promise<ConversationView> {
    const { conversationId, askConversationId } = await visibleMessage(id, user);
    if (askConversationId === null) throw new AppError('conflict', 'nothing is asked about this message');
    if (isJoined) return moved(await changes.place({ conversationId, askedFor: askConversationId }, user), user);
    await db.transaction(async (tx) => {
      await setAsked(tx, [id], null);
      await refreshEntries(tx, [id]);
    });
    await conversations.deliveriesChanged([id]);
    return conversations.view(conversationId, user);
  }

  async function opened(id: MessageId, user: SignedInUser): Promise<MessageView> {
    const message = await visibleMessage(id, user);
    return messageView(message, await readAttempts(db, id), context.reading);
  }

  async function list(of: 'mine' | 'waiting' | 'open', limit: number, user: SignedInUser): Promise<StoredView[]> {
    if (of === 'mine') return readMine(db, user.id, limit);
    const scope = await clients.visibility.scopeOf(db, user);
    return of === 'waiting' ? readWaiting(db, scope, limit) : readOpen(db, scope, limit);
  }

  return (mount) => {
    mount('GET /api/v1/conversations', async ({ query, user }) => ({
      items: (await list(query.of, query.limit, user)).map(withWriters),
    }));
    mount('GET /api/v1/clients/:id/conversations', async ({ params, user }) => {
      const card = await clients.requireVisible(params.id as ClientId, user);
      return { items: (await readOfClient(db, card.id, ofClientLimit)).map(withWriters) };
    });
    mount('GET /api/v1/conversations/:id', async ({ params, user }) => {
      const { id } = await visibleConversation(context, params.id as ConversationId, user);
      return {
        conversation: await conversations.view(id, user),
        entries: await readConversationEntries(db, id, shownMessages),
        changes: await readChanges(db, id),
      };
    });
    mount('POST /api/v1/conversations/:id/close', async ({ params, body, user }) =>
      told(await operations.close(params.id as ConversationId, body.dispositionId ?? null, user), user),
    );
    mount('POST /api/v1/conversations/:id/reopen', async ({ params, user }) =>
      told(await operations.reopen(params.id as ConversationId, user), user),
    );
    mount('POST /api/v1/conversations/:id/read', async ({ params, user }) => {
      await told(await operations.read(params.id as ConversationId, user), user);
      return { ok: true };
    });
    mount('POST /api/v1/conversations/:id/split', async ({ params, body, user }) => {
      const clientId = body.clientId as ClientId | undefined;
      const wanted = { messageIds: body.messageIds as MessageId[], ...(clientId === undefined ? {} : { clientId }) };
      return moved(await changes.split(params.id as ConversationId, wanted, user), user);
    });
    mount('POST /api/v1/conversations/:id/join', async ({ params, body, user }) =>
      moved(await changes.join(params.id as ConversationId, body.intoId as ConversationId, user), user),
    );
    mount('POST /api/v1/conversation-changes/:id/undo', async ({ params, user }) =>
      moved(await changes.undo(params.id, user), user),
    );
    mount('GET /api/v1/messages/:id', ({ params, user }) => opened(params.id as MessageId, user));
    mount('POST /api/v1/messages/:id/place', ({ params, body, user }) =>
      place(params.id as MessageId, body.join, user),
    );
  };
}
