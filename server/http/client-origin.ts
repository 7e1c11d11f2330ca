import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';
import { TLSSocket } from 'node:tls';

/** Who sent a request and from which page: read the same way for HTTP requests and for upgrades. */
export interface ClientOrigin {
  /** Whether a proxy's X-Forwarded-* headers are believed. */
  trusts(address: string): boolean;
  /** Address of the client: the nearest one that is not a trusted proxy. */
  address(request: IncomingMessage): string;
  /** Whether the browser came by https. */
  isSecure(request: IncomingMessage): boolean;
  /** Whether the request was made on this machine and passed no proxy. */
  isLocal(request: IncomingMessage): boolean;
  /** Why a request that changes something, or an upgrade, must be refused; null = it may go on. */
  refusal(request: IncomingMessage): 'foreign_origin' | 'unknown_host' | null;
}

export interface ClientOriginOptions {
  /** Addresses and networks of trusted proxies. */
  readonly trustProxy: readonly string[];
  readonly publicUrl: string | undefined;
  /** Address that the server listens on. */
  readonly host: string;
}

export function createClientOrigin({ trustProxy, publicUrl, host }: ClientOriginOptions): ClientOrigin {
  const proxies = blockList(trustProxy);
  const publicOrigin = publicUrl === undefined ? undefined : new URL(publicUrl);
  const listensLocally = isLoopback(host) || host === 'localhost';

  const trusts = (address: string): boolean => isIn(proxies, address);
  const peer = (request: IncomingMessage): string => request.socket.remoteAddress ?? '';

  function address(request: IncomingMessage): string {
    let nearest = peer(request);
    for (const hop of forwardedFor(request).reverse()) {
      if (!trusts(nearest) || isIP(hop) === 0) break;
      nearest = hop;
    }
    return nearest;
  }

  /** The host that the browser asked for, with its port. */
  function hostOf(request: IncomingMessage): string {
    const forwarded = trusts(peer(request)) ? one(request.headers['x-forwarded-host']) : undefined;
    return (forwarded ?? request.headers.host ?? '').toLowerCase();
  }

  function isSecure(request: IncomingMessage): boolean {
    if (request.socket instanceof TLSSocket) return true;
    if (trusts(peer(request)) && one(request.headers['x-forwarded-proto']) === 'https') return true;
    return publicOrigin?.protocol === 'https:' && publicOrigin.host === hostOf(request);
  }

  /**
   * A page of a foreign site may point its own name at 127.0.0.1 and then counts as same-origin (DNS rebinding). A
   * server that listens on loopback answers to names that nobody else can own: addresses and localhost.
   */
  function isKnownHost(host: string): boolean {
    if (!listensLocally || host === publicOrigin?.host) return true;
    const name = URL.parse(`http://${host}`)?.hostname ?? '';
    return name === 'localhost' || name.endsWith('.localhost') || isIP(name.replace(/^\[(.*)\]$/, '$1')) !== 0;
  }

  return {
    trusts,
    address,
    isSecure,
    isLocal(request) {
      const wasForwarded = request.headers['forwarded'] !== undefined || forwardedFor(request).length > 0;
      return isLoopback(address(request)) && (!wasForwarded || trusts(peer(request)));
    },
    refusal(request) {
      const asked = hostOf(request);
      if (!isKnownHost(asked)) return 'unknown_host';
      const site = one(request.headers['sec-fetch-site']);
      // same-site is another host of the same domain: not ours
      if (site !== undefined && site !== 'same-origin' && site !== 'none') return 'foreign_origin';
      const { origin } = request.headers;
      if (origin === undefined || origin === publicOrigin?.origin) return null;
      return URL.parse(origin)?.host === asked ? null : 'foreign_origin';
    },
  };
}

function blockList(entries: readonly string[]): BlockList {
  const blocks = new BlockList();
  for (const entry of entries) {
    const [address = '', prefix] = entry.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (prefix === undefined) blocks.addAddress(address, family);
    else blocks.addSubnet(address, Number(prefix), family);
  }
  return blocks;
}

function isIn(blocks: BlockList, address: string): boolean {
  // a dual-stack socket shows IPv4 peers as ::ffff:a.b.c.d, which BlockList matches against IPv4 rules itself
  const family = isIP(address);
  return family !== 0 && blocks.check(address, family === 6 ? 'ipv6' : 'ipv4');
}

const loopback = blockList(['127.0.0.0/8', '::1']);

/** Whether an address is this machine's own. */
export const isLoopback = (address: string): boolean => isIn(loopback, address);

function forwardedFor(request: IncomingMessage): string[] {
  const header = request.headers['x-forwarded-for'];
  const text = Array.isArray(header) ? header.join(',') : (header ?? '');
  return text === '' ? [] : text.split(',', 32).map((hop) => hop.trim());
}

/** The first value of a header that ought to come once. */
function one(header: string | string[] | undefined): string | undefined {
  const text = Array.isArray(header) ? header[0] : header;
  return text?.split(',', 1)[0]?.trim() || undefined;
}
