import { randomBytes } from 'node:crypto';
import { limits } from '../../limits.ts';
import { bindingError, bindingSuccess, hasIntegrity, parseStun, stunTypes } from './stun.ts';

/** RFC 8445 section 5.3: what a peer must know to send us a valid check. */
export interface IceCredentials {
  readonly ufrag: string;
  readonly pwd: string;
}

const iceChars = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const iceString = (length: number): string =>
  [...randomBytes(length)].map((octet) => iceChars.charAt(octet & 63)).join('');

/** 48 and 144 bits of randomness; RFC 8445 asks for 24 and 128. */
export const newCredentials = (): IceCredentials => ({ ufrag: iceString(8), pwd: iceString(24) });

/** A leg as the shared port sees it. */
export interface IceAgent {
  /** A valid check came from there. */
  checked(address: string, port: number, nominated: boolean, ufrag: string): void;
  /** A datagram other than STUN from an address that a check has proved. */
  received(packet: Buffer): void;
}

/**
 * Who is who on a shared port, for an ICE-lite agent (RFC 8445 section 2.5): legs by the user fragment of a check, and
 * from the first valid check on by the address it came from. Strangers get no answer at all.
 */
export interface IceRegistry {
  add(credentials: IceCredentials, agent: IceAgent): void;
  /** Forgets a user fragment: after a restart has been completed. */
  dropCredentials(ufrag: string): void;
  /** Forgets the agent with its credentials and addresses. */
  remove(agent: IceAgent): void;
  /** A datagram that looks like STUN; returns what to answer. */
  check(packet: Buffer, address: string, port: number): Buffer | null;
  /** The leg whose address this is. */
  agentAt(address: string, port: number): IceAgent | undefined;
}

export function createIceRegistry(): IceRegistry {
  const byUfrag = new Map<string, { readonly pwd: string; readonly agent: IceAgent }>();
  const byAddress = new Map<string, IceAgent>();
  /** Proved addresses of each leg, oldest first. */
  const addresses = new Map<IceAgent, Set<string>>();

  const keyOf = (address: string, port: number): string => `${address}|${port}`;

  function prove(agent: IceAgent, key: string): void {
    const previous = byAddress.get(key);
    if (previous === agent) return;
    if (previous) addresses.get(previous)?.delete(key);
    const own = addresses.get(agent) ?? new Set();
    addresses.set(agent, own);
    const [oldest] = own;
    if (own.size >= limits.iceAddressesPerLeg && oldest !== undefined) {
      own.delete(oldest);
      byAddress.delete(oldest);
    }
    own.add(key);
    byAddress.set(key, agent);
  }

  return {
    add(credentials, agent) {
      byUfrag.set(credentials.ufrag, { pwd: credentials.pwd, agent });
    },
    dropCredentials(ufrag) {
      byUfrag.delete(ufrag);
    },
    remove(agent) {
      for (const [ufrag, entry] of byUfrag) if (entry.agent === agent) byUfrag.delete(ufrag);
      for (const key of addresses.get(agent) ?? []) byAddress.delete(key);
      addresses.delete(agent);
    },
    check(packet, address, port) {
      const request = parseStun(packet);
      if (request?.type !== stunTypes.bindingRequest) return null;
      const ufrag = request.username?.split(':')[0] ?? '';
      const entry = byUfrag.get(ufrag);
      if (!entry || !hasIntegrity(packet, request, entry.pwd)) return null;
      if (request.unknown.length > 0) return bindingError(request, 420, entry.pwd);
      // A lite agent is always controlled; a peer that claims the same has to change its mind (RFC 8445 section 7.3.1.1).
      if (request.controlled) return bindingError(request, 487, entry.pwd);
      prove(entry.agent, keyOf(address, port));
      entry.agent.checked(address, port, request.useCandidate, ufrag);
      return bindingSuccess(request, address, port, entry.pwd);
    },
    agentAt: (address, port) => byAddress.get(keyOf(address, port)),
  };
}
