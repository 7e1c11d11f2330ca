/**
 * Matches messages to transactions (RFC 3261 sections 17.1.3 and 17.2.3) with one map look-up each, and finds merged
 * requests (section 8.2.2.2).
 */
import type { Clock } from '../../../../server/kernel/clock.ts';
import { type Body, buildResponse, type RequestHead } from '../message/build.ts';
import type { SipRequest, SipResponse } from '../message/message.ts';
import { newBranch, newTag } from '../message/tokens.ts';
import { branchCookie } from '../message/via.ts';
import type { Flow } from '../transport/flow.ts';
import type { ClientHandlers } from './client.ts';
import { InviteClientTransaction } from './invite-client.ts';
import { InviteServerTransaction } from './invite-server.ts';
import { NonInviteClientTransaction } from './non-invite-client.ts';
import { NonInviteServerTransaction } from './non-invite-server.ts';
import { createTiming, type Timing } from './timing.ts';

export type ServerTransaction = InviteServerTransaction | NonInviteServerTransaction;

/** The transaction user (RFC 3261 section 5): the core above. */
export interface TransactionUser {
  invite(request: SipRequest, transaction: InviteServerTransaction, flow: Flow): void;
  /** Any other request but ACK and CANCEL. */
  request(request: SipRequest, transaction: NonInviteServerTransaction, flow: Flow): void;
  /** The ACK of a 2xx. */
  ack(request: SipRequest, flow: Flow): void;
}

/** A request to send: all but its Via. */
export type NewRequest = Omit<RequestHead, 'via'>;

export interface TransactionLayer {
  readonly timing: Timing;
  receive(message: SipRequest | SipResponse, flow: Flow): void;
  sendInvite(
    flow: Flow,
    request: NewRequest,
    body: Body | undefined,
    handlers: ClientHandlers,
  ): InviteClientTransaction;
  send(flow: Flow, request: NewRequest, body: Body | undefined, handlers: ClientHandlers): NonInviteClientTransaction;
  /** Top Via of a request outside any transaction: the ACK of a 2xx. */
  newVia(flow: Flow): string;
  /** Transactions whose final response is still to be decided by us. */
  readonly openServers: number;
  readonly servers: number;
  readonly clients: number;
  /** Whether the request repeats one that has a transaction. */
  knows(request: SipRequest): boolean;
  /** Where the response to a request goes that gets no transaction. */
  responseFlow(request: SipRequest, flow: Flow): Flow;
}

export interface TransactionLayerOptions {
  readonly clock: Clock;
  readonly user: TransactionUser;
  readonly udpFlow: (address: string, port: number) => Flow;
}

const transportNames = { udp: 'UDP', tcp: 'TCP', ws: 'WS' } as const;
const nobody: ClientHandlers = { response: () => {}, timeout: () => {}, transportError: () => {} };

/** Same for a request and its repetitions; for peers of RFC 2543, who send no unique branch, by section 17.2.3's rule. */
function serverKey(request: SipRequest, method: string): string {
  const { via } = request;
  if (via.branch.startsWith(branchCookie) && via.branch.length > branchCookie.length) {
    return `${via.branch} ${via.host}:${via.port} ${method}`;
  }
  return `2543 ${request.callId} ${request.fromTag} ${request.cseq} ${via.host}:${via.port} ${method}`;
}

/** What stays the same when a proxy sends one request on two paths; undefined inside dialogs. */
const mergeKeyOf = (request: SipRequest): string | undefined =>
  request.toTag === '' ? `${request.callId} ${request.fromTag} ${request.cseq} ${request.method}` : undefined;

const clientKey = (branch: string, method: string): string => `${branch} ${method}`;

