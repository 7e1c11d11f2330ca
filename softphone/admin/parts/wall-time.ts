const MINUTE_MS = 60_000;
const DAY_MINUTES = 24 * 60;

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timeZone: string): Intl.DateTimeFormat {
  let format = formats.get(timeZone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-GB', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
    });
    formats.set(timeZone, format);
  }
  return format;
}

/** A local date and the minutes after its midnight. */
export interface WallTime {
  readonly day: string;
  readonly minute: number;
}

/** The wall clock of a zone at an instant (ms since the epoch). */
export function wallTime(at: number, timeZone: string): WallTime {
  const part: Record<string, string> = {};
  for (const { type, value } of formatOf(timeZone).formatToParts(at)) part[type] = value;
  return {
    day: `${part['year']}-${part['month']}-${part['day']}`,
    minute: Number(part['hour']) * 60 + Number(part['minute']),
  };
}

export const localDay = (at: number, timeZone: string): string => wallTime(at, timeZone).day;

/** The first instant of the next local day. The clock may be put forward or back meanwhile. */
export function nextMidnight(at: number, timeZone: string): number {
  const { day, minute } = wallTime(at, timeZone);
  let guess = at - (at % MINUTE_MS) + (DAY_MINUTES - minute) * MINUTE_MS;
  const there = wallTime(guess, timeZone);
  if (there.day === day) guess += (DAY_MINUTES - there.minute) * MINUTE_MS;
  else guess -= there.minute * MINUTE_MS;
  return guess;
}

/** The first instant of the local day that `at` is in. */
export function midnightOf(at: number, timeZone: string): number {
  const { day, minute } = wallTime(at, timeZone);
  const guess = at - (at % MINUTE_MS) - minute * MINUTE_MS;
  const there = wallTime(guess, timeZone);
  if (there.day !== day) return guess + (DAY_MINUTES - there.minute) * MINUTE_MS;
  return guess - there.minute * MINUTE_MS;
}

/** A span of instants cut at local midnights; a piece that reaches midnight ends at minute 1440. */
export function splitByDay<T extends { readonly startsAt: number; readonly endsAt: number }>(
  span: T,
  timeZone: string,
): readonly (T & { readonly day: string; readonly fromMinute: number; readonly toMinute: number })[] {
  const pieces = [];
  let start = span.startsAt;
  while (start < span.endsAt) {
    const midnight = nextMidnight(start, timeZone);
    const end = Math.min(span.endsAt, midnight);
    const { day, minute } = wallTime(start, timeZone);
    const toMinute = end === midnight ? DAY_MINUTES : wallTime(end, timeZone).minute;
    pieces.push({ ...span, startsAt: start, endsAt: end, day, fromMinute: minute, toMinute });
    start = end;
  }
  return pieces;
}
