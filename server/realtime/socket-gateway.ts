import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { Server as Engine } from 'engine.io';
import { Server, type Socket } from 'socket.io';
import { type Access, type AuthSession, may } from '../access/index.ts';
import type { SignedInUser } from '../access/route.ts';
import type { ClientToServerEvents, ServerToClientEvents } from '../contract/events.ts';
import type { Clock, TimerHandle } from '../kernel/clock.ts';
import type { ErrorCode } from '../kernel/errors.ts';
import type { ClientId, OfferId, UserId } from '../kernel/ids.ts';
import type { Log } from '../kernel/log.ts';
import { createCardWatches } from './card-watches.ts';
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
  readonly access: Pick<Access, 'hold' | 'findUser'>;
  /** Whether this user may see this card: for its timeline. */
  readonly mayWatch: (user: SignedInUser, card: ClientId) => Promise<boolean>;
  /** A card was refused: for the audit log. */
  readonly onRefused?: (user: SignedInUser, card: ClientId) => void;
  readonly clock: Clock;
  readonly log: Log;
  /** Heartbeat of Engine.IO, for tests. */
  readonly heartbeatMs?: number;
  readonly heartbeatTimeoutMs?: number;
}

interface SocketData {
  session: AuthSession;
  /** As he is now: a socket is open for days, and rights change meanwhile. */
  user: SignedInUser;
}
type BrowserSocket = Socket<ClientToServerEvents, ServerToClientEvents, Record<never, never>, SocketData>;
type Answer = { ok: true; value: null } | { ok: false; code: ErrorCode; detail: string };

const userRoom = (userId: UserId): string => `user:${userId}`;
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
  const watches = createCardWatches<BrowserSocket>({ mayWatch: ({ data }, card) => options.mayWatch(data.user, card) });
  const queueWatchers = new Set<BrowserSocket>();
  const sequences = new Map<UserId, number>();

  io.use((socket, next) => {
    const session = sessions.get(socket.request);
    if (session === undefined) return next(new Error('not_signed_in'));
    if ((tabs.get(session.user.id)?.size ?? 0) >= limits.socketsPerUser) return next(new Error('too_many_requests'));
    socket.data.session = session;
    socket.data.user = session.user;
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
      void watches.watch(socket, null);
      queueWatchers.delete(socket);
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
    socket.onAny(async (name: unknown, ...args: unknown[]) => {
      const acknowledge = args.at(-1);
      const isInTime = budget.take();
      const answer = isInTime ? await perform(socket, name, args[0]) : refused('too_many_requests', 'too many events');
      if (!answer.ok && ++refusals > limits.refusedEvents) {
        socket.disconnect(true);
        return;
      }
      if (typeof acknowledge === 'function') acknowledge(answer);
    });
  }

  async function perform(socket: BrowserSocket, name: unknown, payload: unknown): Promise<Answer> {
    const { user } = socket.data;
    if (!isClientEvent(name)) return refused('bad_request', 'unknown event');
    if (!isPayload(name, payload)) return refused('bad_request', `wrong payload of ${name}`);
    if (name === 'card:watch') return watchCard(socket, payload as ClientId | null);
    if (name === 'offer:seen') gateway.onOfferSeen?.(user.id, payload as OfferId);
    else if (!may(user.role, 'queues.watch')) return refused('forbidden', 'queues are for supervisors');
    else if (!payload) queueWatchers.delete(socket);
    else {
      queueWatchers.add(socket);
      gateway.onQueuesWatched?.();
    }
    return done;
  }

  /** A tab has one card open at a time. */
  async function watchCard(socket: BrowserSocket, card: ClientId | null): Promise<Answer> {
    const { user } = socket.data;
    if (!may(user.role, 'cards.watch')) return refused('forbidden', 'cards are not for this role');
    if (await watches.watch(socket, card)) return done;
    if (card !== null) options.onRefused?.(user, card);
    return refused('not_found', `there is no card ${card}`);
  }

  /** Whoever is connected is told by his new rights from now on. */
  async function refreshUser(userId: UserId): Promise<void> {
    const user = await access.findUser(userId);
    for (const { data } of tabs.get(userId) ?? []) if (user) data.user = user;
  }

  /** What time alone takes out of sight: a call of yesterday, a task that is done. */
  function checkSometimes(): void {
    sweep = clock.after(limits.watchCheckMs, () => {
      watches.checkAll();
      checkSometimes();
    });
  }
  let sweep: TimerHandle | undefined;
  checkSometimes();

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
      // a changed card may have another responsible manager
      if (push.type === 'client-changed') watches.check(clientId);
      watches.tell(clientId, (sockets) => {
        const users = new Set([...sockets].map(({ data }) => data.user.id));
        // to every tab of such a user, or his other tabs would miss a number
        for (const userId of users) if (!except.includes(userId)) gateway.push(userId, push);
      });
    },
    isCardWatched: watches.isWatched,
    pushQueues(queuesFor) {
      for (const socket of queueWatchers) socket.emit('queues', queuesFor(socket.data.user));
    },
    pushBoard(boardFor) {
      for (const socket of queueWatchers) socket.emit('board', boardFor(socket.data.user));
    },
    queuesWatched: () => queueWatchers.size > 0,
    pushSetupChange(kind, id) {
      io.emit('setup-changed', kind, id);
      if (kind !== 'user' && kind !== 'team') return;
      const refreshed = kind === 'user' ? refreshUser(id as UserId) : Promise.resolve();
      refreshed
        .catch((error: unknown) => log.warn({ err: error, userId: id }, 'open sockets keep old rights'))
        .finally(() => watches.checkAll());
    },
    pushChannelHealth: (health) => void io.emit('channel-health', health),
    seq: (userId) => sequences.get(userId) ?? 0,
    isConnected: (userId) => tabs.has(userId),
    onConnection: undefined,
    onOfferSeen: undefined,
    onQueuesWatched: undefined,
    close() {
      sweep?.cancel();
      closed ??= io.close();
      return closed;
    },
  };
  return gateway;
}
