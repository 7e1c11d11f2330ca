import type { ClientImport } from '../../../server/contract/client-imports.ts';
import { call } from '../../net/api.ts';
import { failureCode } from '../../net/problem.ts';
import { sendFile } from '../data/send-file.ts';

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
  let failures = 0;
  while (held.bytes < file.size) {
    const before = held.bytes;
    try {
      held = await send('PUT', `/api/v1/client-imports/${held.id}/content?offset=${before}`, before);
      failures = 0;
    } catch (error) {
      failures += 1;
      if (failureCode(error) !== 'offline' || failures >= ATTEMPTS) throw error;
      await pause(PAUSE_MS * failures);
      held = await call('GET /api/v1/client-imports/:id', { params: { id: held.id } }).catch(() => held);
    }
  }
  return held;
}
