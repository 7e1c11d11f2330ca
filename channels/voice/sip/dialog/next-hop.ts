/** Where a request inside a dialog goes (RFC 3261 sections 12.2.1.1 and 18.1.1, RFC 5626 section 5.3). */
import { isIP } from 'node:net';
import type { StackContext } from '../core/context.ts';
import { bareHost, parseUri } from '../message/uri.ts';
import type { Flow } from '../transport/flow.ts';
import { type DialogState, nextHopUri } from './dialog-state.ts';

const privateAddress =
  /^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|169\.254\.|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|f[cd])/i;

/**
 * An open connection is kept. Over UDP, or when a TCP connection is gone, the first route or the remote target
 * decides; a WebSocket cannot be opened by us, so the peer's new registration is looked for. Null when the peer is
 * out of reach.
 */
export function flowOfDialog(context: StackContext, state: DialogState): Flow | null {
  const { flow } = state;
  if (flow.transport === 'ws') return flow.closed ? rebind(context, state) : flow;
  if (flow.transport === 'tcp' && !flow.closed) return flow;
  const next = parseUri(nextHopUri(state));
  const address = bareHost(next?.host ?? '');
  const behindNat = privateAddress.test(address) && !privateAddress.test(flow.address);
  // a name would need the resolver: the peer is where it was heard last
  if (!next || isIP(address) === 0 || behindNat) return flow.closed ? null : flow;
  const transport = next.parameters.get('transport')?.toLowerCase() === 'tcp' ? 'tcp' : 'udp';
  const port = next.port || 5060;
  const unmoved = flow.transport === transport && flow.address === address && flow.port === port;
  return unmoved && !flow.closed ? flow : context.flowTo(transport, address, port);
}

function rebind(context: StackContext, state: DialogState): Flow | null {
  const connection = context.connectionOf(state.remoteTarget);
  if (connection === undefined) return null;
  state.flow = connection;
  return connection;
}
