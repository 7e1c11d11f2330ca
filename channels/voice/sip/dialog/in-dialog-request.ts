/** Sends requests inside a dialog, answers their challenges, and writes ACKs. */
import type { DigestClient } from '../auth/digest-client.ts';
import type { StackContext } from '../core/context.ts';
import { limits } from '../limits.ts';
import { type Body, buildRequest } from '../message/build.ts';
import type { SipResponse } from '../message/message.ts';
import type { ClientHandlers } from '../transaction/client.ts';
import type { Flow } from '../transport/flow.ts';
import { type DialogState, dialogRequest, requestTarget } from './dialog-state.ts';
import { flowOfDialog } from './next-hop.ts';

export interface InDialogRequest {
  readonly method: string;
  /** Header lines besides the dialog's own and the credentials. */
  readonly headers?: (flow: Flow) => string;
  readonly body?: Body | undefined;
}

/** What became of a request: its final response, or none. */
export type Outcome =
  | { readonly kind: 'response'; readonly response: SipResponse }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'unreachable' };

export interface RequestSender {
  readonly context: StackContext;
  readonly state: DialogState;
  readonly credentials: DigestClient | undefined;
}

const isChallenge = (status: number): boolean => status === 401 || status === 407;

/**
 * Sends and reports once. A challenge is answered when there are credentials. For INVITE, `repeated` gets the
 * repetitions of the 2xx.
 */
export function sendInDialog(
  sender: RequestSender,
  request: InDialogRequest,
  done: (outcome: Outcome) => void,
  repeated: (response: SipResponse) => void = () => {},
): void {
  const { context, state, credentials } = sender;
  const { method, body } = request;
  let attempts = 0;

  const attempt = (): void => {
    const flow = flowOfDialog(context, state);
    if (flow === null) {
      queueMicrotask(() => done({ kind: 'unreachable' }));
      return;
    }
    attempts++;
    const cseq = ++state.localSequence;
    const authorization = credentials?.authorize(method, requestTarget(state).uri) ?? '';
    const headers = (request.headers?.(flow) ?? '') + authorization + context.userAgentLine;
    const head = dialogRequest(state, method, cseq, headers);
    let decided = false;
    const handlers: ClientHandlers = {
      response(response) {
        if (response.status < 200) return;
        if (decided) {
          repeated(response);
          return;
        }
        decided = true;
        const again = isChallenge(response.status) && attempts < limits.attemptsPerRequest;
        if (again && credentials?.challenged(response)) attempt();
        else done({ kind: 'response', response });
      },
      timeout: () => done({ kind: 'timeout' }),
      transportError: () => done({ kind: 'unreachable' }),
    };
    if (method === 'INVITE') context.transactions.sendInvite(flow, head, body, handlers);
    else context.transactions.send(flow, head, body, handlers);
  };
  attempt();
}

/** Sends the ACK of a 2xx and returns a function that sends it again (RFC 3261 section 13.2.2.4). */
export function acknowledge(sender: RequestSender, cseq: number): () => void {
  const { context, state, credentials } = sender;
  const flow = flowOfDialog(context, state);
  if (flow === null) return () => {};
  const authorization = credentials?.authorize('ACK', requestTarget(state).uri) ?? '';
  const head = dialogRequest(state, 'ACK', cseq, authorization);
  const bytes = buildRequest({ ...head, via: context.transactions.newVia(flow) });
  const send = (): void => flow.send(bytes);
  send();
  return send;
}