export function createTransactionLayer({ clock, user, udpFlow }: TransactionLayerOptions): TransactionLayer {
  const timing = createTiming(clock);
  const servers = new Map<string, ServerTransaction>();
  const clients = new Map<string, InviteClientTransaction | NonInviteClientTransaction>();
  /** Call-ID, From tag, CSeq and method of requests outside dialogs -> key of the transaction that came first. */
  const firstArrivals = new Map<string, string>();
  let openServers = 0;

  const removed = ({ key, mergeKey }: ServerTransaction): void => {
    servers.delete(key);
    if (mergeKey !== undefined) firstArrivals.delete(mergeKey);
  };
  const decided = (): void => {
    openServers--;
  };
  const removeClient = ({ key }: { key: string }): void => void clients.delete(key);

  /** RFC 3261 section 18.2.2, RFC 3581 section 4: without rport, UDP answers go to the port of the Via. */
  const responseFlow = (request: SipRequest, flow: Flow): Flow => {
    if (flow.transport !== 'udp' || request.via.rport !== undefined) return flow;
    const port = request.via.port || 5060;
    return port === flow.port ? flow : udpFlow(flow.address, port);
  };

  /** True for a request that came before on another path. */
  const isMerged = (mergeKey: string | undefined, key: string): boolean => {
    if (mergeKey === undefined) return false;
    const first = firstArrivals.get(mergeKey);
    if (first === undefined) firstArrivals.set(mergeKey, key);
    return first !== undefined && first !== key;
  };

  const openNonInvite = (
    request: SipRequest,
    key: string,
    flow: Flow,
    mergeKey?: string,
  ): NonInviteServerTransaction => {
    const { method } = request;
    const transaction = new NonInviteServerTransaction({ method, key, mergeKey, flow, timing, decided, removed });
    openServers++;
    servers.set(key, transaction);
    return transaction;
  };

  /** RFC 3261 section 9.2. */
  const receiveCancel = (request: SipRequest, key: string, flow: Flow): void => {
    const transaction = openNonInvite(request, key, flow);
    const invite = servers.get(serverKey(request, 'INVITE'));
    if (!(invite instanceof InviteServerTransaction)) {
      transaction.respond(481, buildResponse(request, 481, { localTag: newTag() }));
      return;
    }
    transaction.respond(200, buildResponse(request, 200, { localTag: invite.localTag }));
    if (invite.state === 'proceeding') invite.events.cancelled?.(request);
  };

  const receiveAck = (request: SipRequest, flow: Flow): void => {
    const invite = servers.get(serverKey(request, 'INVITE'));
    if (invite instanceof InviteServerTransaction && invite.acknowledged()) return;
    user.ack(request, flow);
  };

  const receiveRequest = (request: SipRequest, flow: Flow): void => {
    const { method } = request;
    if (method === 'ACK') {
      receiveAck(request, flow);
      return;
    }
    const key = serverKey(request, method);
    const known = servers.get(key);
    if (known) {
      known.repeated();
      return;
    }
    const target = responseFlow(request, flow);
    if (method === 'CANCEL') {
      receiveCancel(request, key, target);
      return;
    }
    const mergeKey = mergeKeyOf(request);
    if (isMerged(mergeKey, key)) {
      target.send(buildResponse(request, 482, { localTag: newTag() }));
    } else if (method === 'INVITE') {
      const transaction = new InviteServerTransaction({ key, mergeKey, flow: target, timing, decided, removed });
      openServers++;
      servers.set(key, transaction);
      user.invite(request, transaction, flow);
    } else {
      user.request(request, openNonInvite(request, key, target, mergeKey), flow);
    }
  };

  const viaOf = (flow: Flow, branch: string): string =>
    `SIP/2.0/${transportNames[flow.transport]} ${flow.sentBy};branch=${branch};rport`;

  const openClient = (
    head: RequestHead,
    branch: string,
    body: Body | undefined,
    flow: Flow,
    handlers: ClientHandlers,
  ) => {
    const key = clientKey(branch, head.method);
    const transaction = new NonInviteClientTransaction({
      key,
      flow,
      head,
      body,
      handlers,
      timing,
      removed: removeClient,
    });
    clients.set(key, transaction);
    transaction.start();
    return transaction;
  };

  return {
    timing,
    receive(message, flow) {
      if (message.kind === 'request') receiveRequest(message, flow);
      // a response that belongs to nobody is dropped (RFC 6026 section 8.9)
      else clients.get(clientKey(message.via.branch, message.cseqMethod))?.receive(message);
    },
    sendInvite(flow, request, body, handlers) {
      const branch = newBranch();
      const key = clientKey(branch, 'INVITE');
      const transaction = new InviteClientTransaction({
        key,
        flow,
        head: { ...request, via: viaOf(flow, branch) },
        body,
        handlers,
        timing,
        sendCancel: (head, cancelFlow) => void openClient(head, branch, undefined, cancelFlow, nobody),
        removed: removeClient,
      });
      clients.set(key, transaction);
      transaction.start();
      return transaction;
    },
    send(flow, request, body, handlers) {
      const branch = newBranch();
      return openClient({ ...request, via: viaOf(flow, branch) }, branch, body, flow, handlers);
    },
    newVia: (flow) => viaOf(flow, newBranch()),
    get openServers() {
      return openServers;
    },
    get servers() {
      return servers.size;
    },
    get clients() {
      return clients.size;
    },
    knows: (request) => servers.has(serverKey(request, request.method)),
    responseFlow,
  };
}
