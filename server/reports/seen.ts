const pageBits = 32 * 256;

/** Sequence numbers that were counted: one bit each, so that a day of a million events is an eighth of a megabyte. */
export interface Seen {
  /** @returns false when it is in there already */
  add(seq: number): boolean;
}

export function createSeen(): Seen {
  const pages = new Map<number, Uint32Array>();
  return {
    add(seq) {
      const number = Math.floor(seq / pageBits);
      const page = pages.get(number) ?? new Uint32Array(pageBits / 32);
      pages.set(number, page);
      const word = Math.floor((seq % pageBits) / 32);
      const bit = 1 << (seq % 32);
      const bits = page[word] ?? 0;
      page[word] = bits | bit;
      return (bits & bit) === 0;
    },
  };
}
