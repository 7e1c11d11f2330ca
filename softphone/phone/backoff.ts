/** Waits between attempts to reconnect: half of each is fixed, half is chance, so that 400 browsers do not come back in one second. */
const STEPS_MS = [500, 1000, 2000, 4000, 8000, 15_000] as const;

/**
 * How long to wait before attempt number `attempt` (0 = the first).
 * @param chance a number in [0, 1), from Math.random.
 */
export function backoffMs(attempt: number, chance: number): number {
  const step = STEPS_MS[Math.min(attempt, STEPS_MS.length - 1)] ?? STEPS_MS[0];
  return Math.round(step / 2 + (step / 2) * chance);
}
