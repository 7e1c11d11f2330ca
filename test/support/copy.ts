import type pg from 'pg';

interface WireConnection {
  query(text: string): void;
  sendCopyFromChunk(chunk: Buffer): void;
  endCopyFrom(): void;
}

/**
 * A COPY ... FROM STDIN for `client.query`, fed with lines. Resolves when the server has taken them.
 * @param sql a COPY statement
 */
export function copyFrom(sql: string, lines: readonly string[]): pg.Submittable & PromiseLike<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  return {
    // biome-ignore lint/suspicious/noThenProperty: the driver hands back the submittable, and tests await it
    then: promise.then.bind(promise),
    submit: (connection: pg.Connection) => (connection as unknown as WireConnection).query(sql),
    handleCopyInResponse(connection: WireConnection) {
      for (const line of lines) connection.sendCopyFromChunk(Buffer.from(line));
      connection.endCopyFrom();
    },
    handleError: reject,
    handleCommandComplete() {},
    handleReadyForQuery: () => resolve(),
  } as pg.Submittable & PromiseLike<void>;
}
