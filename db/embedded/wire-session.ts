import type { Socket } from 'node:net';
import type { Backend, BackendClient, Batch } from './backend.ts';
import * as limits from './limits.ts';
import { createMessageReader, type MessageReader, ProtocolError } from './message-reader.ts';
import { type Notifications, readListen, withoutMessages } from './notifications.ts';
import {
  backend as backendCode,
  errorMessage,
  frontend,
  message,
  queryMessage,
  startupCode,
  strings,
} from './protocol.ts';
import type { PreparedStatements } from './statement-names.ts';

export interface WireSessionOptions {
  readonly socket: Socket;
  /** Unique among the sessions of this engine. */
  readonly id: number;
  readonly backend: Backend;
  readonly statements: PreparedStatements;
  readonly notifications: Notifications;
  /** Sent when the client is let in. */
  readonly welcome: Buffer;
  /** Asked for when the socket can be reached by other users of the machine. */
  readonly password: string | undefined;
  onClose(session: WireSession): void;
}

export interface WireSession {
  /** Ends the session when it has overstayed a limit; called every few seconds. */
  sweep(): void;
  /** Hangs up; a transaction is rolled back. Idempotent. */
  close(): void;
}

/**
 * One client of the embedded engine: a PostgreSQL connection on our side of the socket. Its messages are collected up
 * to Sync (or a simple query) and run as one batch, so that batches of different sessions never mix.
 *
 *     startup -> password? -> messages <-> copy
 */
export function createWireSession(options: WireSessionOptions): WireSession {
  const { socket, backend, notifications } = options;
  const startedAt = performance.now();
  const names = options.statements.session(`${options.id.toString(36)}_`);
  const batches: Batch[] = [];
  let phase: 'startup' | 'password' | 'messages' | 'copy' | 'closed' = 'startup';
  let collected: Buffer[] = [];
  let heldBytes = 0;
  /** CopyInResponse has been sent by us; the engine's own is taken out of its answer. */
  let copyAnswered = false;

  const reader: MessageReader = createMessageReader(
    () => (phase === 'startup' ? 4 : 5),
    () => (phase === 'startup' || phase === 'password' ? limits.maxStartupBytes : limits.maxMessageBytes),
  );

  const client: BackendClient = {
    next() {
      const batch = batches.shift();
      if (batch) heldBytes -= batch.bytes.length;
      return batch;
    },
    hasNext: () => batches.length > 0,
    deliver(answer) {
      names.answered(answer);
      let pieces = notifications.route(answer);
      if (copyAnswered) {
        pieces = withoutMessages(pieces, backendCode.copyIn);
        copyAnswered = false;
      }
      send(pieces);
    },
  };

  /** One packet, however many pieces. */
  const send = (pieces: readonly Buffer[]): void => {
    if (socket.destroyed) return;
    if (pieces.length === 1 && pieces[0]) socket.write(pieces[0]);
    else {
      socket.cork();
      for (const piece of pieces) socket.write(piece);
      socket.uncork();
    }
    if (socket.writableLength > limits.maxBatchBytes) close();
  };
  const notify = (notification: Buffer): void => send([notification]);

  const startup = (packet: Buffer): void => {
    const code = packet.length >= 8 ? packet.readUInt32BE(4) : 0;
    if (code === startupCode.ssl || code === startupCode.gssEncryption) send([Buffer.from('N')]);
    // One statement at a time, run to its end: there is nothing that could be cancelled.
    else if (code === startupCode.cancel) close();
    else if (code >>> 16 !== 3) throw new ProtocolError('0A000', 'protocol version 3 only');
    else if (options.password === undefined) letIn();
    else {
      phase = 'password';
      send([cleartextPassword]);
    }
  };

  const letIn = (): void => {
    phase = 'messages';
    send([options.welcome]);
  };

  const checkPassword = (packet: Buffer): void => {
    const given = packet.toString('utf8', 5, packet.length - 1);
    if (packet[0] !== frontend.password || given !== options.password) {
      throw new ProtocolError('28P01', 'password authentication failed');
    }
    letIn();
  };

  const collect = (packet: Buffer): void => {
    collected.push(packet);
    heldBytes += packet.length;
    if (heldBytes > limits.maxBatchBytes)
      throw new ProtocolError('54000', 'too much data before the end of a statement');
  };

  const runCollected = (endsReady: boolean): void => {
    const bytes = inOnePiece(collected);
    collected = [];
    batches.push({ bytes, endsReady });
    backend.wake(client);
  };

  const query = (packet: Buffer): void => {
    const sql = packet.toString('utf8', 5, packet.length - 1);
    if (copyAlone.test(sql)) {
      // The engine reads all of it at once, so it is told when the data is complete.
      phase = 'copy';
      collect(packet);
      send([copyInResponse]);
      return;
    }
    collect(copyAnywhere.test(sql) ? queryMessage(refusedCopy) : listening(sql, packet));
    runCollected(true);
  };

  /** Notes who listens to what. Others may still listen on the engine's one connection, so it never stops. */
  const listening = (sql: string, packet: Buffer): Buffer => {
    const statement = readListen(sql);
    if (statement?.action === 'listen' && statement.channel) notifications.listen(statement.channel, notify);
    if (statement?.action !== 'unlisten') return packet;
    notifications.unlisten(notify, statement.channel);
    return queryMessage('');
  };

  const copy = (packet: Buffer): void => {
    collect(packet);
    if (packet[0] !== frontend.copyDone && packet[0] !== frontend.copyFail) return;
    phase = 'messages';
    copyAnswered = true;
    runCollected(true);
  };

  const extended = (packet: Buffer): void => {
    collect(names.rename(withoutCopy(packet)));
    if (packet[0] === frontend.sync) runCollected(true);
    else if (packet[0] === frontend.flush) runCollected(false);
  };

  const receive = (packet: Buffer): void => {
    if (phase === 'startup') startup(packet);
    else if (phase === 'password') checkPassword(packet);
    else if (packet[0] === frontend.terminate) close();
    else if (phase === 'copy') copy(packet);
    else if (packet[0] === frontend.query) query(packet);
    else extended(packet);
  };

  const close = (): void => {
    if (phase === 'closed') return;
    phase = 'closed';
    batches.length = 0;
    notifications.unlisten(notify);
    backend.drop(client);
    const forget = names.closeAll();
    if (forget) backend.wake(oneBatch(forget));
    socket.destroy();
    options.onClose(session);
  };

  const refuse = (error: unknown): void => {
    const known = error instanceof ProtocolError ? error : new ProtocolError('XX000', String(error));
    if (!socket.destroyed) socket.end(errorMessage('FATAL', known.sqlState, known.message));
    close();
  };

  socket.setNoDelay(true);
  socket.on('error', close);
  socket.on('close', close);
  socket.on('data', (chunk) => {
    try {
      reader.push(chunk as Buffer);
      for (let packet = reader.read(); packet && phase !== 'closed'; packet = reader.read()) receive(packet);
    } catch (error) {
      refuse(error);
    }
  });

  const session: WireSession = {
    close,
    sweep() {
      if (phase === 'startup' || phase === 'password') {
        if (performance.now() - startedAt > limits.startupMs) close();
      } else if (backend.idlesInTransaction(client, limits.idleInTransactionMs)) {
        refuse(new ProtocolError('25P03', 'terminating connection due to idle-in-transaction timeout'));
      }
    },
  };
  return session;
}

