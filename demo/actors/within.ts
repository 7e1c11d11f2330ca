/**
 * The promise, or a failure that says what did not happen. Tests wait for events; this only bounds how long.
 * @param what completes "... did not happen within N ms"
 */
export async function within<T>(promise: Promise<T>, ms: number, what: string): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`${what} did not happen within ${ms} ms`)), ms);
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** How often a state that nobody announces is asked for. */
const askEveryMs = 100;

/**
 * Asks until the answer is neither undefined, null nor false. For what has no event: the API of another process, a file.
 * @throws with `what` after `ms`
 */
export async function until<T>(
  ask: () => Promise<T> | T,
  ms: number,
  what: string,
): Promise<Exclude<T, undefined | null | false>> {
  const deadline = performance.now() + ms;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== null && answer !== false)
      return answer as Exclude<T, undefined | null | false>;
    if (performance.now() >= deadline) throw new Error(`${what} did not happen within ${ms} ms`);
    await new Promise((resolve) => setTimeout(resolve, askEveryMs));
  }
}
