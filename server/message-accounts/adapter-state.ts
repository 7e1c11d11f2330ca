import { and, eq } from 'drizzle-orm';
import type { AdapterState } from '../../channels/message-channel.ts';
import type { Executor } from '../../db/client.ts';
import { channelState } from '../../db/schema/index.ts';
import type { AccountId } from '../kernel/ids.ts';

/** Of one key, as JSON. */
const valueBytes = 65_536;

/** An adapter's memory in the table `channel_state`. */
export function createAdapterState({ orm }: Executor, accountId: AccountId): AdapterState {
  const rowOf = (key: string) => and(eq(channelState.accountId, accountId), eq(channelState.key, key));
  return {
    async get<T>(key: string) {
      const [row] = await orm.select({ value: channelState.value }).from(channelState).where(rowOf(key));
      return (row?.value ?? null) as T | null;
    },
    async set(key, value) {
      if (value === null || value === undefined) {
        await orm.delete(channelState).where(rowOf(key));
        return;
      }
      const size = Buffer.byteLength(JSON.stringify(value));
      if (size > valueBytes) throw new RangeError(`the state "${key}" has ${size} bytes, more than ${valueBytes}`);
      await orm
        .insert(channelState)
        .values({ accountId, key, value })
        .onConflictDoUpdate({ target: [channelState.accountId, channelState.key], set: { value } });
    },
  };
}

/** A memory that is gone with its adapter: for trying an account. */
export function createPassingState(): AdapterState {
  const values = new Map<string, unknown>();
  return {
    get: async <T>(key: string) => (values.get(key) ?? null) as T | null,
    set: async (key, value) => void values.set(key, value),
  };
}
