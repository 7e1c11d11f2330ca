/** What an attempt came to, or `otherwise` when its signal comes first. The attempt itself may go on unheard. */
export function untilAborted<T, U>(attempt: Promise<T>, signal: AbortSignal, otherwise: U): Promise<T | U> {
  const { promise: aborted, resolve } = Promise.withResolvers<U>();
  const onAbort = (): void => resolve(otherwise);
  signal.addEventListener('abort', onAbort, { once: true });
  return Promise.race([attempt, aborted]).finally(() => signal.removeEventListener('abort', onAbort));
}
