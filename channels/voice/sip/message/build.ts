/** Messages to octets. Every value that does not come from our own constants is cleaned of line ends first. */
import type { SipRequest } from './message.ts';
import { reasonPhrase } from './reasons.ts';

export interface Body {
  readonly contentType: string;
  readonly bytes: Buffer;
}

/** A request without its body. `headers` are complete lines, each with its CRLF, made by `headerLine`. */
export interface RequestHead {
  readonly method: string;
  readonly uri: string;
  readonly via: string;
  readonly routes: readonly string[];
  readonly from: string;
  readonly to: string;
  readonly callId: string;
  readonly cseq: number;
  readonly headers: string;
}

export interface ResponseOptions {
  readonly reason?: string | undefined;
  /** Added to To when the request had none (RFC 3261 section 8.2.6.2). */
  readonly localTag?: string | undefined;
  /** Complete lines, as in `RequestHead`. */
  readonly headers?: string | undefined;
  readonly body?: Body | undefined;
}

const lineBreaks = /[\r\n\0]+/g;

/** One line's worth of text: runs of CR, LF and NUL become a blank, so that no value can begin a header of its own. */
export const clean = (value: string): string => (/[\r\n\0]/.test(value) ? value.replace(lineBreaks, ' ') : value);

/** `Name: value` with its line end. Names that are not tokens give '': they would be read as something else. */
export const headerLine = (name: string, value: string | number): string =>
  /^[A-Za-z0-9\-.!%*_+`'~]+$/.test(name) ? `${name}: ${clean(String(value))}\r\n` : '';

/** A display name as a quoted string with its blank, '' for none. */
export const quoteDisplayName = (name: string): string =>
  name === '' ? '' : `"${clean(name).replace(/[\\"]/g, '\\$&')}" `;

/** A Reason header (RFC 3326) of protocol SIP. */
export const reasonLine = (reason: { status: number; text: string } | undefined): string =>
  reason === undefined
    ? ''
    : headerLine('Reason', `SIP;cause=${reason.status};text=${quoteDisplayName(reason.text).trimEnd() || '""'}`);

/** Content-Length counts octets and is always there, also over UDP (RFC 3261 section 20.14). */
function assemble(head: string, body: Body | undefined): Buffer {
  if (body === undefined || body.bytes.length === 0) return Buffer.from(`${head}Content-Length: 0\r\n\r\n`);
  const { contentType, bytes } = body;
  const headed = `${head}Content-Type: ${clean(contentType)}\r\nContent-Length: ${bytes.length}\r\n\r\n`;
  const headLength = Buffer.byteLength(headed);
  const message = Buffer.allocUnsafe(headLength + bytes.length);
  message.write(headed, 0, 'utf8');
  bytes.copy(message, headLength);
  return message;
}

export function buildRequest(head: RequestHead, body?: Body): Buffer {
  let text = `${head.method} ${head.uri} SIP/2.0\r\nVia: ${head.via}\r\nMax-Forwards: 70\r\n`;
  for (const route of head.routes) text += `Route: ${route}\r\n`;
  text += `From: ${head.from}\r\nTo: ${head.to}\r\nCall-ID: ${head.callId}\r\nCSeq: ${head.cseq} ${head.method}\r\n`;
  return assemble(text + head.headers, body);
}

/**
 * A response with the request's Via, From, To, Call-ID and CSeq (RFC 3261 section 8.2.6). Headers that a malformed
 * request lacks are left out.
 */
export function buildResponse(request: SipRequest, status: number, options: ResponseOptions = {}): Buffer {
  let text = `SIP/2.0 ${status} ${clean(options.reason ?? reasonPhrase(status))}\r\n`;
  const { names, values } = request;
  let rest = '';
  for (let i = 0; i < names.length; i++) {
    const value = values[i];
    switch (names[i]) {
      case 'via':
        text += `Via: ${value}\r\n`;
        break;
      case 'from':
        rest += `From: ${value}\r\n`;
        break;
      case 'to':
        rest += `To: ${value}${toTag(request, status, options.localTag)}\r\n`;
        break;
      case 'call-id':
        rest += `Call-ID: ${value}\r\n`;
        break;
      case 'cseq':
        rest += `CSeq: ${value}\r\n`;
        break;
      default:
    }
  }
  return assemble(text + rest + (options.headers ?? ''), options.body);
}

const toTag = (request: SipRequest, status: number, localTag: string | undefined): string =>
  status > 100 && request.toTag === '' && localTag !== undefined ? `;tag=${localTag}` : '';
