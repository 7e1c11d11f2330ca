/** What goes wrong before a message can be understood; the connection ends. */
export class ProtocolError extends Error {
  /** SQLSTATE. */
  readonly sqlState: string;

  constructor(sqlState: string, message: string) {
    super(message);
    this.sqlState = sqlState;
  }
}

/** Cuts a byte stream into protocol messages. */
export interface MessageReader {
  push(chunk: Buffer): void;
  /** The next whole message with its header, or undefined. A view of what came in, not a copy. */
  read(): Buffer | undefined;
}

/** Length of a message's header: the startup packet has no type byte, every later message has one. */
export type HeaderBytes = 4 | 5;

/**
 * @param header asked before every message, because the first one looks different
 * @param maxBytes asked likewise: the longest message allowed now
 */
export function createMessageReader(header: () => HeaderBytes, maxBytes: () => number): MessageReader {
  let chunks: Buffer[] = [];
  let available = 0;
  /** Bytes that the next message has; its header when that is not known yet. */
  let wanted = 0;

  /** The first `wanted` bytes in one piece. Chunks are joined once a message, not once a chunk. */
  const joined = (): Buffer => {
    const [first] = chunks;
    if (first && (chunks.length === 1 || first.length >= wanted)) return first;
    const all = Buffer.concat(chunks);
    chunks = [all];
    return all;
  };

  return {
    push(chunk) {
      chunks.push(chunk);
      available += chunk.length;
    },
    read() {
      const headerBytes = header();
      if (wanted === 0) {
        if (available < headerBytes) return undefined;
        wanted = headerBytes;
        const length = joined().readUInt32BE(headerBytes - 4);
        if (length < 4) throw new ProtocolError('08P01', `invalid message length ${length}`);
        wanted = headerBytes - 4 + length;
        if (wanted > maxBytes()) throw new ProtocolError('54000', `message of ${wanted} bytes is too long`);
      }
      if (available < wanted) return undefined;
      const buffer = joined();
      const message = buffer.subarray(0, wanted);
      const rest = buffer.subarray(wanted);
      if (rest.length > 0) chunks[0] = rest;
      else chunks.shift();
      available -= wanted;
      wanted = 0;
      return message;
    },
  };
}
