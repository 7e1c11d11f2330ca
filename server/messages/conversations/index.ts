import type { Routes, SignedInUser } from '../../access/route.ts';
import type { ConversationView } from '../../contract/messages-schemas.ts';
import type { MessageChannelName } from '../../contract/messages-words.ts';
import type { TimerHandle } from '../../kernel/clock.ts';
import { AppError } from '../../kernel/errors.ts';
import type { ClientId, ConversationId, MessageId, UserId } from '../../kernel/ids.ts';
import type { MessagesContext } from '../context.ts';
import type { ConversationRow } from '../conversation-store.ts';
import type { Conversations } from '../rooms.ts';
import { insertAttachments } from './attachment-store.ts';
import { createFileStore, type FileStore } from './file-store.ts';
import { createMessageFiles, type MessageFiles } from './message-files.ts';
import { insertMessages, refreshDeliveries, refreshEntries } from './message-store.ts';
import { answered, openFor } from './open.ts';
import { conversationRoutes } from './routes.ts';
import { sweep } from './sweep.ts';
import { readEntries, readMine, readOfClient, readStoredView, type StoredView } from './view-store.ts';
import { createWriting } from './writing.ts';

const sweepMs = 60 * 60_000;
const mineLimit = 500;
const ofClientLimit = 200;

/** What the room's own parts use besides what others ask. */
export interface ConversationsPart extends Conversations {
  readonly files: FileStore;
  readonly messageFiles: MessageFiles;
  /** Waiting for him, by time left. */
  mine(userId: UserId): Promise<ConversationView[]>;
  readonly routes: Routes;
  /** Takes away files of drafts that nobody sent, and closes what nobody has written in for long. */
  sweep(): Promise<void>;
  start(): Promise<void>;
  /** Idempotent. */
  close(): Promise<void>;
}

/** Conversations: kept, shown and pushed. The only writer of messages and their timeline entries. */
export function createConversations(context: MessagesContext): ConversationsPart {
  const { db, clock, clients, pushes, setup, reading } = context;
  const log = context.log.child({ room: 'messages' });
  const files = createFileStore(context.filesDir);
  const writing = createWriting(clock, (clientId, channel) => void pushWriters(clientId, channel));

  function withWriters(view: StoredView): ConversationView {
    const writers = writing.of(view.client.id as ClientId).filter(({ channel }) => channel === view.channel);
    const names = writers.map(({ userId }) => ({
      id: userId,
      name: setup.agents.find(({ id }) => id === userId)?.name ?? '',
    }));
    return { ...view, writing: names };
  }

  async function view(id: ConversationId, user: SignedInUser | null): Promise<ConversationView> {
    const stored = await readStoredView(db, id);
    if (!stored) throw new AppError('not_found', `there is no conversation ${id}`);
    if (user) await clients.requireVisible(stored.client.id as ClientId, user);
    return withWriters(stored);
  }

  function pushView(
    conversation: ConversationView,
    to: ReadonlySet<UserId>,
    {
      alertFor = null,
      joinedId,
    }: { readonly alertFor?: UserId | null; readonly joinedId?: ConversationId | null } = {},
  ): void {
    const push = { type: 'conversation' as const, conversation, ...(joinedId ? { joinedId } : {}) };
    for (const userId of to) pushes.push(userId, { ...push, alert: userId === alertFor });
    pushes.pushToCard(conversation.client.id as ClientId, { ...push, alert: false });
  }

  /** Whether anybody looks at it: its owner, who had it before, or somebody with the card open. */
  const isSeen = (
    { clientId, ownerId }: Pick<ConversationRow, 'clientId' | 'ownerId'>,
    formerOwnerId: UserId | null,
  ): boolean =>
    pushes.isCardWatched(clientId) ||
    [ownerId, formerOwnerId].some((userId) => userId !== null && context.isOnline(userId));

  async function pushEntries(ids: readonly MessageId[]): Promise<void> {
    for (const entry of await readEntries(db, ids))
      pushes.pushToCard(entry.clientId as ClientId, { type: 'timeline', entry });
  }

  async function pushWriters(clientId: ClientId, channel: MessageChannelName): Promise<void> {
    try {
      for (const stored of await readOfClient(db, clientId, ofClientLimit))
        if (stored.channel === channel && stored.state !== 'closed') {
          const conversation = withWriters(stored);
          pushView(conversation, new Set(conversation.owner ? [conversation.owner.id as UserId] : []));
        }
    } catch (error) {
      log.warn({ err: error, clientId }, 'nobody is told who is writing');
    }
  }

  let isClosed = false;
  let sweeping: TimerHandle | undefined;
  let swept: Promise<void> = Promise.resolve();
  function sweepOften(): void {
    swept = sweep({ ...context, log, files })
      .catch((error: unknown) => log.warn({ err: error }, 'old conversations and files were not swept'))
      .then(() => {
        if (!isClosed) sweeping = clock.after(sweepMs, sweepOften);
      });
  }

  const conversations: Conversations = {
    insertMessages,
    refreshEntry: (tx, id) => refreshEntries(tx, [id]),
    refreshEntries,
    refreshDeliveries,
    openFor: (tx, wanted) => openFor({ clock, subjectKey: reading.subjectKey }, tx, wanted),
    answered,
    view,
    async changed({ id, messageId, formerOwnerId, alert, row }) {
      if (row && !isSeen(row, formerOwnerId ?? null)) return;
      // what is stored is stored: whoever misses a push reads it with the next
      try {
        const conversation = await view(id, null);
        const owner = (conversation.owner?.id ?? null) as UserId | null;
        const to = new Set([owner, formerOwnerId ?? null].filter((userId) => userId !== null));
        // one that was joined answers as the one that it is in
        const joinedId = conversation.id === id ? null : id;
        pushView(conversation, to, { alertFor: alert ? owner : null, joinedId });
        if (messageId) await pushEntries([messageId]);
      } catch (error) {
        log.warn({ err: error, conversationId: id }, 'a change of a conversation is not pushed');
      }
    },
    async deliveriesChanged(ids) {
      try {
        await pushEntries(ids);
      } catch (error) {
        log.warn({ err: error }, 'changes of deliveries are not pushed');
      }
    },
    noteWriting: writing.note,
    whoWrites: writing.of,
    async storeFile(file) {
      const sha256 = await files.put('attachments', file.bytes);
      const stored = { ...file, bytes: file.bytes.byteLength, sha256 };
      const [row] = await insertAttachments(db, [stored], new Date(clock.now()));
      if (!row) throw new Error('an inserted attachment was not returned');
      return row;
    },
    readFile: (sha256) => files.get('attachments', sha256),
  };

  return {
    ...conversations,
    files,
    messageFiles: createMessageFiles({ context, files, storeFile: conversations.storeFile }),
    mine: async (userId) => (await readMine(db, userId, mineLimit)).map(withWriters),
    routes: conversationRoutes({ context, conversations, withWriters }),
    sweep: () => sweep({ ...context, log, files }),
    async start() {
      sweeping = clock.after(0, sweepOften);
    },
    async close() {
      sweeping?.cancel();
      isClosed = true;
      await swept;
      writing.close();
    },
  };
}
