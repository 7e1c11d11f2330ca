/** SIP over UDP (RFC 3261 section 18): one socket, one datagram a message. */
import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { limits } from '../limits.ts';
import { type Flow, plainAddress, type TransportSink } from './flow.ts';
import { createReceiveProbe, type ReceiveProbe } from './probe.ts';

export interface UdpTransport {
  /** @throws the bind error */
  start(port: number): Promise<void>;
  close(): Promise<void>;
  flowTo(address: string, port: number): Flow;
  /** Of this socket's queue. */
  readonly probe: ReceiveProbe;
}

export interface UdpOptions {
  readonly host: string;
  readonly sink: TransportSink;
  /** Our Via sent-by; known when the port is. */
  readonly sentBy: () => string;
}

/** Bursts of a few thousand messages wait in the kernel while the event loop is busy. */
const socketBufferBytes = 4 * 1024 * 1024;

export function createUdpTransport(options: UdpOptions): UdpTransport {
  const { host, sink, sentBy } = options;
  const v6 = isIPv6(host);
  let socket: Socket | undefined;

  const send = (bytes: Buffer, flow: Flow, onError?: () => void): void => {
    if (socket === undefined) {
      onError?.();
      return;
    }
    sink.sending(bytes, flow);
    const address = v6 && !flow.address.includes(':') ? `::ffff:${flow.address}` : flow.address;
    try {
      socket.send(bytes, flow.port, address, onError === undefined ? undefined : (error) => error && onError());
    } catch {
      // a port or address outside its range, from a peer's header
      onError?.();
    }
  };
  const flowTo = (address: string, port: number): Flow => udpFlow(address, port, sentBy(), send);
  const probe = createReceiveProbe((bytes) => socket?.send(bytes, socket.address().port, ownAddress(host), () => {}));

  return {
    async start(port) {
      const opened = createSocket({
        type: v6 ? 'udp6' : 'udp4',
        recvBufferSize: socketBufferBytes,
        sendBufferSize: socketBufferBytes,
        // addresses only ever: the resolver's detour costs a tick and two closures a datagram
        lookup: (address, _options, callback) => callback(null, address, v6 ? 6 : 4),
      });
      await bind(opened, port, host);
      opened.on('message', (bytes, from) => {
        if (bytes.length < limits.shortestMessageBytes) return probe.received(bytes);
        sink.received(bytes, flowTo(plainAddress(from.address), from.port));
      });
      // after the bind, errors belong to single datagrams and reach their sender by the send callback
      opened.on('error', () => {});
      socket = opened;
    },
    close() {
      const closing = socket;
      socket = undefined;
      return closing === undefined ? Promise.resolve() : new Promise((resolve) => closing.close(() => resolve()));
    },
    flowTo,
    probe,
  };
}

/** Where a socket that is bound to this address reaches itself. */
function ownAddress(host: string): string {
  if (host === '::') return '::1';
  return host === '0.0.0.0' || host === '' ? '127.0.0.1' : host;
}

function bind(socket: Socket, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('error', (error) => {
      socket.close();
      reject(error);
    });
    socket.bind({ port, address: host, exclusive: true }, () => {
      socket.removeAllListeners('error');
      resolve();
    });
  });
}

type Send = (bytes: Buffer, flow: Flow, onError?: () => void) => void;

function udpFlow(address: string, port: number, sentBy: string, send: Send): Flow {
  const flow: Flow = {
    transport: 'udp',
    reliable: false,
    address,
    port,
    identity: undefined,
    sentBy,
    closed: false,
    send: (bytes, onError) => send(bytes, flow, onError),
    watch: () => {},
    unwatch: () => {},
  };
  return flow;
}
