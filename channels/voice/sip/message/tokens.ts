/** Random identifiers for the wire: unguessable, so that strangers cannot forge requests into a dialog. */
import { randomFillSync } from 'node:crypto';
import { branchCookie } from './via.ts';

const pool = Buffer.allocUnsafe(8_192);
let used = pool.length;

/** `bytes` random bytes in hex. */
export function randomToken(bytes: number): string {
  if (used + bytes > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const token = pool.toString('hex', used, used + bytes);
  used += bytes;
  return token;
}

/** 96 random bits: at 10 000 open transactions two equal branches are not to be expected in the life of the universe. */
export const newBranch = (): string => branchCookie + randomToken(12);
export const newTag = (): string => randomToken(12);
export const newSipCallId = (): string => randomToken(16);
