/**
 * Octets to a message in one pass (RFC 3261 section 25), without ever throwing. What is wrong with a message decides
 * what can be done about it: a request with a readable Via is refused with a status, everything else is dropped.
 */
import { limits } from '../limits.ts';
import { parseAddress } from './headers.ts';
import { parameterOf } from './lists.ts';
import type { SipMessage, SipRequest } from './message.ts';
import { isAnyUri } from './uri.ts';
import { hasEmptyParts, parseVia, type Via } from './via.ts';

export type ParseResult =
  | { readonly kind: 'message'; readonly message: SipMessage }
  /** A request that can be answered, and must be with this status. */
  | { readonly kind: 'refuse'; readonly request: SipRequest; readonly status: number; readonly reason: string }
  | { readonly kind: 'drop'; readonly reason: string };

/** RFC 3261 section 7.3.3 and the registrations since. */
const compactNames: ReadonlyMap<string, string> = new Map([
  ['a', 'accept-contact'],
  ['b', 'referred-by'],
  ['c', 'content-type'],
  ['d', 'request-disposition'],
  ['e', 'content-encoding'],
  ['f', 'from'],
  ['i', 'call-id'],
  ['j', 'reject-contact'],
  ['k', 'supported'],
  ['l', 'content-length'],
  ['m', 'contact'],
  ['o', 'event'],
  ['r', 'refer-to'],
  ['s', 'subject'],
  ['t', 'to'],
  ['u', 'allow-events'],
  ['v', 'via'],
  ['x', 'session-expires'],
  ['y', 'identity'],
]);

