import type { AdapterState } from '../../../channels/message-channel.ts';

/** Durable memory of an adapter that survives a crash of the adapter only. Values go through JSON, as in the database. */
export interface MemoryState extends AdapterState {
  /** Largest value that was ever set, characters of JSON. */
  largest(): number;
  /** While it is true, nothing can be stored. */
  isDown: boolean;
}

export function createMemoryState(): MemoryState {
  const values = new Map<string, string>();
  let largest = 0;
  const state: MemoryState = {
    isDown: false,
    largest: () => largest,
    async get<T>(key: string) {
      const json = values.get(key);
      return json === undefined ? null : (JSON.parse(json) as T);
    },
    async set(key, value) {
      if (state.isDown) throw new Error('the database is down');
      const json = JSON.stringify(value);
      largest = Math.max(largest, json.length);
      values.set(key, json);
    },
  };
  return state;
}
