import { parentPort, workerData } from 'node:worker_threads';
import { type MailReading, readArrival } from './arrival.ts';
import type { MailContext } from './mail-context.ts';
import { createMailSigner } from './signed-ids.ts';

/** What the thread is started with: the signer's key. */
export interface ReaderData {
  readonly key: Uint8Array;
}
export interface ReaderJob {
  readonly bytes: Uint8Array;
  readonly context: MailContext;
}
export type ReaderAnswer =
  | { readonly ok: true; readonly reading: MailReading }
  | { readonly ok: false; readonly reason: string };
/** What the thread says: that its program is loaded, then an answer to each job. */
export type ReaderWord = 'ready' | ReaderAnswer;

const signer = createMailSigner(Buffer.from((workerData as ReaderData).key));

/** Memory that is handed over instead of copied. */
function filesIn(reading: MailReading): ArrayBuffer[] {
  if (reading.kind !== 'event' || reading.event.type !== 'message.arrived') return [];
  return reading.event.attachments.flatMap(({ bytes }) => (bytes.buffer instanceof ArrayBuffer ? [bytes.buffer] : []));
}

parentPort?.on('message', ({ bytes, context }: ReaderJob) => {
  try {
    const reading = readArrival(bytes, context, signer);
    parentPort?.postMessage({ ok: true, reading } satisfies ReaderAnswer, filesIn(reading));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    parentPort?.postMessage({ ok: false, reason } satisfies ReaderAnswer);
  }
});
parentPort?.postMessage('ready' satisfies ReaderWord);
