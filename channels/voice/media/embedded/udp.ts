import dgram from 'node:dgram';
import { limits } from '../limits.ts';

/** One bound UDP socket. */
export interface UdpSocket {
  readonly port: number;
  /** Sends the first `length` octets. While the kernel does not take packets they are dropped: late audio is worthless. */
  send(packet: Buffer, length: number, port: number, address: string): void;
  /** Idempotent. */
  close(): void;
}

export interface UdpOptions {
  readonly host: string;
  /** 0 = any free one. */
  readonly port: number;
  /** `packet` belongs to the receiver. */
  readonly onPacket: (packet: Buffer, address: string, port: number) => void;
  /** For a socket that many legs share. */
  readonly bufferBytes?: number;
}

/**
 * Where outgoing packets are put together. One buffer serves all legs of a thread, because the kernel copies it inside
 * send(); when a socket has to queue it, the buffer stays with the socket and a fresh one takes its place.
 */
export const outgoing = { packet: Buffer.allocUnsafeSlow(2048) };

/** dgram resolves every address, even a literal one, and defers the send by a tick when the resolver is asynchronous. */
type Lookup = (host: string, options: unknown, done: (error: null, address: string, family: number) => void) => void;
const literalLookup: Lookup = (host, _options, done) => done(null, host, host.includes(':') ? 6 : 4);

const mappedPrefix = '::ffff:';

function wrap(socket: dgram.Socket, ipv6: boolean): UdpSocket {
  let closed = false;
  let congested = false;
  return {
    port: socket.address().port,
    send(packet, length, port, address) {
      // An announced port may be anything; 0 is nowhere.
      if (closed || port < 1 || (congested && socket.getSendQueueCount() > 0)) return;
      const target = ipv6 && !address.includes(':') ? mappedPrefix + address : address;
      socket.send(packet, 0, length, port, target);
      congested = socket.getSendQueueCount() > 0;
      if (congested && packet === outgoing.packet) outgoing.packet = Buffer.allocUnsafeSlow(2048);
    },
    close() {
      if (closed) return;
      closed = true;
      socket.close();
    },
  };
}

/**
 * Binds a socket. A host with a colon makes an IPv6 socket that also serves IPv4 (as mapped addresses, hidden here).
 * @throws the bind error, e.g. EADDRINUSE
 */
export function openUdp(options: UdpOptions): Promise<UdpSocket> {
  const ipv6 = options.host.includes(':');
  const size = options.bufferBytes;
  const socket = dgram.createSocket({
    type: ipv6 ? 'udp6' : 'udp4',
    lookup: literalLookup as unknown as NonNullable<dgram.SocketOptions['lookup']>,
    ...(size ? { recvBufferSize: size, sendBufferSize: size } : {}),
  });
  socket.on('message', (packet, from) => {
    if (packet.length > limits.datagramBytes) return;
    const address = ipv6 && from.address.startsWith(mappedPrefix) ? from.address.slice(7) : from.address;
    options.onPacket(packet, address, from.port);
  });
  return new Promise((resolve, reject) => {
    socket.once('error', (error) => {
      socket.close();
      reject(error);
    });
    socket.bind({ port: options.port, address: options.host, exclusive: true }, () => {
      socket.removeAllListeners('error');
      // ICMP "port unreachable" of a peer that has gone comes up here; the call's signalling decides, not this.
      socket.on('error', () => {});
      resolve(wrap(socket, ipv6));
    });
  });
}
