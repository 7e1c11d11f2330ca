import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { CommandName, Commands, Reply, Request } from './protocol.ts';

/** The benchmark's end of the load generator. */
export interface Generator {
  readonly pid: number;
  ask<N extends CommandName>(name: N, input: Commands[N]['input']): Promise<Commands[N]['output']>;
  close(): Promise<void>;
}

/** Starts the generator against the SIP port of this machine. @throws Error when it does not start */
export async function startGenerator(sipPort: number): Promise<Generator> {
  const child = fork(fileURLToPath(new URL('./generator.ts', import.meta.url)), [String(sipPort)]);
  const waiting = new Map<number, { resolve(value: never): void; reject(error: Error): void }>();
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  void exited.then(() => {
    for (const { reject } of waiting.values()) reject(new Error('the load generator ended'));
  });
  child.on('message', (message) => {
    const reply = message as Reply;
    const asked = waiting.get(reply.id);
    waiting.delete(reply.id);
    if ('error' in reply) asked?.reject(new Error(reply.error));
    else asked?.resolve(reply.value as never);
  });
  await new Promise<void>((resolve, reject) => waiting.set(0, { resolve, reject }));
  let last = 0;
  return {
    pid: child.pid ?? 0,
    ask: (name, input) =>
      new Promise((resolve, reject) => {
        const id = ++last;
        waiting.set(id, { resolve, reject });
        child.send({ id, name, input } satisfies Request);
      }),
    async close() {
      if (child.connected) child.disconnect();
      await exited;
    },
  };
}
