import { maxStatements } from './limits.ts';
import { ProtocolError } from './message-reader.ts';
import { frontend, message, statementKind, strings, syncMessage } from './protocol.ts';

/** Keeps the named statements of one session apart from those of the others on the same backend. */
export interface StatementNames {
  /** The message with the session's prefix before the statement's name, or as it is when it names none. */
  rename(packet: Buffer): Buffer;
  /** Messages that make the backend forget them all, up to Sync; undefined when there are none. */
  closeAll(): Buffer | undefined;
}

export function createStatementNames(prefix: string): StatementNames {
  const names = new Set<string>();
  return {
    rename(packet) {
      const at = nameOffset(packet);
      if (at === undefined || packet[at] === 0) return packet;
      if (packet[0] === frontend.parse) {
        names.add(packet.toString('utf8', at, packet.indexOf(0, at)));
        if (names.size > maxStatements) throw new ProtocolError('54000', 'too many named statements');
      }
      return insert(packet, at, prefix);
    },
    closeAll() {
      if (names.size === 0) return undefined;
      const closes = [...names].map((name) => message('C', strings(`S${prefix}${name}`)));
      names.clear();
      return Buffer.concat([...closes, syncMessage]);
    },
  };
}

/** Where the name of a prepared statement stands, in messages that carry one. */
function nameOffset(packet: Buffer): number | undefined {
  switch (packet[0]) {
    case frontend.parse:
      return 5;
    case frontend.bind:
      return packet.indexOf(0, 5) + 1;
    case frontend.describe:
    case frontend.close:
      return packet[5] === statementKind ? 6 : undefined;
    default:
      return undefined;
  }
}

/** The packet with `text` (ASCII) put in at `at`, and its length put right. */
function insert(packet: Buffer, at: number, text: string): Buffer {
  const longer = Buffer.allocUnsafe(packet.length + text.length);
  packet.copy(longer, 0, 0, at);
  longer.write(text, at, 'latin1');
  packet.copy(longer, at + text.length, at);
  longer.writeUInt32BE(longer.length - 1, 1);
  return longer;
}
