/**
 * Every code that can leave the house. Adapters turn vendor errors into these where they occur; one table maps
 * them to HTTP (server/http/problem.ts) and one to SIP (channels/voice).
 */
export type ErrorCode =
  | 'bad_request'
  | 'not_signed_in'
  | 'wrong_credentials'
  | 'forbidden'
  | 'not_found'
  | 'conflict'
  | 'stale_version'
  | 'already_taken'
  | 'invalid_number'
  | 'invalid_email'
  | 'no_phone'
  | 'agent_busy'
  | 'illegal_transition'
  | 'too_many_requests'
  | 'too_large'
  | 'overloaded'
  | 'unavailable'
  | 'internal';

export interface AppErrorOptions {
  cause?: unknown;
  /** May the same request succeed later without a change? */
  retryable?: boolean;
  /** Facts for the reader of the answer; never secrets. */
  details?: Readonly<Record<string, unknown>>;
}

/** An expected failure with a code that callers may rely on. The message is for people who read logs, in English. */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly retryable: boolean;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: string, options: AppErrorOptions = {}) {
    super(message, { cause: options.cause });
    this.name = 'AppError';
    this.code = code;
    this.retryable = options.retryable ?? false;
    this.details = options.details ?? {};
  }
}
