import type { Problem } from '../contract/schemas.ts';
import { AppError, type ErrorCode } from '../kernel/errors.ts';

/** HTTP status of every code that can leave the house (RFC 9110 section 15). */
export const statusOf = {
  bad_request: 400,
  not_signed_in: 401,
  wrong_credentials: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  stale_version: 409,
  already_taken: 409,
  invalid_number: 422,
  invalid_email: 422,
  no_phone: 409,
  agent_busy: 409,
  illegal_transition: 409,
  too_many_requests: 429,
  too_large: 413,
  overloaded: 503,
  unavailable: 503,
  internal: 500,
} as const satisfies Record<ErrorCode, number>;

const titles: Readonly<Record<ErrorCode, string>> = {
  bad_request: 'The request is not understood',
  not_signed_in: 'Nobody is signed in',
  wrong_credentials: 'Wrong login or password',
  forbidden: 'Not allowed',
  not_found: 'There is no such thing',
  conflict: 'It contradicts the present state',
  stale_version: 'Somebody else changed it meanwhile',
  already_taken: 'Another card has it',
  invalid_number: 'Not a phone number',
  invalid_email: 'Not an e-mail address',
  no_phone: 'No phone is registered',
  agent_busy: 'Busy with another contact',
  illegal_transition: 'Not possible in this state',
  too_many_requests: 'Too many requests',
  too_large: 'Too large',
  overloaded: 'Overloaded, try again',
  unavailable: 'Not available at the moment',
  internal: 'An error on the server',
};

/** Media type of problem details (RFC 9457 section 4.1). */
export const problemType = 'application/problem+json; charset=utf-8';

type FieldErrors = NonNullable<Problem['errors']>;

/** An answer that is ready to be sent. */
export interface ProblemAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** The details of an AppError are members beside the standard ones (RFC 9457 section 3.2). */
  readonly body: Problem & Readonly<Record<string, unknown>>;
  /** The fault is ours: it belongs in the log with its stack. */
  readonly isOurs: boolean;
}

/**
 * Any thrown value as problem details. What is not an AppError and not a client's fault that the web framework found
 * becomes `internal` and tells nothing about itself.
 */
export function toProblem(error: unknown, requestId: string): ProblemAnswer {
  const { code, detail, errors, details } = classify(error);
  const retryAfter = details['retryAfterSeconds'];
  const body = {
    ...details,
    type: 'about:blank',
    title: titles[code],
    status: statusOf[code],
    code,
    detail,
    requestId,
    ...(errors === undefined ? {} : { errors }),
  };
  const headers = typeof retryAfter === 'number' ? { 'retry-after': String(Math.ceil(retryAfter)) } : {};
  return { status: statusOf[code], headers, body, isOurs: code === 'internal' };
}

interface Classified {
  readonly code: ErrorCode;
  readonly detail: string;
  readonly errors?: FieldErrors;
  readonly details: Readonly<Record<string, unknown>>;
}

function classify(error: unknown): Classified {
  if (error instanceof AppError) {
    // our own faults are for the log, not for the reader
    if (error.code === 'internal') return { code: 'internal', detail: '', details: {} };
    return { code: error.code, detail: error.message, details: error.details };
  }
  const { statusCode, validation, validationContext, message } = asFrameworkError(error);
  if (validation !== undefined) {
    const errors = validation.map((fault) => ({
      path: `${validationContext ?? ''}${fault.instancePath ?? ''}`,
      message: fault.message ?? 'is wrong',
    }));
    return { code: 'bad_request', detail: 'some fields are wrong', errors, details: {} };
  }
  if (statusCode === undefined || statusCode < 400 || statusCode >= 500) {
    return { code: statusCode === 503 ? 'unavailable' : 'internal', detail: '', details: {} };
  }
  const code = byStatus[statusCode] ?? 'bad_request';
  return { code, detail: message ?? '', details: {} };
}

const byStatus: Readonly<Record<number, ErrorCode>> = {
  401: 'not_signed_in',
  403: 'forbidden',
  404: 'not_found',
  413: 'too_large',
  429: 'too_many_requests',
};

/** The members of a Fastify error that say whose fault it is. */
interface FrameworkError {
  readonly statusCode?: number;
  readonly message?: string;
  readonly validationContext?: string;
  readonly validation?: readonly { readonly instancePath?: string; readonly message?: string }[];
}

const asFrameworkError = (error: unknown): FrameworkError => (error instanceof Error ? error : {});
