/** Bounds of everything that comes from a visitor's browser. */
export const limits = {
  /** Characters of one message. */
  text: 4_000,
  name: 100,
  url: 1_000,
  title: 300,
  /** Messages that a visitor's browser gets again after a reload. */
  messages: 100,
  /** JSON of one visitor in the adapter's memory, bytes: the store takes 64 kB a key. */
  visitorBytes: 60_000,
  /** Visitors kept in memory; the others are read from the store. */
  visitors: 2_000,
  /** Messages of one visitor within a minute. */
  perMinute: 20,
  /** How long a browser's question for news may wait. */
  listenMs: 25_000,
  /** Browser tabs of one visitor that listen at once. */
  listeners: 5,
  origins: 50,
  /** How long a visitor who pressed "Call" has to come with his ticket. */
  ticketMs: 60_000,
  /** Tickets in hand; one a visitor. */
  tickets: 1_000,
} as const;
