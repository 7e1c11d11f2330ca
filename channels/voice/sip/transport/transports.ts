/** All transports as one: opens and closes them together, and finds or makes the flow to an address. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Clock } from '../../../../server/kernel/clock.ts';
import { uriHost } from '../message/uri.ts';
import type { Flow, TransportSink } from './flow.ts';
import type { ReceiveProbe } from './probe.ts';
import { createTcpTransport } from './tcp.ts';
import { createUdpTransport } from './udp.ts';
import { createWsTransport } from './ws.ts';

export interface Transports {
  /** Opens UDP and TCP on the same port. @throws the bind error */
  start(): Promise<void>;
  close(): Promise<void>;
  readonly port: number;
  /** Our host and port as peers see them. */
  readonly sentBy: string;
  flowTo(transport: 'udp' | 'tcp', address: string, port: number): Flow;
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer, identity: string | undefined): void;
  /** Of the datagrams' queue. Connections hold their peers back by themselves. */
  readonly probe: ReceiveProbe;
}

export interface TransportsOptions {
  readonly clock: Clock;
  readonly host: string;
  readonly publicAddress: string;
  readonly port: number;
  readonly sink: TransportSink;
}

const wildcards = new Set(['0.0.0.0', '::', '']);
/** How often a free TCP port may turn out to be taken on UDP. */
const freePortAttempts = 10;

export function createTransports(options: TransportsOptions): Transports {
  const { clock, host, sink } = options;
  const advertised = uriHost(wildcards.has(host) ? options.publicAddress : host);
  let port = options.port;
  let sentBy = `${advertised}:${port}`;
  const shared = { host, sink, sentBy: () => sentBy };
  const tcp = createTcpTransport(shared);
  const udp = createUdpTransport(shared);
  const ws = createWsTransport({ clock, sink, sentBy: () => sentBy });

  const open = async (): Promise<void> => {
    port = await tcp.start(options.port);
    sentBy = `${advertised}:${port}`;
    try {
      await udp.start(port);
    } catch (error) {
      await tcp.close();
      throw error;
    }
  };

  return {
    async start() {
      const attempts = options.port === 0 ? freePortAttempts : 1;
      for (let attempt = 1; ; attempt++) {
        try {
          return await open();
        } catch (error) {
          if (attempt >= attempts) throw error;
        }
      }
    },
    async close() {
      await Promise.all([udp.close(), tcp.close(), ws.close()]);
    },
    get port() {
      return port;
    },
    get sentBy() {
      return sentBy;
    },
    flowTo: (transport, address, remotePort) =>
      transport === 'tcp' ? tcp.flowTo(address, remotePort) : udp.flowTo(address, remotePort),
    handleUpgrade: ws.handleUpgrade,
    probe: udp.probe,
  };
}
