/** The way of every message from a transport to its transaction, with all the reasons to stop on it. */
import type { Log } from '../../../../server/kernel/log.ts';
import type { Buckets } from '../guard/buckets.ts';
import type { OverloadWatch } from '../guard/overload.ts';
import { isScanner } from '../guard/scanners.ts';
import { limits } from '../limits.ts';
import { buildResponse, headerLine } from '../message/build.ts';
import { headerOf, type SipRequest } from '../message/message.ts';
import { parseMessage } from '../message/parse.ts';
import { newTag } from '../message/tokens.ts';
import { stampVia } from '../message/via.ts';
import type { TransactionLayer } from '../transaction/layer.ts';
import type { Flow } from '../transport/flow.ts';

export interface InboundOptions {
  readonly log: Log;
  readonly buckets: Buckets;
  readonly overload: OverloadWatch;
  readonly transactions: TransactionLayer;
  /** A message that could not be read. */
  readonly malformed: (flow: Flow, reason: string) => void;
}

export type Inbound = (bytes: Buffer, flow: Flow) => void;

export function createInbound({ log, buckets, overload, transactions, malformed }: InboundOptions): Inbound {
  const answerStateless = (
    request: SipRequest,
    flow: Flow,
    status: number,
    reason?: string,
    headers?: string,
  ): void => {
    if (request.method === 'ACK') return;
    transactions
      .responseFlow(request, flow)
      .send(buildResponse(request, status, { reason, headers, localTag: newTag() }));
  };

  /** True when the request is not to be looked at further. */
  const stopped = (request: SipRequest, flow: Flow): boolean => {
    if (request.toTag !== '' || request.method === 'ACK' || request.method === 'CANCEL') return false;
    if (flow.identity === undefined && isScanner(headerOf(request, 'user-agent'))) return true;
    // a repetition of what was accepted before finds its transaction, whatever the load
    if (!overload.overloaded || transactions.knows(request)) return false;
    overload.refuse();
    answerStateless(request, flow, 503, undefined, headerLine('Retry-After', limits.retryAfterSeconds));
    return true;
  };

  const receive: Inbound = (bytes, flow) => {
    if (!buckets.admit(flow.address)) return;
    const result = parseMessage(bytes);
    if (result.kind === 'drop') {
      malformed(flow, result.reason);
      return;
    }
    const message = result.kind === 'message' ? result.message : result.request;
    if (message.kind === 'request') {
      const at = message.names.indexOf('via');
      message.values[at] = stampVia(message.values[at] ?? '', message.via, flow.address, flow.port);
    }
    if (result.kind === 'refuse') {
      malformed(flow, result.reason);
      answerStateless(result.request, flow, result.status, result.reason);
      return;
    }
    if (message.kind === 'request' && stopped(message, flow)) return;
    transactions.receive(message, flow);
  };

  return (bytes, flow) => {
    try {
      receive(bytes, flow);
    } catch (error) {
      // whatever one message breaks, the next one is served
      log.error({ err: error, transport: flow.transport, address: flow.address }, 'SIP message failed');
    }
  };
}
