/** SIP over TCP (RFC 3261 section 18): listener, outgoing connections, and one flow for each. */
import { connect, createServer, type Server, type Socket } from 'node:net';
import { systemClock } from '../../../../server/kernel/clock.ts';
import { limits } from '../limits.ts';
import { createWatchers, type Flow, plainAddress, type TransportSink } from './flow.ts';
import { createStreamFramer } from './stream-framer.ts';

export interface TcpTransport {
  /** The port in use. @throws the bind error */
  start(port: number): Promise<number>;
  close(): Promise<void>;
  /** The open connection to the address, or a new one; what is sent before it opens waits for it. */
  flowTo(address: string, port: number): Flow;
}

export interface TcpOptions {
  readonly host: string;
  readonly sink: TransportSink;
  readonly sentBy: () => string;
}

const pong = Buffer.from('\r\n');
const keyOf = (address: string, port: number): string => `${address} ${port}`;

export function createTcpTransport(options: TcpOptions): TcpTransport {
  const { host, sink, sentBy } = options;
  const flows = new Map<string, { flow: Flow; socket: Socket }>();
  let server: Server | undefined;

  const adopt = (socket: Socket, address: string, port: number): Flow => {
    const key = keyOf(address, port);
    const flow = tcpFlow({ socket, address, port, sentBy: sentBy(), sink });
    flows.set(key, { flow, socket });
    socket.once('close', () => {
      if (flows.get(key)?.socket === socket) flows.delete(key);
    });
    return flow;
  };

  return {
    async start(port) {
      const opened = createServer((socket) =>
        adopt(socket, plainAddress(socket.remoteAddress), socket.remotePort ?? 0),
      );
      opened.maxConnections = limits.tcpConnections;
      await listen(opened, port, host);
      server = opened;
      const bound = opened.address();
      return typeof bound === 'object' && bound !== null ? bound.port : port;
    },
    async close() {
      const closing = server;
      server = undefined;
      const closed = closing && new Promise<void>((resolve) => closing.close(() => resolve()));
      // half-closed first, so that what was written still leaves; then cut
      for (const { socket } of flows.values()) {
        socket.destroySoon();
        // real time even in tests: a peer that does not read must not keep close() waiting
        systemClock.after(limits.closeDrainMs, () => socket.destroy());
      }
      await closed;
    },
    flowTo(address, port) {
      const open = flows.get(keyOf(address, port));
      if (open && !open.flow.closed) return open.flow;
      return adopt(connect({ host: address, port }), address, port);
    },
  };
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host, exclusive: true }, () => {
      server.off('error', reject);
      // a failed accept concerns one peer
      server.on('error', () => {});
      resolve();
    });
  });
}

interface TcpFlowOptions {
  readonly socket: Socket;
  readonly address: string;
  readonly port: number;
  readonly sentBy: string;
  readonly sink: TransportSink;
}

function tcpFlow({ socket, address, port, sentBy, sink }: TcpFlowOptions): Flow {
  const watchers = createWatchers();
  let closed = false;
  const flow: Flow = {
    transport: 'tcp',
    reliable: true,
    address,
    port,
    identity: undefined,
    sentBy,
    get closed() {
      return closed;
    },
    send(bytes, onError) {
      if (closed) {
        onError?.();
        return;
      }
      sink.sending(bytes, flow);
      socket.write(bytes);
      if (socket.writableLength > limits.sendBacklogBytes) socket.destroy();
    },
    watch: watchers.add,
    unwatch: watchers.delete,
  };
  const framer = createStreamFramer({
    message: (bytes) => sink.received(bytes, flow),
    ping: () => socket.write(pong),
    broken: (reason) => {
      sink.malformed(flow, reason);
      socket.destroy();
    },
  });
  socket.setNoDelay(true);
  socket.on('data', (chunk: Buffer) => framer.push(chunk));
  // the close that follows tells everybody
  socket.on('error', () => {});
  socket.setTimeout(limits.tcpIdleMs, () => {
    if (watchers.size === 0) socket.destroySoon();
  });
  socket.once('close', () => {
    closed = true;
    watchers.close(flow);
  });
  return flow;
}
