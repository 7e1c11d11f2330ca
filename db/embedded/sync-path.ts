import * as fs from 'node:fs';
import { open } from 'node:fs/promises';

/** Windows refuses to sync a directory, and to sync a file that is open for reading. */
const possible = process.platform !== 'win32';

/** Makes a file's content, or the names in a directory, survive a power failure. */
export async function syncPath(path: string): Promise<void> {
  if (!possible) return;
  await using handle = await open(path, 'r');
  await handle.sync();
}

/** The same, done when it returns. */
export function syncPathNow(path: string): void {
  if (!possible) return;
  const handle = fs.openSync(path, 'r');
  try {
    fs.fsyncSync(handle);
  } finally {
    fs.closeSync(handle);
  }
}
