/** Bounds of what people can make this room do. Durations are milliseconds unless the name says otherwise. */
export const limits = {
  /** Password hashes computed at once: each takes 19 MB and 35 ms of a thread; libuv has four threads by default. */
  passwordHashesAtOnce: 2,
  /** Sign-ins that may wait for that: a whole shift that begins at nine. More are told to come back. */
  passwordHashesWaiting: 500,
  /** Largest memory cost that a stored hash may ask for, KiB. */
  passwordMemoryKib: 262_144,
  /** Failed sign-ins a minute, per login and per address. */
  failedSignInsPerMinute: 10,
  /** Logins and addresses whose failures are remembered. */
  failedSignInKeys: 20_000,
  /** Sign-ins that may wait for others of the same login or address to turn out right or wrong. */
  signInsWaiting: 1_000,

  /** A session ends so long after the sign-in, used or not. */
  sessionLifetimeMs: 30 * 24 * 60 * 60_000,
  /** A session that was looked up answers from memory so long. Sign-outs in this process count at once. */
  sessionCacheMs: 5_000,
  sessionCacheEntries: 10_000,
  /** How often open connections are checked against the stored sessions. */
  sessionSweepMs: 30_000,
  userAgentLength: 400,

  /** Lines of the audit log are written so often, and so many may wait for a database that is away. */
  auditFlushMs: 1_000,
  auditLinesWaiting: 20_000,
  /** The same line within this time is counted; so many different ones are known at once. */
  auditRepeatMs: 60_000,
  auditRepeatsKnown: 20_000,

  /** JSON text of one user's interface settings. */
  settingsBytes: 65_536,
} as const;
