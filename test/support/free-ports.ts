import dgram from 'node:dgram';
import { createServer } from 'node:net';

function bind(port: number): Promise<dgram.Socket | null> {
  const socket = dgram.createSocket('udp4');
  return new Promise((resolve) => {
    socket.once('error', () => {
      socket.close();
      resolve(null);
    });
    socket.bind({ port, address: '127.0.0.1', exclusive: true }, () => resolve(socket));
  });
}

/** The first port of `count` consecutive free UDP ports of 127.0.0.1, beginning with an even one. */
export async function findFreeUdpPorts(count: number): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const first = 20_000 + 2 * Math.floor(Math.random() * 5_000);
    const sockets = await Promise.all(Array.from({ length: count }, (_, i) => bind(first + i)));
    await Promise.all(sockets.map((socket) => socket && new Promise<void>((done) => socket.close(() => done()))));
    if (sockets.every((socket) => socket !== null)) return first;
  }
  throw new Error(`no ${count} consecutive free UDP ports`);
}

function isFreeForTcp(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}

const given = new Set<number>();

/**
 * A port of 127.0.0.1 that is free for UDP and TCP, and is given to nobody else who does not ask for this very one: below those that
 * the system hands out. For a server that comes back to its port after a while: a client that goes on trying a port from that
 * range while nobody listens there may in the end be given it himself, and be connected to himself. Never the same one twice.
 */
export async function findLastingPort(): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const port = 30_000 + Math.floor(Math.random() * 2_700);
    const socket = given.has(port) ? null : await bind(port);
    if (socket === null) continue;
    await new Promise<void>((done) => socket.close(() => done()));
    if (!(await isFreeForTcp(port))) continue;
    given.add(port);
    return port;
  }
  throw new Error('no free port');
}
