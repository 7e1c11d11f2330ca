import { and, asc, eq, sql } from 'drizzle-orm';
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

/**
 * Replaces one secret by what the provider gave for it.
 * @returns whether it was still the one that is replaced
 */
export async function replaceSecret(
  { orm }: Executor,
  id: AccountId,
  { name, from, to }: { readonly name: string; readonly from: string; readonly to: string },
): Promise<boolean> {
  const { secrets } = channelAccounts;
  const changed = await orm
    .update(channelAccounts)
    .set({ secrets: sql`${secrets} || ${JSON.stringify({ [name]: to })}::jsonb` })
    .where(and(eq(channelAccounts.id, id), sql`${secrets}->>${name} = ${from}`))
    .returning({ id: channelAccounts.id });
  return changed.length > 0;
}

/** Differs when an adapter made of one is none for the other. Holds secrets: only compared. */
export const fingerprintOf = ({ kind, name, settings, secrets, addresses }: StoredAccount): string =>
  JSON.stringify([kind, name, settings, secrets, addresses]);
