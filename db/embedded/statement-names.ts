import { maxStatements } from './limits.ts';
import { ProtocolError } from './message-reader.ts';
import { backend, frontend, message, statementKind, strings, syncMessage } from './protocol.ts';

/**
 * Statements that the one backend knows, by their text: a second session that prepares the same one gets the same.
 * Otherwise every connection of a pool would have it analysed and planned anew, six times until its plan stays.
 */
export interface PreparedStatements {
  /** Keeps the named statements of one session apart from those of the others. @param prefix unique, ASCII */
  session(prefix: string): StatementNames;
}

/** The named statements of one session. */
export interface StatementNames {
  /** The message with the backend's name of the statement, or as it is when it names none. */
  rename(packet: Buffer): Buffer;
  /** The answer to the messages up to here has come: only what the backend has accepted is shared. */
  answered(answer: readonly Buffer[]): void;
  /** Messages that make the backend forget what only this session had, up to Sync; undefined when there is nothing. */
  closeAll(): Buffer | undefined;
}

interface Prepared {
  /** In the backend. */
  readonly name: string;
  /** Text and parameter types. */
  readonly key: string;
  /** Others may use it. */
  isShared: boolean;
  sessions: number;
}

export function createPreparedStatements(): PreparedStatements {
  const shared = new Map<string, Prepared>();
  return { session: (prefix) => createStatementNames(prefix, shared) };
}

function createStatementNames(prefix: string, shared: Map<string, Prepared>): StatementNames {
  const names = new Map<string, Prepared>();
  /** Sent, not answered yet. */
  let unanswered: Prepared[] = [];

  function parse(packet: Buffer, name: string, at: number): Buffer {
    if (names.size >= maxStatements && !names.has(name)) throw new ProtocolError('54000', 'too many named statements');
    const key = packet.toString('latin1', at + Buffer.byteLength(name) + 1);
    const own = names.get(name);
    const known = own ? undefined : shared.get(key);
    if (known) {
      known.sessions++;
      names.set(name, known);
      return emptyParse;
    }
    // One that has the name already is refused by the backend; one that failed may be another text now.
    const prepared = own?.isShared ? own : { name: own?.name ?? `${prefix}${name}`, key, isShared: false, sessions: 1 };
    names.set(name, prepared);
    unanswered.push(prepared);
    return renamed(packet, at, name, prepared.name);
  }

  /** @returns whether the backend may forget it */
  function release(prepared: Prepared): boolean {
    prepared.sessions--;
    if (prepared.sessions > 0) return false;
    if (shared.get(prepared.key) === prepared) shared.delete(prepared.key);
    return true;
  }

  return {
    rename(packet) {
      const at = nameOffset(packet);
      if (at === undefined || packet[at] === 0) return packet;
      const name = packet.toString('utf8', at, packet.indexOf(0, at));
      if (packet[0] === frontend.parse) return parse(packet, name, at);
      const prepared = names.get(name);
      if (packet[0] === frontend.close && prepared) {
        names.delete(name);
        // The others keep it; closing what there is not is no error.
        if (!release(prepared)) return renamed(packet, at, name, `${prefix}${name}`);
      }
      return renamed(packet, at, name, prepared?.name ?? `${prefix}${name}`);
    },
    answered(answer) {
      const [only, ...others] = unanswered;
      unanswered = [];
      // Of several it would have to be found out which one failed.
      if (!only || others.length > 0 || only.isShared || shared.has(only.key)) return;
      if (answer[0]?.[0] !== backend.parseComplete || names.get(nameIn(only, prefix)) !== only) return;
      only.isShared = true;
      shared.set(only.key, only);
    },
    closeAll() {
      const closes = [...names.values()].filter(release).map(({ name }) => message('C', strings(`S${name}`)));
      names.clear();
      return closes.length === 0 ? undefined : Buffer.concat([...closes, syncMessage]);
    },
  };
}

const nameIn = ({ name }: Prepared, prefix: string): string => name.slice(prefix.length);

/** Answered like any other, by ParseComplete, at no cost; the unnamed statement does not outlive what it is sent with. */
const emptyParse = message('P', Buffer.concat([strings('', ''), Buffer.alloc(2)]));

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

/** The packet with another name at `at`, and its length put right. */
function renamed(packet: Buffer, at: number, from: string, to: string): Buffer {
  const fromBytes = Buffer.byteLength(from);
  const toBytes = Buffer.byteLength(to);
  const other = Buffer.allocUnsafe(packet.length - fromBytes + toBytes);
  packet.copy(other, 0, 0, at);
  other.write(to, at, 'utf8');
  packet.copy(other, at + toBytes, at + fromBytes);
  other.writeUInt32BE(other.length - 1, 1);
  return other;
}
