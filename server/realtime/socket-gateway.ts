import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { Server as Engine } from 'engine.io';
import { Server, type Socket } from 'socket.io';
import { type Access, type AuthSession, may } from '../access/index.ts';
import type { ClientToServerEvents, ServerToClientEvents } from '../contract/events.ts';
import type { Clock } from '../kernel/clock.ts';
import type { ErrorCode } from '../kernel/errors.ts';
import type { ClientId, OfferId, UserId } from '../kernel/ids.ts';
import type { Log } from '../kernel/log.ts';
import { isClientEvent, isPayload } from './client-events.ts';
import { createEventBudget } from './event-budget.ts';
import type { Gateway } from './gateway.ts';
import { limits } from './limits.ts';

/** The gateway with the door through which signed-in sockets come. */
export interface SocketGateway extends Gateway {
  /** Takes over an authenticated upgrade to `/socket.io/`. */
  accept(request: IncomingMessage, socket: Duplex, head: Buffer, session: AuthSession): void;
}

export interface CreateGatewayOptions {
  readonly access: Pick<Access, 'hold'>;
  readonly clock: Clock;
  readonly log: Log;
  /** Heartbeat of Engine.IO, for tests. */
  readonly heartbeatMs?: number;
  readonly heartbeatTimeoutMs?: number;
}

interface SocketData {
  session: AuthSession;
  card: ClientId | null;
}
type BrowserSocket = Socket<ClientToServerEvents, ServerToClientEvents, Record<never, never>, SocketData>;
type Answer = { ok: true; value: null } | { ok: false; code: ErrorCode; detail: string };

const userRoom = (userId: UserId): string => `user:${userId}`;
const queuesRoom = 'queues';
const done: Answer = { ok: true, value: null };
const refused = (code: ErrorCode, detail: string): Answer => ({ ok: false, code, detail });

/** Socket.IO over WebSockets only, on an engine of its own, so that the web server routes all upgrades itself. */
export function createGateway(options: CreateGatewayOptions): SocketGateway {
  const { access, clock } = options;
  const log = options.log.child({ room: 'realtime' });
  const engine = new Engine({
    transports: ['websocket'],
    maxHttpBufferSize: limits.payloadBytes,
    pingInterval: options.heartbeatMs ?? limits.heartbeatMs,
    pingTimeout: options.heartbeatTimeoutMs ?? limits.heartbeatTimeoutMs,
    perMessageDeflate: false,
  });
  const io = new Server<ClientToServerEvents, ServerToClientEvents, Record<never, never>, SocketData>({
    serveClient: false,
    connectTimeout: limits.connectTimeoutMs,
    cleanupEmptyChildNamespaces: true,
  });
  io.bind(engine);

  const sessions = new WeakMap<IncomingMessage, AuthSession>();
  const tabs = new Map<UserId, Set<BrowserSocket>>();
  const watchers = new Map<ClientId, Set<BrowserSocket>>();
  const sequences = new Map<UserId, number>();

  io.use((socket, next) => {
    const session = sessions.get(socket.request);
    if (session === undefined) return next(new Error('not_signed_in'));
    if ((tabs.get(session.user.id)?.size ?? 0) >= limits.socketsPerUser) return next(new Error('too_many_requests'));
    socket.data.session = session;
    socket.data.card = null;
    next();
  });

  io.on('connection', (socket) => {
    const { id: sessionId, user } = socket.data.session;
    const release = access.hold(sessionId, () => {
      socket.emit('signed-out');
      socket.disconnect(true);
    });
    void socket.join(userRoom(user.id));
    const mine = tabs.get(user.id) ?? new Set();
    tabs.set(user.id, mine.add(socket));
    listen(socket);
    socket.once('disconnect', (reason) => {
      release();
      watchCard(socket, null);
      mine.delete(socket);
      log.debug({ userId: user.id, reason }, 'socket closed');
      if (mine.size > 0) return;
      tabs.delete(user.id);
      gateway.onConnection?.(user.id, false);
    });
    log.debug({ userId: user.id }, 'socket opened');
    if (mine.size === 1) gateway.onConnection?.(user.id, true);
  });

  /** One listener for all events: every event is counted, checked and answered exactly once. */
  function listen(socket: BrowserSocket): void {
    const budget = createEventBudget({ clock, perSecond: limits.eventsPerSecond, burst: limits.eventBurst });
    let refusals = 0;
    socket.onAny((name: unknown, ...args: unknown[]) => {
      const acknowledge = args.at(-1);
      const answer = budget.take() ? perform(socket, name, args[0]) : refused('too_many_requests', 'too many events');
      if (!answer.ok && ++refusals > limits.refusedEvents) {
        socket.disconnect(true);
        return;
      }
      if (typeof acknowledge === 'function') acknowledge(answer);
    });
  }

  function perform(socket: BrowserSocket, name: unknown, payload: unknown): Answer {
    const { user } = socket.data.session;
    if (!isClientEvent(name)) return refused('bad_request', 'unknown event');
    if (!isPayload(name, payload)) return refused('bad_request', `wrong payload of ${name}`);
    if (name === 'offer:seen') {
      gateway.onOfferSeen?.(user.id, payload as OfferId);
    } else if (name === 'card:watch') {
      if (!may(user.role, 'cards.watch')) return refused('forbidden', 'cards are not for this role');
      watchCard(socket, payload as ClientId | null);
    } else {
      if (!may(user.role, 'queues.watch')) return refused('forbidden', 'queues are for supervisors');
      if (payload) {
        void socket.join(queuesRoom);
        gateway.onQueuesWatched?.();
      } else {
        void socket.leave(queuesRoom);
      }
    }
    return done;
  }

  /** A tab has one card open at a time. */
  function watchCard(socket: BrowserSocket, card: ClientId | null): void {
    const before = socket.data.card;
    if (before !== null) {
      const others = watchers.get(before);
      others?.delete(socket);
      if (others?.size === 0) watchers.delete(before);
    }
    socket.data.card = card;
    if (card !== null) watchers.set(card, (watchers.get(card) ?? new Set()).add(socket));
  }

  let closed: Promise<void> | undefined;
  const gateway: SocketGateway = {
    accept(request, socket, head, session) {
      sessions.set(request, session);
      // Engine.IO reads what it needs of the request itself
      engine.handleUpgrade(request as Parameters<typeof engine.handleUpgrade>[0], socket, head);
    },
    push(userId, push) {
      const seq = (sequences.get(userId) ?? 0) + 1;
      sequences.set(userId, seq);
      // encoding costs as much for nobody as for somebody
      if (!tabs.has(userId)) return;
      io.to(userRoom(userId)).emit('push', seq, push);
    },
    pushToCard(clientId, push, except = []) {
      const users = new Set([...(watchers.get(clientId) ?? [])].map((socket) => socket.data.session.user.id));
      // to every tab of such a user, or his other tabs would miss a number
      for (const userId of users) if (!except.includes(userId)) gateway.push(userId, push);
    },
    pushQueues(queues) {
      io.to(queuesRoom).emit('queues', queues);
    },
    pushBoard(board) {
      io.to(queuesRoom).emit('board', board);
    },
    queuesWatched: () => io.of('/').adapter.rooms.has(queuesRoom),
    pushSetupChange(kind, id) {
      io.emit('setup-changed', kind, id);
    },
    seq: (userId) => sequences.get(userId) ?? 0,
    isConnected: (userId) => tabs.has(userId),
    onConnection: undefined,
    onOfferSeen: undefined,
    onQueuesWatched: undefined,
    close: () => (closed ??= io.close()),
  };
  return gateway;
}
