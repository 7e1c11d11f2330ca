import type { Receipt } from '../../channels/channel.ts';
import type { MessageEvent } from '../../channels/message-channel.ts';
import type { Routes } from '../access/route.ts';
import type { ConversationView } from '../contract/messages-schemas.ts';
import type { UserId } from '../kernel/ids.ts';

/** E-mail, SMS and chat: conversations, their routing, and what leaves. */
export interface Messages {
  /** The one door for messages. */
  receive(event: MessageEvent): Promise<Receipt>;
  /** Waiting for him, by time left. */
  mine(userId: UserId): Promise<ConversationView[]>;
  readonly routes: Routes;
  start(): Promise<void>;
  /** Idempotent. */
  close(): Promise<void>;
}

/** Wires the room. */
export function createMessages(): Messages {
  return {
    receive: async () => ({ accepted: false, reason: 'unavailable' }),
    mine: async () => [],
    routes: () => undefined,
    start: async () => undefined,
    close: async () => undefined,
  };
}
