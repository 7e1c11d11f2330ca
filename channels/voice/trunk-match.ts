import { BlockList, isIPv6 } from 'node:net';
import type { TrunkSettings } from '../channel.ts';

/** Finds the carrier that a request's source address belongs to; the first trunk that lists it wins. */
export type FindTrunk = (address: string) => TrunkSettings | undefined;

/** IPv4 in IPv6 clothes (::ffff:192.0.2.1) is that IPv4 address. */
const plain = (address: string): string => address.replace(/^::ffff:/i, '');

/**
 * Compiles the trunks' address lists ("192.0.2.1", "192.0.2.0/24", "2001:db8::/32").
 * @throws Error naming the trunk whose list holds something else
 */
export function compileTrunks(trunks: readonly TrunkSettings[]): FindTrunk {
  const compiled = trunks.map((trunk) => ({ trunk, list: compileList(trunk) }));
  return (address) => {
    const ip = plain(address);
    const family = isIPv6(ip) ? 'ipv6' : 'ipv4';
    return compiled.find(({ list }) => list.check(ip, family))?.trunk;
  };
}

function compileList(trunk: TrunkSettings): BlockList {
  const list = new BlockList();
  for (const entry of trunk.addresses) {
    const [address = '', prefix] = entry.split('/');
    const family = isIPv6(address) ? 'ipv6' : 'ipv4';
    try {
      if (prefix === undefined) list.addAddress(address, family);
      else list.addSubnet(address, Number(prefix), family);
    } catch (cause) {
      throw new Error(`trunk "${trunk.name}": "${entry}" is not an address or a network`, { cause });
    }
  }
  return list;
}
