import type { AdapterState } from '../message-channel.ts';

/** A value in memory with a durable copy. */
export interface StateCell<T> {
  /** Changed in place; `save` makes it durable. */
  value: T;
  load(): Promise<void>;
  /** Resolves when everything in `value` now is stored. Changes that come while a write is on its way share the next one. */
  save(): Promise<void>;
}

/** @param first what the value is before anything was stored */
export function createStateCell<T>(state: AdapterState, key: string, first: T): StateCell<T> {
  let lastWrite: Promise<void> = Promise.resolve();
  let waiting: Promise<void> | null = null;

  const cell: StateCell<T> = {
    value: first,
    async load() {
      cell.value = (await state.get<T>(key)) ?? first;
    },
    save() {
      if (waiting !== null) return waiting;
      const write = lastWrite.then(() => {
        waiting = null;
        return state.set(key, cell.value);
      });
      waiting = write;
      // whoever asked for this write hears of its failure; the next one is another attempt
      lastWrite = write.catch(() => undefined);
      return write;
    },
  };
  return cell;
}
