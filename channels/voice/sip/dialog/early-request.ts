/** Requests inside an early dialog, on either side of it, that have nothing to do with how the INVITE ends. */
import { acceptLine, allExtensionsLine, allowLine, knownMethods } from '../core/capabilities.ts';
import { contactLine, type StackContext } from '../core/context.ts';
import { randomRetryLine, respond } from '../core/respond.ts';
import { sdpOf } from '../message/bodies.ts';
import type { SipRequest } from '../message/message.ts';
import type { ServerTransaction } from '../transaction/layer.ts';
import type { Flow } from '../transport/flow.ts';

export function answerEarlyRequest(
  context: StackContext,
  request: SipRequest,
  transaction: ServerTransaction,
  flow: Flow,
): void {
  const answer = (status: number, headers = ''): void => respond(context, { request, transaction, status, headers });
  switch (request.method) {
    case 'UPDATE':
      // the offer of the INVITE is still open (RFC 3311 section 5.2)
      if (sdpOf(request)) answer(500, randomRetryLine());
      else answer(200, contactLine(flow) + allowLine);
      return;
    case 'OPTIONS':
      answer(200, allowLine + allExtensionsLine + acceptLine);
      return;
    case 'INFO':
      answer(200);
      return;
    case 'INVITE':
      answer(500, randomRetryLine());
      return;
    case 'BYE':
    case 'PRACK':
      answer(481);
      return;
    default:
      answer(knownMethods.has(request.method) ? 405 : 501, allowLine);
  }
}
