/** What an attempt came to, or `otherwise` when its signal comes first. The attempt itself may go on unheard. */
export function untilAborted<T>(attempt: Promise<T>, signal: AbortSignal, otherwise: T): Promise<T> {
  const { promise: aborted, resolve } = Promise.withResolvers<T>();
  const onAbort = (): void => resolve(otherwise);
  signal.addEventListener('abort', onAbort, { once: true });
  return Promise.race([attempt, aborted]).finally(() => signal.removeEventListener('abort', onAbort));
}
