import { io, type Socket } from 'socket.io-client';
import type { ServerToClientEvents } from '../../../server/contract/events.ts';
import type { Browser } from './protocol.ts';

/** The agents' workspaces, as far as the server sees them: sockets that receive the pushes. */
export interface Browsers {
  close(): void;
}

/**
 * Connects one socket for each.
 * @param onPop a pop for this caller's number has been received
 * @throws Error when one is refused
 */
export async function openBrowsers(
  url: string,
  browsers: readonly Browser[],
  onPop: (number: string) => void,
): Promise<Browsers> {
  const sockets = await Promise.all(browsers.map((browser) => open(url, browser, onPop)));
  return {
    close() {
      for (const socket of sockets) socket.disconnect();
    },
  };
}

function open(url: string, { login, token }: Browser, onPop: (number: string) => void): Promise<Socket> {
  const socket: Socket<ServerToClientEvents> = io(url, {
    transports: ['websocket'],
    forceNew: true,
    reconnection: false,
    extraHeaders: { cookie: `switchroom=${token}` },
  });
  socket.on('push', (_seq, push) => {
    if (push.type === 'offer') onPop(push.interaction.peer.number);
  });
  return new Promise((resolve, reject) => {
    socket.once('connect', () => resolve(socket));
    socket.once('connect_error', (error) => reject(new Error(`${login} could not connect: ${error.message}`)));
  });
}
