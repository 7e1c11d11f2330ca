/** Bounds of the embedded engine and of the wire protocol in front of it. */

/** One frontend message. A bulk INSERT of some thousand rows is under 2 MB. */
export const maxMessageBytes = 64 * 1024 * 1024;
/** Messages between two answers, and one COPY FROM STDIN, which is held in memory until its end. */
export const maxBatchBytes = 256 * 1024 * 1024;
export const maxStartupBytes = 10_000;
/** Connections at once: the pool's, and a few of people who look in with psql. */
export const maxSessions = 64;
/** Named statements of one connection, as many as a program writes by hand; a name per value is a mistake. */
export const maxStatements = 2_000;
/** A transaction that waits longer than this for its client is rolled back: meanwhile nobody else is served. */
export const idleInTransactionMs = 30_000;
/** From connect to the end of the startup packet. */
export const startupMs = 10_000;
/** How often the limits above are looked at; they are deadlines of seconds, not of milliseconds. */
export const sweepMs = 2_000;

/** A unix socket's path holds 107 bytes on Linux and 103 on macOS. */
export const maxSocketPathBytes = 100;

/** How often the engine looks whether it is idle and something wants a checkpoint, a vacuum or an analyze. */
export const maintenanceMs = 2_000;
/** Nobody has run a statement for this long: a step of some ten milliseconds holds up nobody. */
export const quietMs = 100;
/** While it is never quiet, dead rows are looked at this often; only what has grown far past its measure is cleaned. */
export const busyVacuumMs = 20_000;
export const busyFactor = 50;
/** WAL since the last checkpoint that makes the next one due: bounds disk use and the time of recovery. */
export const checkpointWalBytes = 32 * 1024 * 1024;
/** A quiet database is checkpointed after this time all the same, if it wrote more than `quietWalBytes`. */
export const checkpointAfterMs = 300_000;
export const quietWalBytes = 100_000;
/** Longest wait for the engine's first start (it makes a new database) and for its clean end. */
export const startMs = 120_000;
export const closeMs = 60_000;
