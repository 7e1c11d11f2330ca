import { parentPort, workerData } from 'node:worker_threads';
import { MediaError } from '../engine.ts';
import { createMediaCore, type MediaCore } from './core.ts';
import type { FromWorker, ToWorker, WireError, WorkerSettings } from './protocol.ts';

/** Entry of a media worker thread: one core, spoken to by the messages of protocol.ts. */
const port = parentPort;
if (!port) throw new Error('this file is the entry of a worker thread');

const post = (message: FromWorker): void => port.postMessage(message);

const wireError = (error: unknown): WireError => ({
  code: error instanceof MediaError ? error.code : undefined,
  message: error instanceof Error ? error.message : String(error),
});

/** Told one by one, but not a thousand a second. */
const faultGapMs = 1_000;
let lastFaultAt = Number.NEGATIVE_INFINITY;

function fault(error: unknown): void {
  const nowMs = performance.now();
  if (nowMs - lastFaultAt < faultGapMs) return;
  lastFaultAt = nowMs;
  post({ kind: 'fault', stack: error instanceof Error ? (error.stack ?? error.message) : String(error) });
}

// A packet that finds a mistake of ours must not end the other calls of this worker. Every packet is handled to its end
// before the next, so there is no half-done work that could be left behind.
process.on('uncaughtException', fault);

async function perform(core: MediaCore, message: ToWorker): Promise<unknown> {
  if (message.kind === 'command') return core.run(message.callId, message.command);
  if (message.kind === 'sound') return core.setSound(message.name, message.sound);
  if (message.kind === 'stats') return core.stats();
  await core.close();
  return undefined;
}

async function answer(core: MediaCore, message: ToWorker): Promise<void> {
  try {
    const output = await perform(core, message);
    if (message.id > 0) post({ kind: 'result', id: message.id, output });
  } catch (error) {
    if (message.id > 0) post({ kind: 'error', id: message.id, error: wireError(error) });
  }
  // Nothing is left to do; the thread ends when its port is closed.
  if (message.kind === 'close') port?.close();
}

try {
  const core = await createMediaCore(workerData as WorkerSettings, (event) => post({ kind: 'event', event }), fault);
  port.on('message', (message: ToWorker) => void answer(core, message));
  post({ kind: 'ready', webRtcPort: core.webRtcPort });
} catch (error) {
  post({ kind: 'unable', error: wireError(error) });
}
