import { asc } from 'drizzle-orm';
import type { Executor } from '../../db/client.ts';
import { channelAccounts, channelAddresses } from '../../db/schema/index.ts';
import type { AccountKind } from '../contract/messages-words.ts';
import type { AccountId, AddressId } from '../kernel/ids.ts';

/** An account as its adapter needs it, secrets and all: never handed to anybody else. */
export interface StoredAccount {
  readonly id: AccountId;
  readonly kind: AccountKind;
  readonly name: string;
  readonly enabled: boolean;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly secrets: Readonly<Record<string, string>>;
  /** The default first. */
  readonly addresses: readonly { readonly id: AddressId; readonly value: string; readonly name: string }[];
}

/** Every account of the table. */
export async function readAccounts({ orm }: Executor): Promise<StoredAccount[]> {
  const rows = await orm.select().from(channelAccounts).orderBy(asc(channelAccounts.id));
  const addresses = await orm.select().from(channelAddresses).orderBy(asc(channelAddresses.id));
  const inOrder = addresses.toSorted((one, other) => Number(other.isDefault) - Number(one.isDefault));
  return rows.map(({ id, kind, name, enabled, settings, secrets }) => ({
    id,
    kind,
    name,
    enabled,
    settings,
    secrets,
    addresses: inOrder
      .filter((address) => address.accountId === id)
      .map(({ id, value, name }) => ({ id, value, name })),
  }));
}

/** Differs when an adapter made of one is none for the other. Holds secrets: only compared. */
export const fingerprintOf = ({ kind, name, settings, secrets, addresses }: StoredAccount): string =>
  JSON.stringify([kind, name, settings, secrets, addresses]);
