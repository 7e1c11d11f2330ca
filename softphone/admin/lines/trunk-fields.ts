import type { SetupTrunk } from '../../../server/contract/setup-schemas.ts';

/** A carrier as its form holds it: the addresses are lines of a text, and the password is empty unless it is replaced. */
export interface TrunkFields
  extends Pick<SetupTrunk, 'name' | 'host' | 'port' | 'transport' | 'username' | 'numberFormat'> {
  readonly addresses: string;
  readonly password: string;
}

export const addressesText = (addresses: readonly string[]): string => addresses.join('\n');

/** Addresses as people separate them: by lines, spaces, commas or semicolons; each once. */
export const addressesOf = (text: string): string[] => [...new Set(text.split(/[\s,;]+/).filter((one) => one !== ''))];

/** Changed fields as the API takes them. */
export function trunkBody({ addresses, password, ...rest }: Partial<TrunkFields>) {
  return {
    ...rest,
    ...(addresses === undefined ? {} : { addresses: addressesOf(addresses) }),
    ...(password === undefined || password === '' ? {} : { password }),
  };
}
