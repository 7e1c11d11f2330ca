import { backend } from './protocol.ts';

/** Who listens on which channel: the backend is one, so every notification comes out of whoever runs a statement. */
export interface Notifications {
  listen(channel: string, listener: (notification: Buffer) => void): void;
  /** Forgets the listener on one channel, or on all. */
  unlisten(listener: (notification: Buffer) => void, channel?: string): void;
  /** Takes notifications out of an answer and hands them to those who listen. Returns the rest. */
  route(answer: readonly Buffer[]): readonly Buffer[];
}

export function createNotifications(): Notifications {
  const channels = new Map<string, Set<(notification: Buffer) => void>>();
  return {
    listen(channel, listener) {
      const listeners = channels.get(channel) ?? new Set();
      listeners.add(listener);
      channels.set(channel, listeners);
    },
    unlisten(listener, only) {
      for (const [channel, listeners] of channels) {
        if (only !== undefined && only !== channel) continue;
        listeners.delete(listener);
        if (listeners.size === 0) channels.delete(channel);
      }
    },
    route(answer) {
      if (channels.size === 0) return answer;
      return withoutMessages(answer, backend.notification, (notification) => {
        for (const listener of channels.get(channelOf(notification)) ?? []) listener(notification);
      });
    },
  };
}

/** type, length, process id, channel, payload: the names end with a zero byte. */
function channelOf(notification: Buffer): string {
  const start = 9;
  return notification.toString('utf8', start, notification.indexOf(0, start));
}

/** The answer without messages of one type, each of which goes to `taken`. */
export function withoutMessages(
  answer: readonly Buffer[],
  type: number,
  taken: (message: Buffer) => void = () => {},
): readonly Buffer[] {
  const bytes = answer.length === 1 && answer[0] ? answer[0] : Buffer.concat(answer);
  const kept: Buffer[] = [];
  let from = 0;
  for (let at = 0; at + 5 <= bytes.length; ) {
    const end = at + 1 + bytes.readUInt32BE(at + 1);
    if (bytes[at] === type) {
      if (at > from) kept.push(bytes.subarray(from, at));
      taken(bytes.subarray(at, end));
      from = end;
    }
    at = end;
  }
  if (from < bytes.length) kept.push(bytes.subarray(from));
  return kept;
}

const identifier = String.raw`(?:"(?<quoted>(?:[^"]|"")+)"|(?<plain>[\p{L}_][\p{L}\p{N}_$]*))`;
const listenStatement = new RegExp(String.raw`^\s*listen\s+${identifier}\s*;?\s*$`, 'iu');
const unlistenStatement = new RegExp(String.raw`^\s*unlisten\s+(?:\*|${identifier})\s*;?\s*$`, 'iu');

/** Reads a LISTEN or UNLISTEN statement; no channel means all. Anything else gives undefined. */
export function readListen(sql: string): { action: 'listen' | 'unlisten'; channel: string | undefined } | undefined {
  const listen = listenStatement.exec(sql);
  const found = listen ?? unlistenStatement.exec(sql);
  if (!found) return undefined;
  const { quoted, plain } = found.groups ?? {};
  return { action: listen ? 'listen' : 'unlisten', channel: quoted?.replaceAll('""', '"') ?? plain?.toLowerCase() };
}
