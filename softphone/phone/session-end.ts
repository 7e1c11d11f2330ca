/** Why the phone's own leg ended, as far as the wire says it. */
export type CallSessionEnd = 'ended' | 'answered_elsewhere' | 'cancelled' | 'media_failed';

/** RFC 3326: a CANCEL because somebody else took the call carries `SIP;cause=200` (or Q.850 cause 26). */
export function endOfCancel(reasonHeaders: readonly string[]): CallSessionEnd {
  const elsewhere = reasonHeaders.some((header) =>
    /^\s*(SIP\s*;.*cause\s*=\s*200|Q\.850\s*;.*cause\s*=\s*26)\b/i.test(header),
  );
  return elsewhere ? 'answered_elsewhere' : 'cancelled';
}
