/** Bounds of what a browser's socket can make this server do. Durations are milliseconds unless the name says otherwise. */
export const limits = {
  /** One message from a browser. */
  payloadBytes: 65_536,
  /** A browser that is gone is noticed within the sum of the two: under 20 s, before a second offer would be lost on it. */
  heartbeatMs: 10_000,
  heartbeatTimeoutMs: 8_000,
  /** From the WebSocket to the Socket.IO handshake. */
  connectTimeoutMs: 10_000,
  /** Tabs of one user; the next is refused. */
  socketsPerUser: 20,
  /** Events a second from one socket, and how many it may save up. */
  eventsPerSecond: 20,
  eventBurst: 60,
  /** How often open cards are checked for what time alone takes out of sight. */
  watchCheckMs: 300_000,
  /** Refused events after which the socket is closed. */
  refusedEvents: 500,
} as const;
