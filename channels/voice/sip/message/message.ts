/** A parsed SIP message and how to read its headers. */
import { limits } from '../limits.ts';
import { splitList } from './lists.ts';
import type { Via } from './via.ts';

/** What both kinds share. Header names are full and lower-case, values unfolded and trimmed, both in wire order. */
interface CommonMessage {
  readonly names: readonly string[];
  readonly values: string[];
  readonly body: Buffer;
  readonly callId: string;
  readonly cseq: number;
  readonly cseqMethod: string;
  readonly fromTag: string;
  readonly toTag: string;
  /** Topmost Via. */
  readonly via: Via;
}

export interface SipRequest extends CommonMessage {
  readonly kind: 'request';
  readonly method: string;
  /** As on the wire. */
  readonly uri: string;
}

export interface SipResponse extends CommonMessage {
  readonly kind: 'response';
  readonly status: number;
  readonly reason: string;
}

export type SipMessage = SipRequest | SipResponse;

/** First value of a header by its full lower-case name. */
export function headerOf(message: SipMessage, name: string): string | undefined {
  const at = message.names.indexOf(name);
  return at < 0 ? undefined : message.values[at];
}

/** Every value line of a header, not split at commas (WWW-Authenticate and Date contain them). */
export function headerLinesOf(message: SipMessage, name: string): string[] {
  const lines: string[] = [];
  for (let i = 0; i < message.names.length; i++) {
    if (message.names[i] === name) lines.push(message.values[i] ?? '');
  }
  return lines;
}

/** Every value of a comma separated header (RFC 3261 section 7.3.1), at most `limits.listValues`. */
export function listOf(message: SipMessage, name: string): string[] {
  const lines = headerLinesOf(message, name);
  if (lines.length === 0 || (lines.length === 1 && !lines[0]?.includes(','))) return lines;
  return lines.flatMap(splitList).slice(0, limits.listValues);
}

/** Whether a comma separated header of tokens (Supported, Require, Allow) contains the token, whatever its case. */
export function hasToken(message: SipMessage, name: string, token: string): boolean {
  for (let i = 0; i < message.names.length; i++) {
    if (message.names[i] !== name) continue;
    const value = message.values[i] ?? '';
    if (splitList(value).some((item) => item.toLowerCase() === token)) return true;
  }
  return false;
}
