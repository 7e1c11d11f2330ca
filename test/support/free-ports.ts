import dgram from 'node:dgram';

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
