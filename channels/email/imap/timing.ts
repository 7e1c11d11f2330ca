/** Times of the follower, milliseconds. */
export interface ImapTiming {
  /** The server is asked besides IDLE, which is a hint and no promise. */
  readonly pollMs: number;
  /** One command without an answer, then the connection is given up: a frozen server keeps it open for ever. */
  readonly commandMs: number;
  /** IDLE is begun anew (RFC 2177: at least every 29 minutes). */
  readonly idleMs: number;
  readonly connectMs: number;
  /** Before the next connection: doubled from the first to the second, less up to a half. */
  readonly backOffMs: readonly [number, number];
  /** After a refused password or token: trying again locks accounts. */
  readonly refusedMs: number;
  /** After the house did not take a mail. */
  readonly houseMs: readonly [number, number];
}

export const imapTiming: ImapTiming = {
  pollMs: 60_000,
  commandMs: 30_000,
  idleMs: 300_000,
  connectMs: 20_000,
  backOffMs: [1_000, 60_000],
  refusedMs: 900_000,
  houseMs: [1_000, 30_000],
};

/** @param failures so far, from 1 @param random 0 to 1 */
export function backOff([first, most]: readonly [number, number], failures: number, random: number): number {
  return Math.min(most, first * 2 ** Math.min(failures - 1, 16)) * (0.5 + random / 2);
}
