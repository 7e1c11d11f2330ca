import type { ClientImport } from '../../../server/contract/client-imports.ts';
import { failureCode, RequestFailure } from '../../net/problem.ts';
import { sendFile } from '../../net/send-file.ts';

/** A piece of this size takes seconds even on a slow line, and is all that a broken connection costs. */
const PIECE_BYTES = 4 * 1024 * 1024;
const ATTEMPTS = 4;
const PAUSE_MS = 1500;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Sends a file piece by piece and goes on where it was after a break.
 * @param onProgress 0 to 1
 * @throws RequestFailure after several breaks at the same place, or when the server refuses the file
 */
export async function uploadClients(file: File, onProgress: (share: number) => void): Promise<ClientImport> {
  const send = (method: 'POST' | 'PUT', path: string, from: number): Promise<ClientImport> =>
    sendFile({
      method,
      path,
      body: file.slice(from, from + PIECE_BYTES),
      type: 'text/csv',
      onProgress: (share) => onProgress(Math.min(1, (from + share * Math.min(PIECE_BYTES, file.size)) / file.size)),
    });
  const query = `name=${encodeURIComponent(file.name)}&size=${file.size}`;
  let held = await send('POST', `/api/v1/client-imports?${query}`, 0);
  let offset = held.bytes;
  let failures = 0;
  while (offset < file.size) {
    try {
      held = await send('PUT', `/api/v1/client-imports/${held.id}/content?offset=${offset}`, offset);
      offset = held.bytes;
      failures = 0;
    } catch (error) {
      failures += 1;
      const arrived = arrivedBytes(error);
      if ((arrived === undefined && failureCode(error) !== 'offline') || failures >= ATTEMPTS) throw error;
      offset = arrived ?? offset;
      await pause(PAUSE_MS * failures);
    }
  }
  return held;
}

/** Part of a broken piece may have arrived: the server then refuses the next one and says where to go on. */
function arrivedBytes(error: unknown): number | undefined {
  const problem = error instanceof RequestFailure && error.code === 'conflict' ? error.problem : undefined;
  const { bytes } = (problem ?? {}) as { bytes?: unknown };
  return typeof bytes === 'number' ? bytes : undefined;
}
