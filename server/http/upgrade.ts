import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Access, AuthSession } from '../access/index.ts';
import type { Log } from '../kernel/log.ts';
import type { ClientOrigin } from './client-origin.ts';
import { limits } from './limits.ts';
import { readToken } from './session-cookie.ts';

/** Takes over an upgrade of a signed-in browser; the socket is the receiver's from then on. */
export type AcceptSocket = (request: IncomingMessage, socket: Duplex, head: Buffer, session: AuthSession) => void;

/** SIP over WebSocket (RFC 7118). */
export interface SipUpgrades {
  /** `identity` = login of the session: the only AOR that the connection may register; undefined = none, digest applies. */
  accept(request: IncomingMessage, socket: Duplex, head: Buffer, identity: string | undefined): void;
  /**
   * Takes over a visitor of a web site with a ticket of his chat; nothing is spent before the origin was looked at.
   * @returns false when the ticket admits nobody
   */
  admit?(request: IncomingMessage, socket: Duplex, head: Buffer, ticket: CallTicket): boolean;
  /** Whether a phone on this machine may connect without a session: the demo's. From elsewhere none may. */
  allowAnonymous(request: IncomingMessage): boolean;
}

/** What a visitor's telephone shows: `/sip?account=ID&ticket=TICKET`. */
export interface CallTicket {
  readonly account: number;
  readonly ticket: string;
}

export interface UpgradeRouterOptions {
  readonly access: Access;
  readonly origin: ClientOrigin;
  readonly log: Log;
  readonly acceptRealtime: AcceptSocket | undefined;
  readonly sip: SipUpgrades | undefined;
}

export interface UpgradeRouter {
  /** The one listener of the server's `upgrade` event. */
  handle(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Ends all upgraded sockets and refuses new ones. Idempotent. */
  close(): void;
}

const refusals = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  503: 'Service Unavailable',
} as const;

/** Routes `/socket.io/` and `/sip`. Browsers do not stop foreign pages from opening WebSockets: the origin is checked here. */
export function createUpgradeRouter(options: UpgradeRouterOptions): UpgradeRouter {
  const { access, origin, log, acceptRealtime, sip } = options;
  const sockets = new Set<Duplex>();
  let isClosed = false;

  async function findSession(request: IncomingMessage): Promise<AuthSession | null> {
    const token = readToken(request.headers.cookie, origin.isSecure(request));
    return token === undefined ? null : await access.findSession(token);
  }

  async function route(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const path = (request.url ?? '').split('?', 1)[0];
    const isRealtime = path === '/socket.io/' && acceptRealtime !== undefined;
    const isSip = path === '/sip' && sip !== undefined;
    if (!isRealtime && !isSip) return refuse(socket, 404);
    if (origin.refusal(request) !== null) return refuse(socket, 403);
    if (isSip && !offersSip(request)) return refuse(socket, 400);
    const ticket = isSip ? ticketOf(request) : null;
    // whoever is signed in in that browser: it is the visitor who calls
    if (ticket !== null && sip?.admit)
      return sip.admit(request, socket, head, ticket) ? undefined : refuse(socket, 403);
    const session = await findSession(request);
    // the browser may have left, and the server may have closed, while the database was asked
    if (socket.destroyed) return;
    if (isClosed) return refuse(socket, 503);
    if (isRealtime) return session === null ? refuse(socket, 401) : acceptRealtime(request, socket, head, session);
    if (!isSip) return;
    const isAllowed = session !== null || (origin.isLocal(request) && sip.allowAnonymous(request));
    if (!isAllowed) return refuse(socket, 401);
    if (session !== null) endWithSession(session, socket);
    sip.accept(request, socket, head, session?.user.login);
  }

  /** A phone must not stay registered for somebody who has signed out. */
  function endWithSession(session: AuthSession, socket: Duplex): void {
    const release = access.hold(session.id, () => socket.destroy());
    socket.once('close', release);
  }

  return {
    handle(request, socket, head) {
      socket.on('error', () => socket.destroy());
      if (isClosed || sockets.size >= limits.upgradedSockets) return refuse(socket, 503);
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
      route(request, socket, head).catch((error: unknown) => {
        log.warn({ err: error }, 'an upgrade failed');
        refuse(socket, 503);
      });
    },
    close() {
      isClosed = true;
      for (const socket of sockets) socket.destroy();
    },
  };
}

function ticketOf(request: IncomingMessage): CallTicket | null {
  const query = new URLSearchParams((request.url ?? '').split('?')[1]);
  const ticket = query.get('ticket');
  return ticket === null ? null : { account: Number(query.get('account')), ticket };
}

const offersSip = (request: IncomingMessage): boolean =>
  (request.headers['sec-websocket-protocol'] ?? '').split(',', 32).some((name) => name.trim().toLowerCase() === 'sip');

function refuse(socket: Duplex, status: keyof typeof refusals): void {
  if (socket.destroyed) return;
  const headers = 'Connection: close\r\nContent-Length: 0\r\n';
  socket.end(`HTTP/1.1 ${status} ${refusals[status]}\r\n${headers}\r\n`, () => socket.destroy());
}
