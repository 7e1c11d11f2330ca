import { chmodSync, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { join } from 'node:path';

const memory = '/dev/shm';
/** What tests write at a time is a tenth of it. */
const roomBytes = 4 * 1024 ** 3;

/**
 * A folder in memory for the databases and browser profiles of tests, so that nobody waits for a disk. Gone when the
 * process ends.
 * @returns undefined where the system has none, or none with room: containers often have 64 MB
 */
export function makeMemoryFolder(): string | undefined {
  try {
    const { bavail, bsize } = statfsSync(memory);
    if (bavail * bsize < roomBytes || process.availableMemory() < roomBytes) return undefined;
    const folder = mkdtempSync(join(memory, 'switchroom-'));
    // as /tmp: servers of the tests run as users of their own
    chmodSync(folder, 0o1777);
    process.once('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
    return folder;
  } catch {
    // no such folder, or it is not ours to write to: the disk will do
    return undefined;
  }
}
