import { fork } from 'node:child_process';
import type { Reply, Request } from './protocol.ts';

type Commands<Table> = { [Name in keyof Table]: { input: unknown; output: unknown } };

/** A process of the benchmark that answers commands. */
export interface Child<Table extends Commands<Table>> {
  readonly pid: number;
  ask<Name extends keyof Table & string>(name: Name, input: Table[Name]['input']): Promise<Table[Name]['output']>;
  close(): Promise<void>;
}

/** Starts a module as a process of its own. */
export function startChild<Table extends Commands<Table>>(file: URL): Child<Table> {
  const child = fork(file);
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const waiting = new Map<number, (reply: Reply) => void>();
  void exited.then(() => {
    for (const [id, settle] of waiting) settle({ id, error: `${file.pathname} ended` });
  });
  child.on('message', (message) => {
    const reply = message as Reply;
    waiting.get(reply.id)?.(reply);
    waiting.delete(reply.id);
  });
  let last = 0;
  return {
    pid: child.pid ?? 0,
    ask: (name, input) =>
      new Promise((resolve, reject) => {
        const id = ++last;
        waiting.set(id, (reply) =>
          reply.error === undefined ? resolve(reply.output) : reject(new Error(reply.error)),
        );
        child.send({ id, name, input } satisfies Request);
      }),
    async close() {
      if (child.connected) child.disconnect();
      await exited;
    },
  };
}

/** Inside such a process: answers commands until the benchmark lets go, then closes. */
export function serve<Table extends Commands<Table>>(
  handlers: { [Name in keyof Table]: (input: Table[Name]['input']) => Promise<Table[Name]['output']> },
  close: () => Promise<void>,
): void {
  process.on('message', (message) => {
    const { id, name, input } = message as Request;
    const handler = handlers[name as keyof Table] as (input: unknown) => Promise<unknown>;
    handler(input).then(
      (output) => process.send?.({ id, output } satisfies Reply),
      (error: unknown) => process.send?.({ id, error: String(error) } satisfies Reply),
    );
  });
  process.on('disconnect', () => void close().then(() => process.exit()));
}
