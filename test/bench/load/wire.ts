import { randomBytes } from 'node:crypto';
import dgram from 'node:dgram';

/**
 * SIP over UDP as cheap as it gets: messages are latin1 strings cut from and filled into templates, headers are found
 * by their one spelling in our server's messages. No parser: this only ever talks to the server under test.
 */

/** RFC 3261 table 4. */
const t1Ms = 500;
export const t2Ms = 4_000;
const timeoutMs = 64 * t1Ms;

export interface Wire {
  readonly port: number;
  send(text: string): void;
  close(): void;
}

/** A socket that talks to the SIP port of this machine only. */
export async function openWire(sipPort: number, receive: (text: string) => void): Promise<Wire> {
  const socket = dgram.createSocket({ type: 'udp4', recvBufferSize: 4_000_000, sendBufferSize: 4_000_000 });
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(0, '127.0.0.1', () => socket.connect(sipPort, '127.0.0.1', resolve));
  });
  // A server that is not there shows as calls that fail.
  socket.on('error', () => undefined);
  socket.on('message', (bytes) => receive(bytes.toString('latin1')));
  return {
    port: socket.address().port,
    send: (text) => socket.send(Buffer.from(text, 'latin1')),
    close: () => socket.close(),
  };
}

/** First value of a header, '' when it is not there. */
export function header(text: string, name: string): string {
  const at = text.indexOf(`\r\n${name}: `);
  if (at < 0) return '';
  const from = at + name.length + 4;
  return text.slice(from, text.indexOf('\r\n', from));
}

/** Status of a response, 0 of a request. */
export const statusOf = (text: string): number => (text.startsWith('SIP/2.0 ') ? Number(text.slice(8, 11)) : 0);
export const methodOf = (text: string): string => text.slice(0, text.indexOf(' '));
/** The URI between angle brackets. */
export const uriIn = (value: string): string => value.slice(value.indexOf('<') + 1, value.indexOf('>'));
/** User part of the URI in a header value. */
export const userIn = (value: string): string => /sips?:([^@>;]+)@/.exec(value)?.[1] ?? '';
export const newToken = (): string => randomBytes(8).toString('hex');

/** A response with the headers that must be repeated (RFC 3261 section 8.2.6.2). */
export function response(request: string, status: string, tag: string, rest = 'Content-Length: 0\r\n\r\n'): string {
  const to = header(request, 'To');
  const tagged = to.includes(';tag=') ? to : `${to};tag=${tag}`;
  return (
    `SIP/2.0 ${status}\r\nVia: ${header(request, 'Via')}\r\nFrom: ${header(request, 'From')}\r\nTo: ${tagged}\r\n` +
    `Call-ID: ${header(request, 'Call-ID')}\r\nCSeq: ${header(request, 'CSeq')}\r\n${rest}`
  );
}

export interface RequestParts {
  readonly method: string;
  readonly uri: string;
  readonly port: number;
  readonly branch: string;
  readonly from: string;
  readonly to: string;
  readonly callId: string;
  readonly cseq: number;
  /** Further headers and the body, with the empty line. */
  readonly rest?: string;
}

export const request = (parts: RequestParts): string =>
  `${parts.method} ${parts.uri} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:${parts.port};branch=z9hG4bK${parts.branch}\r\n` +
  `Max-Forwards: 70\r\nFrom: ${parts.from}\r\nTo: ${parts.to}\r\nCall-ID: ${parts.callId}\r\n` +
  `CSeq: ${parts.cseq} ${parts.method}\r\n${parts.rest ?? 'Content-Length: 0\r\n\r\n'}`;

/** A-law audio at a port where nobody listens: what the server plays costs it all that it costs, and us nothing. */
const sdp =
  'v=0\r\no=load 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n' +
  'm=audio 9 RTP/AVP 8 101\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\na=sendrecv\r\n';

/** Contact and session description of an INVITE or of its 200. */
export const withSdp = (user: string, port: number): string =>
  `Contact: <sip:${user}@127.0.0.1:${port}>\r\nContent-Type: application/sdp\r\nContent-Length: ${sdp.length}\r\n\r\n${sdp}`;

/** Sends until stopped, each time after twice as long up to `capMs`; gives up after 64 * T1 (RFC 3261 section 17.1). */
export type SendUntil = (text: string, options: { capMs: number; onGiveUp: () => void }) => { stop(): void };

/** @param counted called for each repetition */
export function createSendUntil(send: (text: string) => void, counted: () => void): SendUntil {
  return (text, { capMs, onGiveUp }) => {
    const giveUpAt = performance.now() + timeoutMs;
    let waitMs = t1Ms;
    let timer: NodeJS.Timeout;
    const again = (): void => {
      if (performance.now() >= giveUpAt) {
        onGiveUp();
        return;
      }
      counted();
      send(text);
      waitMs = Math.min(waitMs * 2, capMs);
      timer = setTimeout(again, waitMs);
    };
    send(text);
    timer = setTimeout(again, waitMs);
    return { stop: () => clearTimeout(timer) };
  };
}
