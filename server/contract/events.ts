import type { BoardView } from './board.ts';
import type { ChannelHealthView, ConversationView } from './messages-schemas.ts';
import type { InteractionView, OwedClient, PopView, PresenceView, QueueView, TimelineEntry } from './schemas.ts';
import type { SetupKind } from './setup-words.ts';
import type { TaskView } from './tasks-schemas.ts';

/**
 * Pushes to one signed-in user. Each carries the user's next `seq` (gapless from the snapshot's): a gap or a reconnect
 * means: fetch `GET /api/v1/workspace` again. Views, never rows; a view with a lower version than the one held is old.
 */
export type Push =
  /** An interaction of mine changed; `closed` removes it from the work list. */
  | { readonly type: 'interaction'; readonly interaction: InteractionView }
  /** Rings now: show it at once. Comes before the phone's INVITE is answered, with the whole pop. */
  | { readonly type: 'offer'; readonly interaction: InteractionView; readonly pop: PopView }
  /** The offer is over without my answer; take it off the screen. */
  | { readonly type: 'offer-ended'; readonly interactionId: string; readonly offerId: string; readonly result: string }
  | { readonly type: 'presence'; readonly presence: PresenceView }
  /** A client's card changed. */
  | { readonly type: 'client-changed'; readonly clientId: number; readonly version: number }
  /** A new or changed entry of a card that this user watches or works with. */
  | { readonly type: 'timeline'; readonly entry: TimelineEntry }
  | { readonly type: 'owed'; readonly owed: readonly OwedClient[] }
  /** A task that I have, had or made is new or different. */
  | { readonly type: 'task'; readonly task: TaskView }
  /** The time to be reminded of a task of mine has come; once. `handedOver` says when it was somebody else's. */
  | { readonly type: 'task-due'; readonly task: TaskView }
  /**
   * A conversation that I have or had, or of a card that I watch, is different. `alert`: new for me, with a sound: it was given to
   * me, or the client wrote again in one that I have. `joinedId`: the one that went into it, and is no more.
   */
  | {
      readonly type: 'conversation';
      readonly conversation: ConversationView;
      readonly alert: boolean;
      readonly joinedId?: string;
    };

export interface ServerToClientEvents {
  push: (seq: number, push: Push) => void;
  /** Rooms of supervisors. */
  queues: (queues: readonly QueueView[]) => void;
  /** To the same room, within a second of what changed a figure. */
  board: (board: BoardView) => void;
  /**
   * An administrator changed the setting: lines, outcomes, names or reasons on the screen may be old. To everybody who
   * is signed in, without a sequence number: a browser that missed it reads all again when it connects.
   */
  'setup-changed': (kind: SetupKind, id: number) => void;
  /**
   * An account of messages went up or down, catches up, or more or fewer messages wait for it: to everybody who is signed in,
   * without a sequence number.
   */
  'channel-health': (health: ChannelHealthView) => void;
  /** This session was ended on the server. */
  'signed-out': () => void;
}

type Ack<T> = (result: { ok: true; value: T } | { ok: false; code: string; detail: string }) => void;

export interface ClientToServerEvents {
  /** Which card is open in this tab: its timeline is pushed. null = none. */
  'card:watch': (clientId: number | null, ack: Ack<null>) => void;
  /** Supervisors: live queues on or off. */
  'queues:watch': (on: boolean, ack: Ack<null>) => void;
  /** The pop is painted. */
  'offer:seen': (offerId: string, ack: Ack<null>) => void;
}
