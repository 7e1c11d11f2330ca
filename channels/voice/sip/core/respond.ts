/** Answers a request through its transaction, with our tag and name. */
import { type Body, buildResponse } from '../message/build.ts';
import type { SipRequest } from '../message/message.ts';
import type { ServerTransaction } from '../transaction/layer.ts';
import type { StackContext } from './context.ts';

export interface Answer {
  readonly request: SipRequest;
  readonly transaction: ServerTransaction;
  readonly status: number;
  readonly reason?: string | undefined;
  /** Complete header lines. */
  readonly headers?: string;
  readonly body?: Body | undefined;
  /** For requests without a To tag. */
  readonly localTag?: string;
}

export function respond(context: Pick<StackContext, 'serverLine'>, answer: Answer): void {
  const { request, transaction, status, reason, localTag, body } = answer;
  const headers = (answer.headers ?? '') + context.serverLine;
  transaction.respond(status, buildResponse(request, status, { reason, localTag, headers, body }));
}

/** Retry-After of a collision inside a dialog: a random 0-10 s (RFC 3261 section 14.2, RFC 3311 section 5.2). */
export const randomRetryLine = (): string => `Retry-After: ${Math.floor(Math.random() * 11)}\r\n`;

export const sdpBody = (bytes: Buffer): Body => ({ contentType: 'application/sdp', bytes });
