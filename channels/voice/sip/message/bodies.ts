/** Finds the session description in a body: alone, or as one part of a multipart (RFC 2046, RFC 5621). */
import { limits } from '../limits.ts';
import { parameterOf } from './lists.ts';
import { headerOf, type SipMessage } from './message.ts';

const mediaType = (value: string | undefined): string => (value ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';

/** SDP of a message, null when it carries none. Content-Type is assumed to be SDP when a body has no type. */
export function sdpOf(message: SipMessage): Buffer | null {
  if (message.body.length === 0) return null;
  const contentType = headerOf(message, 'content-type');
  const type = mediaType(contentType);
  if (type === 'application/sdp' || type === '') return message.body;
  return type.startsWith('multipart/') ? sdpPart(message.body, contentType ?? '') : null;
}

/** Whether a body is there that is neither SDP nor a multipart with it (RFC 3261 section 8.2.3: 415). */
export const hasForeignBody = (message: SipMessage): boolean => message.body.length > 0 && sdpOf(message) === null;

function sdpPart(body: Buffer, contentType: string): Buffer | null {
  const boundary = parameterOf(contentType, 'boundary');
  if (!boundary || boundary.length > 70) return null;
  const delimiter = `--${boundary}`;
  let at = body.indexOf(delimiter);
  for (let count = 0; at >= 0 && count < limits.multipartParts; count++) {
    const from = at + delimiter.length;
    const end = body.indexOf(`\r\n${delimiter}`, from);
    const part = body.subarray(from, end < 0 ? body.length : end);
    const headEnd = part.indexOf('\r\n\r\n');
    if (headEnd >= 0) {
      const head = part.toString('latin1', 0, headEnd);
      const type = /(?:^|\r\n)content-type[ \t]*:([^\r]*)/i.exec(head)?.[1];
      if (mediaType(type) === 'application/sdp') return part.subarray(headEnd + 4);
    }
    at = end < 0 ? -1 : end + 2;
  }
  return null;
}
