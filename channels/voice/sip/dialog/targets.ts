/** Turns what is to be called into Request-URIs and the flows to send them on. */
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { StackContext } from '../core/context.ts';
import { addressUri } from '../message/headers.ts';
import { bareHost, parseUri } from '../message/uri.ts';
import type { Binding } from '../registrar/bindings.ts';
import type { InviteTarget } from '../stack.ts';
import type { Flow } from '../transport/flow.ts';

export interface Target {
  readonly uri: string;
  readonly flow: Flow;
  readonly routes: readonly string[];
}

/** What is to be called cannot be: a status for `failed`. */
export interface NoTarget {
  readonly status: number;
  readonly reason: string;
}

interface Hop {
  readonly transport: 'udp' | 'tcp';
  readonly host: string;
  readonly port: number;
}

/** Null for a tel: URI and other schemes, which have no host of their own. */
function hopOf(text: string): Hop | null {
  const uri = parseUri(text);
  if (!uri || uri.host === '') return null;
  const transport = uri.parameters.get('transport')?.toLowerCase() === 'tcp' ? 'tcp' : 'udp';
  return { transport, host: bareHost(uri.host), port: uri.port || 5060 };
}

/** A binding is reached on its own connection, or over the edge proxy of its Path (RFC 3327 section 5.3). */
export function targetOfBinding(context: StackContext, binding: Binding): Target | null {
  const firstPath = binding.path[0];
  if (firstPath === undefined || binding.flow.reliable) {
    return { uri: binding.contactUri, flow: binding.flow, routes: binding.path };
  }
  const hop = hopOf(addressUri(firstPath) ?? '');
  if (!hop || isIP(hop.host) === 0) return null;
  return { uri: binding.contactUri, flow: context.flowTo(hop.transport, hop.host, hop.port), routes: binding.path };
}

/**
 * One URI. Names are looked up in the DNS for their first address only (RFC 3263's NAPTR and SRV are not followed);
 * then the result is a promise. Addresses need no wait.
 */
export function targetOfUri(
  context: StackContext,
  target: InviteTarget & { readonly uri: string },
): Target | NoTarget | Promise<Target | NoTarget> {
  const { uri, nextHop } = target;
  if (nextHop?.transport === 'ws') return { status: 480, reason: 'A WebSocket cannot be opened from here' };
  const hop: Hop | null = nextHop
    ? {
        transport: nextHop.transport === 'tcp' ? 'tcp' : 'udp',
        host: bareHost(nextHop.address),
        port: nextHop.port || 5060,
      }
    : hopOf(uri);
  if (!hop || !parseUri(uri)) return { status: 416, reason: 'No way to this URI' };
  const at = (address: string): Target => ({ uri, flow: context.flowTo(hop.transport, address, hop.port), routes: [] });
  if (isIP(hop.host) !== 0) return at(hop.host);
  // an IPv4 socket has no way to an IPv6 address
  const family = context.localHost().startsWith('[') ? 0 : 4;
  return lookup(hop.host, { family }).then(
    ({ address }) => at(address),
    () => ({ status: 503, reason: 'The name of the next hop is not known' }),
  );
}
