import { AppError } from '../server/kernel/errors.ts';

/** Codes of node's network calls and SQLSTATEs of the server -> what to tell the one who starts the program. */
const sentences: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the database refuses the connection: is PostgreSQL running at that host and port?',
  ENOTFOUND: 'the host of DATABASE_URL is not known',
  EAI_AGAIN: 'the host of DATABASE_URL cannot be looked up now',
  ETIMEDOUT: 'the database does not answer',
  ENOENT: 'there is no PostgreSQL socket at the path of DATABASE_URL',
  '28P01': 'the database refuses the user name or password of DATABASE_URL',
  '28000': 'the database does not let this user in from here (pg_hba.conf)',
  '3D000': 'the database named in DATABASE_URL does not exist: create it with createdb',
  '53300': 'the database has no free connection',
  '57P03': 'the database is starting or shutting down',
};

/** Waiting may help: nothing about these is wrong with the address. */
const passing = new Set(['ECONNREFUSED', 'EAI_AGAIN', 'ETIMEDOUT', '53300', '57P03']);

/**
 * What went wrong while connecting, as AppError `unavailable` with one sentence. The driver's error is not kept as the
 * cause: it may hold the connection's parameters.
 */
export function connectionError(error: unknown): AppError {
  const code = codeOf(error);
  const message = error instanceof Error ? error.message : String(error);
  const timedOut = /timeout/i.test(message);
  const sentence = sentences[timedOut ? 'ETIMEDOUT' : code] ?? `the database cannot be used: ${message}`;
  return new AppError('unavailable', sentence, { retryable: timedOut || passing.has(code), details: { code } });
}

/** Several addresses of one name were tried: the first one's error stands for all. */
function codeOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0]);
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}
