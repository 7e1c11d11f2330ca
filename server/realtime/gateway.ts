import type { SignedInUser } from '../access/route.ts';
import type { BoardView } from '../contract/board.ts';
import type { Push } from '../contract/events.ts';
import type { ChannelHealthView } from '../contract/messages-schemas.ts';
import type { QueueView } from '../contract/schemas.ts';
import type { SetupKind } from '../contract/setup-words.ts';
import type { ClientId, OfferId, UserId } from '../kernel/ids.ts';

/**
 * Pushes to browsers. A push is a hint: losing one must lose no work, because every connect starts from the
 * snapshot (GET /api/v1/workspace), which carries the user's `seq`.
 */
export interface Gateway {
  /** To every tab of one user, with his next sequence number. */
  push(userId: UserId, push: Push): void;
  /** To every user who has this card open and may still see it, except those named (they got it already). */
  pushToCard(clientId: ClientId, push: Push, except?: readonly UserId[]): void;
  /** Whether anybody has this card open: what nobody sees need not be made. */
  isCardWatched(clientId: ClientId): boolean;
  /** To supervisors who watch the queues, to each as he may see them. */
  pushQueues(queuesFor: (user: SignedInUser) => readonly QueueView[]): void;
  /** To the same, in the same way. */
  pushBoard(boardFor: (user: SignedInUser) => BoardView): void;
  /** Whether anybody watches the queues: what nobody sees need not be made. */
  queuesWatched(): boolean;
  /** To everybody: a part of the setting has changed. Rights of people and teams count at once. */
  pushSetupChange(kind: SetupKind, id: number): void;
  /** How an account of messages is now. */
  pushChannelHealth(health: ChannelHealthView): void;
  /** Sequence number of the last push to this user. */
  seq(userId: UserId): number;
  isConnected(userId: UserId): boolean;
  /** First tab connected or last tab gone. */
  onConnection: ((userId: UserId, connected: boolean) => void) | undefined;
  /** A browser says that the pop of this offer is painted. */
  onOfferSeen: ((userId: UserId, offerId: OfferId) => void) | undefined;
  /** A supervisor begins to watch the queues. */
  onQueuesWatched: (() => void) | undefined;
  close(): Promise<void>;
}
