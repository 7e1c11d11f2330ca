/** Content-Transfer-Encoding (RFC 2045 section 6): what mail programs write, so nothing here refuses its input. */

const lineFeed = 10;
const carriageReturn = 13;
const equalsSign = 61;
const isBlank = (byte: number | undefined): boolean => byte === 32 || byte === 9;

/** Section 6.8. Characters outside the alphabet are skipped; padded runs one after another are decoded one by one. */
export function decodeBase64(bytes: Buffer): Buffer {
  const text = bytes.toString('latin1');
  // Buffer stops at the first padding, and bodies glued together from padded pieces exist
  const runs = text.split(/=+/).filter((run) => run.trim() !== '');
  const first = runs[0];
  if (first === undefined) return Buffer.alloc(0);
  return runs.length === 1
    ? Buffer.from(first, 'base64')
    : Buffer.concat(runs.map((run) => Buffer.from(run, 'base64')));
}

function hexDigit(byte: number | undefined): number {
  if (byte === undefined) return -1;
  if (byte >= 48 && byte <= 57) return byte - 48;
  const letter = byte | 32;
  return letter >= 97 && letter <= 102 ? letter - 87 : -1;
}

/** The byte that `=XX` at `at` stands for; -1 when it is no escape. */
export function escapedByte(bytes: Buffer, at: number): number {
  const high = hexDigit(bytes[at + 1]);
  const low = hexDigit(bytes[at + 2]);
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

/** Where the line goes on after a soft break at `at` (an equals sign, blanks, the end of the line); -1 when it is none. */
function afterSoftBreak(bytes: Buffer, at: number): number {
  let next = at + 1;
  while (isBlank(bytes[next])) next++;
  if (bytes[next] === carriageReturn) next++;
  if (next >= bytes.length) return next;
  return bytes[next] === lineFeed ? next + 1 : -1;
}

/** Section 6.7: blanks at the end of a line are not the sender's; a wrong escape stays as it stands. */
export function decodeQuotedPrintable(bytes: Buffer): Buffer {
  const out = Buffer.alloc(bytes.length);
  let length = 0;
  /** Length of `out` without the blanks that nothing has followed yet. */
  let solid = 0;
  for (let at = 0; at < bytes.length; ) {
    const byte = bytes[at] ?? 0;
    if (byte === equalsSign) {
      const escaped = escapedByte(bytes, at);
      const next = escaped < 0 ? afterSoftBreak(bytes, at) : at + 3;
      if (escaped >= 0) out[length++] = escaped;
      else if (next < 0) out[length++] = byte;
      at = next < 0 ? at + 1 : next;
      solid = length;
      continue;
    }
    if (byte === lineFeed || (byte === carriageReturn && bytes[at + 1] === lineFeed)) length = solid;
    out[length++] = byte;
    if (!isBlank(byte)) solid = length;
    at++;
  }
  return out.subarray(0, length);
}

/** The octets of a body. An unknown encoding is taken for none, as the body is readable more often than not. */
export function decodeTransfer(bytes: Buffer, encoding: string): Buffer {
  if (encoding === 'base64') return decodeBase64(bytes);
  return encoding === 'quoted-printable' ? decodeQuotedPrintable(bytes) : bytes;
}