const token = /^[A-Za-z0-9\-.!%*_+`'~]+$/;
const digits = /^\d+$/;
/** NUL may stand in a quoted pair (RFC 4475 section 3.1.1.2) and nowhere else; CR and LF nowhere. */
const forbidden = /[\r\n]|(?<!\\)\0/;
const noBody = Buffer.alloc(0);

/** Names as peers write them, so that the usual ones are lower-cased once per process. Bounded: the names are theirs. */
const knownNames = new Map<string, string>();
const knownNamesLimit = 512;

/** Full lower-case name, or null when it is not a token. */
function fullName(raw: string): string | null {
  const known = knownNames.get(raw);
  if (known !== undefined) return known;
  const trimmed = raw.trimEnd();
  if (!token.test(trimmed)) return null;
  const lower = trimmed.toLowerCase();
  const name = compactNames.get(lower) ?? lower;
  if (knownNames.size < knownNamesLimit && raw.length < 32) knownNames.set(raw, name);
  return name;
}

/** What the pass gathers. */
interface Draft {
  kind: 'request' | 'response';
  method: string;
  uri: string;
  status: number;
  reason: string;
  names: string[];
  values: string[];
  callId: string;
  cseq: number;
  cseqMethod: string;
  fromTag: string;
  toTag: string;
  via: Via | null;
  contentLength: number;
  /** Headers that must not be repeated and were seen. */
  seen: Set<string>;
  /** First fault: a status to refuse a request with. */
  faultStatus: number;
  fault: string;
}

const newDraft = (): Draft => ({
  kind: 'request',
  method: '',
  uri: '',
  status: 0,
  reason: '',
  names: [],
  values: [],
  callId: '',
  cseq: -1,
  cseqMethod: '',
  fromTag: '',
  toTag: '',
  via: null,
  contentLength: -1,
  seen: new Set(),
  faultStatus: 0,
  fault: '',
});

function fail(draft: Draft, status: number, fault: string): void {
  if (draft.faultStatus !== 0) return;
  draft.faultStatus = status;
  draft.fault = fault;
}

const drop = (reason: string): ParseResult => ({ kind: 'drop', reason });

/** One complete message: a datagram, a WebSocket message, or what the stream framer cut out. */
export function parseMessage(data: Buffer): ParseResult {
  let start = 0;
  while (data[start] === 13 || data[start] === 10) start++;
  const end = data.indexOf('\r\n\r\n', start, 'latin1');
  if (end < 0) return drop('no end of headers');
  if (end - start > limits.headBytes) return drop('headers too long');
  const head = data.toString('utf8', start, end);
  const draft = newDraft();
  const endOfLine = head.indexOf('\r\n');
  const startLine = endOfLine < 0 ? head : head.slice(0, endOfLine);
  const fault = startLine.startsWith('SIP/') ? readStatusLine(draft, startLine) : readRequestLine(draft, startLine);
  if (fault !== null) return drop(fault);
  if (endOfLine >= 0 && !readHeaders(draft, head, endOfLine + 2)) return drop('too many headers');
  checkRequired(draft);
  const body = readBody(draft, data, end + 4);
  return verdict(draft, body);
}

/** The fault when the line cannot be a response at all. */
function readStatusLine(draft: Draft, line: string): string | null {
  const match = /^SIP\/2\.0 (\d{3})(?: (.*))?$/i.exec(line);
  if (!match) return 'bad status line';
  draft.kind = 'response';
  draft.status = Number(match[1]);
  draft.reason = match[2] ?? '';
  return draft.status >= 100 && draft.status <= 699 ? null : 'bad status code';
}

/** The fault when the line does not even begin like a request; lesser faults are answered. */
function readRequestLine(draft: Draft, line: string): string | null {
  const first = line.indexOf(' ');
  const last = line.lastIndexOf(' ');
  if (first <= 0) return 'bad request line';
  draft.method = line.slice(0, first);
  if (!token.test(draft.method)) return 'bad method';
  draft.uri = first === last ? line.slice(first + 1) : line.slice(first + 1, last);
  const version = first === last ? '' : line.slice(last + 1);
  if (!/^SIP\/\d+\.\d+$/i.test(version)) {
    // a line of another protocol is not worth an answer
    if (!/ SIP\//i.test(line)) return 'not a SIP request';
    fail(draft, 400, 'Bad Request-Line');
  } else if (version.toUpperCase() !== 'SIP/2.0') {
    fail(draft, 505, 'Version Not Supported');
  }
  if (!isAnyUri(draft.uri)) fail(draft, 400, 'Bad Request-URI');
  return null;
}

/** False when there are more headers than the limit. */
function readHeaders(draft: Draft, head: string, from: number): boolean {
  let at = from;
  while (at < head.length) {
    let end = head.indexOf('\r\n', at);
    if (end < 0) end = head.length;
    let folded = false;
    // a line that begins with a blank continues the one before (RFC 3261 section 7.3.1)
    for (let c = head.charCodeAt(end + 2); c === 32 || c === 9; c = head.charCodeAt(end + 2)) {
      folded = true;
      end = head.indexOf('\r\n', end + 2);
      if (end < 0) end = head.length;
    }
    if (draft.names.length >= limits.headers) return false;
    readHeader(draft, head, at, end, folded);
    at = end + 2;
  }
  return true;
}

function readHeader(draft: Draft, head: string, at: number, end: number, folded: boolean): void {
  const colon = head.indexOf(':', at);
  const name = colon < 0 || colon >= end ? null : fullName(head.slice(at, colon));
  if (name === null) {
    fail(draft, 400, 'Bad Header Name');
    return;
  }
  let value = head.slice(colon + 1, end);
  if (folded) value = value.replace(/\r\n[ \t]+/g, ' ');
  value = value.trim();
  if (forbidden.test(value)) {
    fail(draft, 400, 'Bad Header Value');
    value = value.replace(/[\r\n\0]/g, ' ');
  }
  draft.names.push(name);
  draft.values.push(value);
  readKnownHeader(draft, name, value);
}

/** The headers that transactions and dialogs are matched by, and those that bound the message. */
function readKnownHeader(draft: Draft, name: string, value: string): void {
  switch (name) {
    case 'via':
      if (draft.via !== null) return;
      draft.via = parseVia(value);
      if (hasEmptyParts(value)) fail(draft, 400, 'Bad Via');
      return;
    case 'from':
      draft.fromTag = readTag(draft, name, value);
      return;
    case 'to':
      draft.toTag = readTag(draft, name, value);
      return;
    case 'call-id':
      once(draft, name);
      draft.callId = value;
      return;
    case 'cseq':
      once(draft, name);
      readCSeq(draft, value);
      return;
    case 'max-forwards':
      once(draft, name);
      if (!digits.test(value) || Number(value) > 255) fail(draft, 400, 'Bad Max-Forwards');
      return;
    case 'content-length':
      readContentLength(draft, value);
      return;
    default:
  }
}

function once(draft: Draft, name: string): void {
  if (draft.seen.has(name)) fail(draft, 400, 'Duplicate Header');
  draft.seen.add(name);
}

function readTag(draft: Draft, name: string, value: string): string {
  once(draft, name);
  const address = parseAddress(value);
  if (address && isAnyUri(address.uri)) return parameterOf(value, 'tag', address.parametersAt) ?? '';
  fail(draft, 400, name === 'from' ? 'Bad From' : 'Bad To');
  return '';
}

/** RFC 3261 section 8.1.1.5: below 2^31. */
function readCSeq(draft: Draft, value: string): void {
  const match = /^(\d+)\s+(\S+)$/.exec(value);
  draft.cseq = match ? Number(match[1]) : -1;
  draft.cseqMethod = match?.[2] ?? '';
  if (!match || draft.cseq >= 2 ** 31) fail(draft, 400, 'Bad CSeq');
}

function readContentLength(draft: Draft, value: string): void {
  const length = digits.test(value) ? Number(value) : -1;
  const differs = draft.contentLength >= 0 && draft.contentLength !== length;
  if (length < 0 || differs || length > limits.bodyBytes) fail(draft, 400, 'Bad Content-Length');
  draft.contentLength = length;
}

function checkRequired(draft: Draft): void {
  for (const name of ['from', 'to', 'call-id', 'cseq']) {
    if (!draft.seen.has(name)) fail(draft, 400, 'Missing Header');
  }
  if (draft.callId === '' || draft.cseq < 0) fail(draft, 400, 'Missing Header');
  if (draft.kind === 'request' && draft.cseqMethod !== draft.method) fail(draft, 400, 'CSeq Method Mismatch');
}

/** RFC 3261 section 18.3: a short body is a fault, octets after the body are ignored. */
function readBody(draft: Draft, data: Buffer, from: number): Buffer {
  const available = data.length - from;
  if (draft.contentLength > available) fail(draft, 400, 'Body Shorter Than Content-Length');
  if (draft.faultStatus !== 0) return noBody;
  const length = draft.contentLength < 0 ? available : draft.contentLength;
  return length === 0 ? noBody : data.subarray(from, from + length);
}

function verdict(draft: Draft, body: Buffer): ParseResult {
  const { via, names, values, callId, cseq, cseqMethod, fromTag, toTag, method, uri, status, reason } = draft;
  if (via === null) return drop('no usable Via');
  const common = { names, values, body, callId, cseq, cseqMethod, fromTag, toTag, via };
  if (draft.kind === 'response') {
    if (draft.faultStatus !== 0) return drop(draft.fault);
    return { kind: 'message', message: { kind: 'response', status, reason, ...common } };
  }
  const request: SipRequest = { kind: 'request', method, uri, ...common };
  if (draft.faultStatus === 0) return { kind: 'message', message: request };
  return { kind: 'refuse', request, status: draft.faultStatus, reason: draft.fault };
}
