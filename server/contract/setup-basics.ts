import { type Static, Type } from 'typebox';
import { Id, Words } from './schemas.ts';
import { dayReasons } from './setup-words.ts';

export const strict = { additionalProperties: false };

/** Counts the changes of one thing. An edit names the one it was made on; a newer one answers 409 `stale_version`. */
export const Version = Type.Integer({ minimum: 0 });
/** Of a thing; blanks alone are none. */
export const Name = Type.String({ minLength: 1, maxLength: 100, pattern: '\\S' });
export const Language = Words(['ru', 'en'] as const);
/** IANA name. */
export const TimeZone = Type.String({ minLength: 1, maxLength: 60 });
/** ISO 3166-1. */
export const Region = Type.String({ pattern: '^[A-Z]{2}$', examples: ['RU'] });
export const Named = Type.Object({ id: Id, name: Type.String() });

/** Local date. */
export const Day = Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$', examples: ['2026-01-12'] });
export const Time = Type.String({ pattern: '^([01]\\d|2[0-3]):[0-5]\\d$', examples: ['09:00'] });
/** Local times; `to` at or before `from` is on the next day, equal = the whole day round. */
export const Period = Type.Object({ from: Time, to: Time }, strict);
/** None = off. */
export const Periods = Type.Array(Period, { maxItems: 6 });
/** ISO weekday (1 = Monday) -> periods that start on it; absent = off. */
export const Weekly = Type.Object(
  {
    1: Type.Optional(Periods),
    2: Type.Optional(Periods),
    3: Type.Optional(Periods),
    4: Type.Optional(Periods),
    5: Type.Optional(Periods),
    6: Type.Optional(Periods),
    7: Type.Optional(Periods),
  },
  strict,
);
export const DayReason = Words(dayReasons);
/** One day that differs: off, or other periods than the weekly ones. */
export const DayException = Type.Object(
  { day: Day, periods: Periods, reason: DayReason, note: Type.String({ maxLength: 100 }) },
  strict,
);
export const Exceptions = Type.Array(DayException, { maxItems: 400 });

/** A queue's hours; null in its place = always open. */
export const OpeningHours = Type.Object({ timeZone: TimeZone, weekly: Weekly, exceptions: Exceptions }, strict);
export type OpeningHours = Static<typeof OpeningHours>;
