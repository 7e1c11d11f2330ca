import { io, type Socket } from 'socket.io-client';
import type { BoardView } from '../../server/contract/board.ts';
import type { ClientToServerEvents, Push, ServerToClientEvents } from '../../server/contract/events.ts';
import type { ChannelHealthView } from '../../server/contract/messages-schemas.ts';
import type { QueueView } from '../../server/contract/schemas.ts';
import type { SetupKind } from '../../server/contract/setup-words.ts';

export interface PushSocketHandlers {
  readonly onPush: (seq: number, push: Push) => void;
  readonly onQueues: (queues: readonly QueueView[]) => void;
  /** Comes with the queues, to those who watch them. */
  readonly onBoard: (board: BoardView) => void;
  /** An administrator changed the setting. */
  readonly onSetupChanged: (kind: SetupKind) => void;
  /** An account of messages went up or down, or something more waits for it. */
  readonly onChannelHealth: (health: ChannelHealthView) => void;
  /** Connected for the first time or again: pushes may have been missed. */
  readonly onConnected: () => void;
  readonly onDisconnected: () => void;
  readonly onSignedOut: () => void;
}

export interface PushSocket {
  watchCard(clientId: number | null): void;
  watchQueues(on: boolean): void;
  /** The pop of this offer is painted. */
  offerSeen(offerId: string): void;
  /** Tries at once instead of waiting for the back-off (the network came back). */
  connectNow(): void;
  close(): void;
}

const RECONNECT_MS = 500;
const RECONNECT_MAX_MS = 8000;
const ACK_TIMEOUT_MS = 5000;

/** The live connection of this tab. It reconnects for ever with jitter; what is watched is said again after each reconnect. */
export function connectPushes(handlers: PushSocketHandlers): PushSocket {
  const socket: Socket<ServerToClientEvents, ClientToServerEvents> = io({
    transports: ['websocket'],
    reconnectionDelay: RECONNECT_MS,
    reconnectionDelayMax: RECONNECT_MAX_MS,
    randomizationFactor: 0.5,
  });
  let watchedCard: number | null = null;
  let watchesQueues = false;
  // an answer that never comes needs no handling: the next connect says it again
  const ignore = (): void => undefined;
  const sayCard = (): void => void socket.timeout(ACK_TIMEOUT_MS).emit('card:watch', watchedCard, ignore);
  const sayQueues = (): void => void socket.timeout(ACK_TIMEOUT_MS).emit('queues:watch', watchesQueues, ignore);

  socket.on('push', handlers.onPush);
  socket.on('queues', handlers.onQueues);
  socket.on('board', handlers.onBoard);
  socket.on('setup-changed', handlers.onSetupChanged);
  socket.on('channel-health', handlers.onChannelHealth);
  socket.on('signed-out', handlers.onSignedOut);
  socket.on('disconnect', (reason) => {
    handlers.onDisconnected();
    // after a disconnect by the server the client does not reconnect by itself
    if (reason === 'io server disconnect') socket.connect();
  });
  socket.on('connect', () => {
    if (watchedCard !== null) sayCard();
    if (watchesQueues) sayQueues();
    handlers.onConnected();
  });

  return {
    watchCard(clientId) {
      if (watchedCard === clientId) return;
      watchedCard = clientId;
      if (socket.connected) sayCard();
    },
    watchQueues(on) {
      watchesQueues = on;
      if (socket.connected) sayQueues();
    },
    offerSeen: (offerId) => void socket.timeout(ACK_TIMEOUT_MS).emit('offer:seen', offerId, ignore),
    connectNow: () => void (socket.connected || socket.connect()),
    close: () => void socket.close(),
  };
}
