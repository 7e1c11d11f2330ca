import { bigint, timestamp } from 'drizzle-orm/pg-core';

/** Primary key of a volume table: bigint, measured smaller and faster than UUIDs of any version. */
export const serialId = <T extends number>() =>
  bigint({ mode: 'number' }).primaryKey().generatedByDefaultAsIdentity().$type<T>();

/** A reference to such a key. */
export const ref = <T extends number>() => bigint({ mode: 'number' }).$type<T>();

/** An instant, UTC. */
export const instant = () => timestamp({ withTimezone: true, mode: 'date' });

/** When the row was made. */
export const createdAt = () => instant().notNull().defaultNow();
