/** Bounds of the accounts of messages. Durations are milliseconds. */
export const limits = {
  /** First and longest pause before an account that could not be started is tried again; doubled each time. */
  startAgainMs: { first: 1_000, longest: 60_000 },
  /** How often health is looked at: no account tells of itself more often. */
  healthMs: 500,
  /** How often what waits for each account is counted. */
  countMs: 5_000,
  /** How often it is looked whether accounts of another process have become free, and ours are still ours. */
  leaseMs: 2_000,
  /** The table of accounts could not be read after a change: it is read again so much later. */
  readAgainMs: 1_000,
  /** How long a try of an account waits for a word, and how often it looks. */
  tryMs: 20_000,
  tryLookMs: 100,
} as const;
