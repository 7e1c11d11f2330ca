import type { CallingVisitor, Receipt } from '../../channels/channel.ts';
import type { MessageEvent } from '../../channels/message-channel.ts';
import type { Routes } from '../access/route.ts';
import type { ConversationView } from '../contract/messages-schemas.ts';
import type { AccountId, ClientId, UserId } from '../kernel/ids.ts';
import { type Assignment, createAssignment } from './assignment/index.ts';
import { createCompose } from './compose/index.ts';
import type { MessagesContext } from './context.ts';
import { createConversations } from './conversations/index.ts';
import type { MessageFiles } from './conversations/message-files.ts';
import { createGate } from './gate/index.ts';
import { clientOfVisitor } from './inbox/client.ts';
import { createInbox } from './inbox/index.ts';
import { createOutbox } from './outbox/index.ts';

export type { MessagesContext } from './context.ts';
export type { Guarded, MessageFiles, ServedFile } from './conversations/message-files.ts';

/** E-mail, SMS and chat: conversations, their routing, and what leaves. */
export interface Messages {
  /** The one door for messages. */
  receive(event: MessageEvent): Promise<Receipt>;
  /** The card of a visitor who calls from a page: the one that his chat has, or will have. */
  clientOfVisitor(visitor: CallingVisitor): Promise<{ clientId: ClientId; created: boolean }>;
  /** Waiting for him, by time left. */
  mine(userId: UserId): Promise<ConversationView[]>;
  readonly routes: Routes;
  /** Outside of JSON. */
  readonly files: MessageFiles;
  /** Who waits now, and who has how much to do. */
  readonly now: Assignment['now'];
  /** People, queues, schedules, capacity or rules are different, and the setup says so already. */
  settingChanged(): void;
  /** Somebody's browser came or went. */
  connectionChanged(): void;
  /** An account came up: what waits for it goes now. */
  wake(): void;
  /** An account was switched off or on: what waits for it says so. */
  accountChanged(accountId: AccountId): void;
  /** After the journal's replay. */
  start(): Promise<void>;
  /** Idempotent. */
  close(): Promise<void>;
}

/** Wires the room; parts of it follow the journal: make it before the journal replays. */
export function createMessages(context: MessagesContext): Messages {
  const conversations = createConversations(context);
  const gate = createGate(context, conversations);
  const outbox = createOutbox({ ...context, conversations, gate });
  const assignment = createAssignment(context, conversations);
  const compose = createCompose(context, { conversations, outbox, gate });
  const inbox = createInbox(context, { conversations, outbox, gate, render: compose.renderTemplate });

  const receive = async (event: MessageEvent): Promise<Receipt> => {
    switch (event.type) {
      case 'message.arrived':
        return inbox.receive(event);
      case 'delivery.reported':
        return outbox.report(event);
      case 'consent.reported':
        return inbox.noteConsent(event);
    }
  };

  return {
    receive,
    clientOfVisitor: (visitor) => clientOfVisitor(context, visitor),
    mine: conversations.mine,
    routes: (mount) => {
      conversations.routes(mount);
      assignment.routes(mount);
      gate.routes(mount);
      compose.routes(mount);
    },
    files: conversations.messageFiles,
    now: assignment.now,
    settingChanged() {
      inbox.settingChanged();
      assignment.settingChanged();
    },
    connectionChanged: assignment.connectionChanged,
    wake: outbox.wake,
    accountChanged: outbox.accountChanged,
    async start() {
      await conversations.start();
      await assignment.start();
      outbox.start();
    },
    async close() {
      await assignment.close();
      await outbox.close();
      await conversations.close();
    },
  };
}
