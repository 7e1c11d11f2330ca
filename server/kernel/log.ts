import { type LevelWithSilent, type Logger, pino } from 'pino';

export type Log = Logger;

/** Never in a log line, at any depth that we use. */
const secrets = ['password', 'token', 'cookie', 'authorization', 'secret', 'ha1', 'nonce', 'body', 'sdp'];

/**
 * The process's logger: JSON lines on stdout. A call's lines share a child made once per call with
 * `interactionId`, `callId`, `legId`, `sipCallId`, `trunkId`, `direction`.
 */
export function createLog(level: LevelWithSilent): Log {
  return pino({
    level,
    base: null,
    redact: { paths: [...secrets, ...secrets.map((name) => `*.${name}`), ...secrets.map((name) => `*.*.${name}`)] },
    timestamp: pino.stdTimeFunctions.isoTime,
  });
}

export const silentLog: Log = pino({ level: 'silent' });
