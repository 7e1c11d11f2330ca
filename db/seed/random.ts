/** A stream of numbers that is the same at every run: demo data and benchmarks must not differ from day to day. */
export interface Random {
  /** A whole number, both ends included. */
  int(min: number, max: number): number;
  /** True with this probability (0-1). */
  chance(probability: number): boolean;
  /** @throws RangeError when the list is empty */
  pick<T>(items: readonly T[]): T;
  /** A UUIDv7 (RFC 9562) of that millisecond. */
  uuid(atMs: number): string;
}

/** Mulberry32: small, fast and even enough for made-up people; not for secrets. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const int = (min: number, max: number): number => min + Math.floor(next() * (max - min + 1));
  const hex = (digits: number): string =>
    int(0, 16 ** digits - 1)
      .toString(16)
      .padStart(digits, '0');
  return {
    int,
    chance: (probability) => next() < probability,
    pick(items) {
      const item = items[int(0, items.length - 1)];
      if (item === undefined) throw new RangeError('nothing to pick from');
      return item;
    },
    uuid(atMs) {
      const time = atMs.toString(16).padStart(12, '0');
      const variant = (8 + int(0, 3)).toString(16);
      return `${time.slice(0, 8)}-${time.slice(8)}-7${hex(3)}-${variant}${hex(3)}-${hex(6)}${hex(6)}`;
    },
  };
}
