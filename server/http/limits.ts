/** Bounds of what HTTP clients can make this server do. Durations are milliseconds unless the name says otherwise. */
export const limits = {
  bodyBytes: 262_144,
  /** Of an uploaded sound. */
  soundBytes: 20 * 1024 * 1024,
  /** Of one request of a provider of messages. */
  webhookBytes: 1_048_576,
  /** Such requests a minute, per account and address: receipts come in heaps. */
  webhooksPerMinute: 6_000,
  /** Of a file that goes with a message. */
  attachmentBytes: 25 * 1024 * 1024,
  /** From the first byte of a request to its last. */
  requestTimeoutMs: 30_000,
  /** Between two requests on one connection; longer than the usual idle time of proxies. */
  keepAliveTimeoutMs: 72_000,
  /** Requests to /api a minute, per session or, without one, per address. */
  requestsPerMinute: 600,
  /** Requests in progress get so long when the server closes. */
  closeDrainMs: 3_000,
  /** Each check of /readyz. */
  readyCheckMs: 2_000,
  /** WebSocket connections, both kinds together. */
  upgradedSockets: 10_000,
} as const;
