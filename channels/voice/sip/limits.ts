/**
 * Every bound on what a SIP peer can make this stack hold, read or wait for. Durations are milliseconds unless the
 * name says otherwise.
 */
export const limits = {
  /** Start line and headers of one message, bytes. Also the most a stream may send without an empty line. */
  headBytes: 65_536,
  /** Body of one message, bytes. A datagram cannot reach it; a stream can. */
  bodyBytes: 262_144,
  headers: 256,
  /** Values in one comma separated list, parameters of one value, parts of one multipart body. */
  listValues: 64,
  parameters: 64,
  multipartParts: 16,
  /** Shorter datagrams are keep-alives (RFC 5626 section 4.4): no SIP message fits. */
  shortestMessageBytes: 20,

  tcpConnections: 4_096,
  webSocketConnections: 10_000,
  /** Bytes that a connection may owe its peer before it is cut: the peer does not read. */
  sendBacklogBytes: 2_097_152,
  tcpIdleMs: 600_000,
  /** Ping interval of a WebSocket; one that missed a whole interval is closed. */
  webSocketPingMs: 30_000,

  /** Registrar (RFC 3261 section 10.3). */
  bindingsPerAor: 10,
  minExpiresSeconds: 60,
  maxExpiresSeconds: 3_600,
  defaultExpiresSeconds: 600,
  aors: 50_000,

  nonceLifetimeMs: 300_000,
  /** Nonces whose counts are remembered. */
  nonces: 50_000,

  /** Messages a second from one source address, and how many it may save up: some 1 500 calls a second. */
  messagesPerSecond: 10_000,
  messageBurst: 20_000,
  /** What a malformed message costs, in messages. Low: over UDP anybody can send them in the name of a carrier. */
  malformedCost: 10,
  /** What a wrong password costs. High: its nonce went to that address before, so the address is real. */
  wrongPasswordCost: 200,
  sources: 20_000,

  /** Requests outside dialogs get 503 while this many server transactions wait for their final response ... */
  openServerTransactions: 10_000,
  /**
   * ... or in so many samples (250 ms) in a row the event loop was busy for more than this part of the time, and something
   * older than this was not read. Until it is less busy than the last figure, or as many samples find all of it read.
   */
  overloadSamples: 4,
  busyLoop: 0.98,
  unreadMs: 400,
  relaxedLoop: 0.9,
  retryAfterSeconds: 5,

  /** Attempts of one request: the first, digest, a stale nonce, 422. */
  attemptsPerRequest: 4,
  /** Attempts of a re-INVITE that met another one (491). */
  glareAttempts: 5,
  /** Early and confirmed dialogs that forking proxies may create from one INVITE. */
  forksPerInvite: 16,
  /** Re-INVITEs that may wait for the one in progress. */
  queuedOffers: 8,

  /** Session timers (RFC 4028), seconds. */
  sessionExpiresSeconds: 1_800,
  minSessionExpiresSeconds: 90,
  maxSessionExpiresSeconds: 86_400,

  /** A dialog whose WebSocket is gone waits so long for the peer to come back on another. */
  orphanedDialogMs: 32_000,
  /** close() waits so long for answers to its BYEs. */
  closeDrainMs: 500,
} as const;

/** RFC 3261 section 17.1.1.1 and its table 4. */
export const T1 = 500;
export const T2 = 4_000;
export const T4 = 5_000;
/** Timers B, D, F, H, J, L and M. */
export const transactionTimeoutMs = 64 * T1;
