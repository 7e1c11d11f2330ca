/** SIP over WebSocket, server side (RFC 7118). */
import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import type { Clock, TimerHandle } from '../../../../server/kernel/clock.ts';
import { limits } from '../limits.ts';
import { createWatchers, type Flow, plainAddress, type TransportSink } from './flow.ts';

export interface WsTransport {
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer, identity: string | undefined): void;
  /** Closes every connection with code 1001. */
  close(): Promise<void>;
}

export interface WsOptions {
  readonly clock: Clock;
  readonly sink: TransportSink;
  readonly sentBy: () => string;
}

const subprotocol = 'sip';

const offersSip = (request: IncomingMessage): boolean =>
  (request.headers['sec-websocket-protocol'] ?? '').split(',').some((name) => name.trim() === subprotocol);

/** An HTTP answer to an upgrade that is not taken. */
function refuse(socket: Duplex, status: string): void {
  socket.once('error', () => {});
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

export function createWsTransport({ clock, sink, sentBy }: WsOptions): WsTransport {
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: limits.headBytes + limits.bodyBytes,
    perMessageDeflate: false,
    handleProtocols: () => subprotocol,
  });
  let closing = false;

  return {
    handleUpgrade(request, socket, head, identity) {
      if (closing || server.clients.size >= limits.webSocketConnections)
        return refuse(socket, '503 Service Unavailable');
      if (!offersSip(request)) return refuse(socket, '400 Bad Request');
      const address = plainAddress(request.socket.remoteAddress);
      const port = request.socket.remotePort ?? 0;
      server.handleUpgrade(request, socket, head, (webSocket) => {
        wsFlow({ webSocket, address, port, identity, sentBy: sentBy(), sink, clock });
      });
    },
    close() {
      closing = true;
      const open = [...server.clients];
      return Promise.all(open.map(closeSocket)).then(() => {});
    },
  };
}

/** Resolves when the connection is closed; a peer that does not answer the close frame at once is cut. */
function closeSocket(webSocket: WebSocket): Promise<void> {
  return new Promise((resolve) => {
    webSocket.once('close', () => resolve());
    webSocket.close(1001);
    setImmediate(() => webSocket.terminate());
  });
}

export interface WsFlowOptions {
  readonly webSocket: WebSocket;
  readonly address: string;
  readonly port: number;
  readonly identity: string | undefined;
  readonly sentBy: string;
  readonly sink: TransportSink;
  readonly clock: Clock;
}

/** A message of line ends only is a keep-alive (RFC 5626 section 4.4.1; SIP.js sends them). */
const isKeepAlive = (bytes: Buffer): boolean => bytes.length <= 4 && bytes.every((byte) => byte === 13 || byte === 10);

const toBuffer = (data: RawData): Buffer => {
  if (Buffer.isBuffer(data)) return data;
  return Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data);
};

/** One connection as a flow, whoever opened it. */
export function wsFlow({ webSocket, address, port, identity, sentBy, sink, clock }: WsFlowOptions): Flow {
  const watchers = createWatchers();
  let closed = false;
  const flow: Flow = {
    transport: 'ws',
    reliable: true,
    address,
    port,
    identity,
    sentBy,
    get closed() {
      return closed;
    },
    send(bytes, onError) {
      if (closed || webSocket.readyState !== webSocket.OPEN) {
        onError?.();
        return;
      }
      sink.sending(bytes, flow);
      // text frames must be UTF-8 (RFC 6455 section 8.1), bodies need not be
      webSocket.send(bytes, { binary: !isUtf8(bytes) });
      if (webSocket.bufferedAmount > limits.sendBacklogBytes) webSocket.terminate();
    },
    watch: watchers.add,
    unwatch: watchers.delete,
  };
  const stopPings = keepAlive(webSocket, clock);
  webSocket.on('message', (data) => {
    const bytes = toBuffer(data);
    if (isKeepAlive(bytes)) webSocket.send('\r\n');
    else sink.received(bytes, flow);
  });
  // the close that follows tells everybody
  webSocket.on('error', () => {});
  webSocket.once('close', () => {
    closed = true;
    stopPings();
    watchers.close(flow);
  });
  return flow;
}

/** Pings until stopped and cuts a connection that was silent for a whole interval. */
function keepAlive(webSocket: WebSocket, clock: Clock): () => void {
  let alive = true;
  let timer: TimerHandle | undefined;
  const beat = (): void => {
    if (!alive) {
      webSocket.terminate();
      return;
    }
    alive = false;
    webSocket.ping();
    timer = clock.after(limits.webSocketPingMs, beat);
  };
  timer = clock.after(limits.webSocketPingMs, beat);
  const heard = (): void => {
    alive = true;
  };
  webSocket.on('pong', heard);
  webSocket.on('message', heard);
  return () => timer?.cancel();
}
