const days = (count: number): number => count * 24 * 3600 * 1000;

/** Bounds of the lists that a workspace shows. */
export const timelineLimits = {
  /** A missed call older than this is no longer owed an answer; it stays on the timeline. */
  owedMs: days(30),
  /** Longest list of owed clients; the count is not cut. */
  owed: 200,
} as const;
