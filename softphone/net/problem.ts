import type { Problem } from '../../server/contract/schemas.ts';
import type { ProblemCode } from '../../server/contract/words.ts';

/**
 * `offline`: the request never reached the server, or its answer never came back. `phone_tab_silent`: the tab with the
 * phone does not answer this one.
 */
export type FailureCode = ProblemCode | 'offline' | 'phone_tab_silent';

/** What every failed call throws. The interface words it by `code`; `detail` is for logs and tooltips. */
export class RequestFailure extends Error {
  readonly code: FailureCode;
  readonly status: number;
  readonly problem: Problem | undefined;

  constructor(code: FailureCode, status: number, options: { problem?: Problem; cause?: unknown } = {}) {
    super(options.problem?.detail ?? code, { cause: options.cause });
    this.name = 'RequestFailure';
    this.code = code;
    this.status = status;
    this.problem = options.problem;
  }
}

/** The code of anything that was thrown; an unknown error counts as `internal`. */
export function failureCode(error: unknown): FailureCode {
  return error instanceof RequestFailure ? error.code : 'internal';
}
