/**
 * Packet indices of one SSRC (RFC 3711 section 3.3.1 and 3.3.2): the 48-bit index behind a 16-bit sequence number, and a
 * window of 64 that refuses replays.
 */
export interface IndexWindow {
  /** Highest index so far; -1 before the first packet. */
  highest: number;
  /** Bit k of `low` = index `highest - k` was seen; `high` holds k = 32 to 63. */
  low: number;
  high: number;
}

export const newIndexWindow = (): IndexWindow => ({ highest: -1, low: 0, high: 0 });

const cycle = 0x10000;

/** The index nearest to the highest one that ends in `sequence`. */
export function guessIndex(window: IndexWindow, sequence: number): number {
  if (window.highest < 0) return sequence;
  const same = window.highest - (window.highest % cycle) + sequence;
  if (same - window.highest > cycle / 2) return same >= cycle ? same - cycle : same;
  return window.highest - same > cycle / 2 ? same + cycle : same;
}

/** Whether the index was seen already, or is too old to tell. */
export function isReplay(window: IndexWindow, index: number): boolean {
  const age = window.highest - index;
  if (window.highest < 0 || age < 0) return false;
  if (age >= 64) return true;
  return (((age < 32 ? window.low : window.high) >>> (age % 32)) & 1) === 1;
}

/** Marks an authentic index as seen. */
export function markSeen(window: IndexWindow, index: number): void {
  const step = window.highest < 0 ? 64 : index - window.highest;
  if (step <= 0) {
    if (step > -32) window.low |= 1 << -step;
    else if (step > -64) window.high |= 1 << (-step - 32);
    return;
  }
  if (step < 32) {
    window.high = (window.high << step) | (window.low >>> (32 - step));
    window.low = (window.low << step) | 1;
  } else {
    window.high = step < 64 ? window.low << (step - 32) : 0;
    window.low = 1;
  }
  window.highest = index;
}
