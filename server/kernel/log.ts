import { type LevelWithSilent, type Logger, pino } from 'pino';

export type Log = Logger;

/** Never in a log line, at any depth that we use. */
const secrets = ['password', 'token', 'cookie', 'authorization', 'secret', 'ha1', 'nonce', 'body', 'sdp'];

/** Of errors of the database: what was to be stored, and rows that were in the way. People's words are none of a log's. */
const ofData = new Set(['params', 'query', 'detail', 'where', 'internalQuery']);
const deepestCause = 5;

interface FailedQuery {
  readonly query: string;
}

/** Whoever builds statements puts the parameters into the message of the error (drizzle-orm's DrizzleQueryError). */
const isFailedQuery = (error: object): error is FailedQuery =>
  'params' in error && 'query' in error && typeof error.query === 'string';

/** An error as it may be logged: the statement, the codes and the places, without data. */
export function errorWithoutData(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error) || depth > deepestCause) return error;
  const { message, stack = '', cause } = error;
  const what = isFailedQuery(error) ? `Failed query: ${error.query.slice(0, 300)}` : message;
  // of a cause only the words are logged: its code goes with them
  const said = depth > 0 && 'code' in error ? `${what} [${String(error.code)}]` : what;
  const kept = Object.entries(error).filter(([name]) => !ofData.has(name) && name !== 'cause');
  return Object.assign(Object.create(Object.getPrototypeOf(error) as object) as Error, Object.fromEntries(kept), {
    message: said,
    stack: stack.replace(message, () => said),
    ...(cause === undefined ? {} : { cause: errorWithoutData(cause, depth + 1) }),
  });
}

/**
 * The process's logger: JSON lines on stdout. A call's lines share a child made once per call with
 * `interactionId`, `callId`, `legId`, `sipCallId`, `trunkId`, `direction`.
 */
export function createLog(level: LevelWithSilent): Log {
  return pino({
    level,
    base: null,
    redact: { paths: [...secrets, ...secrets.map((name) => `*.${name}`), ...secrets.map((name) => `*.*.${name}`)] },
    serializers: { err: (error: unknown) => pino.stdSerializers.err(errorWithoutData(error) as Error) },
    timestamp: pino.stdTimeFunctions.isoTime,
  });
}

export const silentLog: Log = pino({ level: 'silent' });
