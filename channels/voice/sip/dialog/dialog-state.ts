/** What RFC 3261 section 12 calls the dialog state, and the requests that it shapes. */
import type { RequestHead } from '../message/build.ts';
import { addressUri, parseAddress, withoutTag } from '../message/headers.ts';
import { hasToken, headerOf, listOf, type SipMessage, type SipRequest, type SipResponse } from '../message/message.ts';
import { parseUri } from '../message/uri.ts';
import type { Flow } from '../transport/flow.ts';

export interface DialogState {
  readonly callId: string;
  readonly localTag: string;
  readonly remoteTag: string;
  /** Our side of From and To, without tag. */
  readonly localAddress: string;
  readonly remoteAddress: string;
  localSequence: number;
  /** -1 until the peer has sent a request. */
  remoteSequence: number;
  /** URI of the peer's Contact. */
  remoteTarget: string;
  readonly routeSet: readonly string[];
  /** Where the peer was last heard; follows it to a new connection. */
  flow: Flow;
  /** By the peer's last Allow (RFC 3311). */
  peerAllowsUpdate: boolean;
}

const allowsUpdate = (message: SipMessage): boolean => hasToken(message, 'allow', 'update');

const contactUriOf = (message: SipMessage): string => addressUri(headerOf(message, 'contact') ?? '') ?? '';

/** Section 12.1.1: the request's Record-Route in its order. */
export function stateOfInvite(request: SipRequest, localTag: string, flow: Flow): DialogState {
  return {
    callId: request.callId,
    localTag,
    remoteTag: request.fromTag,
    localAddress: headerOf(request, 'to') ?? '',
    remoteAddress: withoutTag(headerOf(request, 'from') ?? ''),
    localSequence: 0,
    remoteSequence: request.cseq,
    remoteTarget: contactUriOf(request) || (addressUri(headerOf(request, 'from') ?? '') ?? ''),
    routeSet: listOf(request, 'record-route'),
    flow,
    peerAllowsUpdate: allowsUpdate(request),
  };
}

/** Section 12.1.2: the response's Record-Route reversed. `sent` is the INVITE that it answers. */
export function stateOfResponse(response: SipResponse, sent: SentInvite): DialogState {
  return {
    callId: response.callId,
    localTag: sent.localTag,
    remoteTag: response.toTag,
    localAddress: sent.localAddress,
    remoteAddress: sent.remoteAddress,
    localSequence: response.cseq,
    remoteSequence: -1,
    remoteTarget: contactUriOf(response) || sent.uri,
    routeSet: listOf(response, 'record-route').reverse(),
    flow: sent.flow,
    peerAllowsUpdate: allowsUpdate(response),
  };
}

export interface SentInvite {
  readonly uri: string;
  readonly localTag: string;
  readonly localAddress: string;
  readonly remoteAddress: string;
  readonly flow: Flow;
}

/** A re-INVITE, an UPDATE, or a 2xx to one, moves the remote target (section 12.2.1.2 and 12.2.2). */
export function refreshTarget(state: DialogState, message: SipMessage): void {
  const contactUri = contactUriOf(message);
  if (contactUri !== '') state.remoteTarget = contactUri;
  if (headerOf(message, 'allow') !== undefined) state.peerAllowsUpdate = allowsUpdate(message);
}

/** Whether the message belongs to this dialog, once its local tag has been matched. */
export const belongsTo = (state: DialogState, request: SipRequest): boolean =>
  state.callId === request.callId && state.remoteTag === request.fromTag;

/**
 * Section 12.2.2: false for a request older than the last one, which is answered 500; otherwise remembers it and
 * follows the peer to the connection it came on (RFC 5626 section 5.3).
 */
export function acceptSequence(state: DialogState, request: SipRequest, flow: Flow): boolean {
  if (request.cseq <= state.remoteSequence) return false;
  state.remoteSequence = request.cseq;
  if (flow.reliable) state.flow = flow;
  return true;
}

/** First URI of the route set, or the remote target: what decides where the request goes. */
export const nextHopUri = (state: DialogState): string => addressUri(state.routeSet[0] ?? '') ?? state.remoteTarget;

/** Request-URI and Route by section 12.2.1.1; a first route without `lr` is a strict router and takes the Request-URI. */
export function requestTarget(state: DialogState): { uri: string; routes: readonly string[] } {
  const [first, ...rest] = state.routeSet;
  const firstUri = first === undefined ? null : (parseAddress(first)?.uri ?? null);
  if (firstUri === null) return { uri: state.remoteTarget, routes: [] };
  if (parseUri(firstUri)?.parameters.has('lr')) return { uri: state.remoteTarget, routes: state.routeSet };
  return { uri: firstUri, routes: [...rest, `<${state.remoteTarget}>`] };
}

/** A request inside the dialog, all but its Via. */
export function dialogRequest(
  state: DialogState,
  method: string,
  cseq: number,
  headers: string,
): Omit<RequestHead, 'via'> {
  const { uri, routes } = requestTarget(state);
  return {
    method,
    uri,
    routes,
    from: `${state.localAddress};tag=${state.localTag}`,
    to: state.remoteTag === '' ? state.remoteAddress : `${state.remoteAddress};tag=${state.remoteTag}`,
    callId: state.callId,
    cseq,
    headers,
  };
}
