import { createHash } from 'node:crypto';
import { mkdir, open, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import * as path from 'node:path';
import { AppError } from '../../kernel/errors.ts';
import { uuidv7 } from '../../kernel/ids.ts';

/** `attachments`: files of messages and drafts; `mail`: raw messages as they came. */
export type FileFolder = 'attachments' | 'mail';

/** Bytes under the hash of their content: the same bytes lie there once. */
export interface FileStore {
  /** The SHA-256 in hex. On the disk when it resolves. */
  put(folder: FileFolder, bytes: Uint8Array): Promise<string>;
  /** @throws AppError `not_found` */
  get(folder: FileFolder, sha256: string): Promise<Buffer>;
  /** Removes a file that has not been put since `before` (milliseconds since the epoch). */
  removeOld(folder: FileFolder, sha256: string, before: number): Promise<void>;
}

const hash = /^[0-9a-f]{64}$/;

const isMissing = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ENOENT';

/** @param root an absolute path */
export function createFileStore(root: string): FileStore {
  function pathOf(folder: FileFolder, sha256: string): string {
    if (!hash.test(sha256)) throw new AppError('not_found', 'there is no such file');
    return path.join(root, folder, sha256.slice(0, 2), sha256);
  }

  /** Seen in whole or not at all: written beside it, and named when it is on the disk. */
  async function write(file: string, bytes: Uint8Array): Promise<void> {
    await mkdir(path.dirname(file), { recursive: true });
    const draft = `${file}.${uuidv7()}`;
    try {
      const handle = await open(draft, 'wx');
      try {
        await handle.writeFile(bytes);
        await handle.sync();
      } finally {
        await handle.close();
      }
      await rename(draft, file);
    } catch (error) {
      await rm(draft, { force: true });
      throw error;
    }
  }

  /** Whether it is there already; then it counts as put now, so that no sweep takes it away. */
  async function touched(file: string, size: number): Promise<boolean> {
    try {
      const known = await stat(file);
      const now = new Date();
      await utimes(file, now, now);
      return known.size === size;
    } catch (error) {
      if (isMissing(error)) return false;
      throw error;
    }
  }

  return {
    async put(folder, bytes) {
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      const file = pathOf(folder, sha256);
      if (!(await touched(file, bytes.byteLength))) await write(file, bytes);
      return sha256;
    },
    async get(folder, sha256) {
      try {
        return await readFile(pathOf(folder, sha256));
      } catch (error) {
        if (!isMissing(error)) throw error;
        throw new AppError('not_found', 'the file is gone', { cause: error });
      }
    },
    async removeOld(folder, sha256, before) {
      const file = pathOf(folder, sha256);
      try {
        if ((await stat(file)).mtimeMs < before) await rm(file, { force: true });
      } catch (error) {
        if (!isMissing(error)) throw error;
      }
    },
  };
}