/** AuthenticationCleartextPassword. */
const cleartextPassword = message('R', Buffer.from([0, 0, 0, 3]));
/** Text format, and no word about columns: no client of ours looks. */
const copyInResponse = message('G', Buffer.from([0, 0, 0]));
/**
 * COPY as a statement of its own can be collected; among others, or prepared, it would make the engine wait for data
 * that cannot come while it waits, and hang.
 */
const copyAlone = /^\s*copy\b[^;]*\bfrom\s+stdin\b[^;]*;?\s*$/i;
const copyAnywhere = /\bcopy\b[^;]*\bfrom\s+stdin\b/i;
const refusedCopy =
  "do $$begin raise feature_not_supported using message = 'COPY FROM STDIN must be a simple query of its own'; end$$";

/** A Parse message (name, query, types) of COPY FROM STDIN becomes one of the refusal; others stay as they are. */
function withoutCopy(packet: Buffer): Buffer {
  if (packet[0] !== frontend.parse) return packet;
  const nameEnd = packet.indexOf(0, 5);
  const sql = packet.toString('utf8', nameEnd + 1, packet.indexOf(0, nameEnd + 1));
  if (!copyAnywhere.test(sql)) return packet;
  return message('P', Buffer.concat([strings(packet.toString('utf8', 5, nameEnd), refusedCopy), Buffer.alloc(2)]));
}

/** A client of the backend for one batch whose answer nobody wants. */
function oneBatch(bytes: Buffer): BackendClient {
  const batches: Batch[] = [{ bytes, endsReady: true }];
  return { next: () => batches.shift(), hasNext: () => batches.length > 0, deliver: () => {} };
}

/** Joins messages; those that came in one piece of the wire are not copied. */
function inOnePiece(messages: readonly Buffer[]): Buffer {
  const first = messages[0];
  const last = messages.at(-1);
  if (!first || !last || first === last) return first ?? Buffer.alloc(0);
  const length = messages.reduce((sum, { length }) => sum + length, 0);
  const adjacent = messages.every(({ buffer }) => buffer === first.buffer);
  if (adjacent && last.byteOffset + last.length - first.byteOffset === length) {
    return Buffer.from(first.buffer, first.byteOffset, length);
  }
  return Buffer.concat(messages, length);
}
