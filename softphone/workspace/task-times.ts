const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const WORKDAY_HOUR = 10;

/** Times that people mostly mean, in ms since the epoch; on whole minutes. @param now ms. Pure. */
export function quickTimes(now: number) {
  const minute = Math.floor(now / MINUTE_MS) * MINUTE_MS;
  const tomorrow = new Date(now);
  tomorrow.setDate(tomorrow.getDate() + 1);
  return {
    quarter: minute + 15 * MINUTE_MS,
    hour: minute + HOUR_MS,
    tomorrow: tomorrow.setHours(WORKDAY_HOUR, 0, 0, 0),
  };
}

/** An instant as a field of date and time shows it, by the reader's clock: `2026-03-10T15:00`. */
export function localInput(at: number): string {
  const date = new Date(at);
  const two = (n: number): string => String(n).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day}T${two(date.getHours())}:${two(date.getMinutes())}`;
}
