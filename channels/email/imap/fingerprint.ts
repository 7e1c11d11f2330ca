import { createHash } from 'node:crypto';

/** What names a mail, and survives when a mailbox is rebuilt or moved; traces of the way are not among it. */
const naming = /^(?:message-id|date|from|to|cc|subject|delivered-to|x-original-to):/i;
/** A header larger than this is no header. */
const headBytes = 524_288;

/**
 * By what a mail is recognised when its number says nothing any more: a hash of the fields that name it and of its body. Not its
 * Message-ID alone, which may be missing, used twice by a broken sender, or stand in copies to two addresses of ours.
 */
export function fingerprintOf(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const blank = /\r?\n\r?\n/.exec(buffer.toString('latin1', 0, headBytes));
  const bodyAt = blank ? blank.index + blank[0].length : Math.min(buffer.length, headBytes);
  const head = buffer.toString('latin1', 0, bodyAt).replace(/\r?\n[ \t]+/g, ' ');
  const named = head
    .split(/\r?\n/)
    .filter((line) => naming.test(line))
    .map((line) => line.toLowerCase().replace(/\s+/g, ' ').trim())
    .sort();
  return createHash('sha256').update(named.join('\n')).update('\0').update(buffer.subarray(bodyAt)).digest('base64url');
}
