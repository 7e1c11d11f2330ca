/** PostgreSQL frontend/backend protocol, version 3 (PostgreSQL documentation, chapter 54): the few messages we read or write ourselves. */

const code = (letter: string): number => letter.charCodeAt(0);

/** Frontend message types. */
export const frontend = {
  parse: code('P'),
  bind: code('B'),
  describe: code('D'),
  close: code('C'),
  sync: code('S'),
  flush: code('H'),
  query: code('Q'),
  copyData: code('d'),
  copyDone: code('c'),
  copyFail: code('f'),
  password: code('p'),
  terminate: code('X'),
} as const;

/** Backend message types. */
export const backend = {
  notification: code('A'),
  copyIn: code('G'),
  parseComplete: code('1'),
  readyForQuery: code('Z'),
} as const;

/** The byte before the name in Describe and Close, when a statement is meant and not a portal. */
export const statementKind = code('S');

/** Request codes in place of a protocol version. */
export const startupCode = { cancel: 80877102, ssl: 80877103, gssEncryption: 80877104 } as const;

/** Transaction status of ReadyForQuery: idle, in a transaction, in a failed one. */
export const status = { idle: code('I'), transaction: code('T') } as const;

/** A message: type, length (which counts itself), body. */
export function message(type: string, body: Uint8Array = new Uint8Array(0)): Buffer {
  const frame = Buffer.allocUnsafe(5 + body.length);
  frame.writeUInt8(code(type), 0);
  frame.writeUInt32BE(4 + body.length, 1);
  frame.set(body, 5);
  return frame;
}

/** Strings, each with its terminating zero byte. */
export const strings = (...values: readonly string[]): Buffer =>
  Buffer.from(values.map((value) => `${value}\0`).join(''));

export const queryMessage = (sql: string): Buffer => message('Q', strings(sql));
export const syncMessage = message('S');
/** Ready, outside a transaction. */
export const readyMessage = message('Z', Buffer.from('I'));

/** An ErrorResponse with a SQLSTATE of PostgreSQL's own list. */
export function errorMessage(severity: 'ERROR' | 'FATAL', sqlState: string, text: string): Buffer {
  return message('E', strings(`S${severity}`, `V${severity}`, `C${sqlState}`, `M${text}`, ''));
}

/** What a server says after it has let a client in. */
export function welcome(parameters: Readonly<Record<string, string>>): Buffer {
  return Buffer.concat([
    message('R', Buffer.alloc(4)),
    ...Object.entries(parameters).map(([name, value]) => message('S', strings(name, value))),
    message('K', Buffer.alloc(8)),
    readyMessage,
  ]);
}
