import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import { headerOf } from '../../../../../channels/voice/sip/message/message.ts';
import { createTestCore, sdp } from '../../../../fixtures/sip/core.ts';
import type { RequestOverrides } from '../../../../fixtures/sip/peer.ts';

/** First answer to a request outside any dialog. */
function answerTo(method: string, overrides: RequestOverrides = {}) {
  const test = createTestCore();
  test.peer.request(test.peer.call(), method, overrides);
  test.clock.advance(2);
  const response = test.peer.inbox.at(-1);
  return { status: response?.kind === 'response' ? response.status : undefined, response, ...test };
}

describe('outside dialogs (RFC 3261 section 8.2)', () => {
  test.each<[string, RequestOverrides, number]>([
    ['OPTIONS', {}, 200],
    ['OPTIONS', { uri: 'sips:x@host' }, 200],
    ['REFER', {}, 405],
    ['MESSAGE', {}, 405],
    ['SUBSCRIBE', {}, 405],
    ['NOTIFY', {}, 405],
    ['BYE', {}, 481],
    ['INFO', {}, 481],
    ['UPDATE', {}, 481],
    ['PRACK', {}, 481],
    ['CANCEL', {}, 481],
    ['DANCE', {}, 501],
    ['OPTIONS', { uri: 'mailto:x@host' }, 416],
    ['OPTIONS', { headers: 'Require: 100rel, teleport' }, 420],
    ['INVITE', { uri: 'sip:x@host?Subject=y' }, 400],
    ['INVITE', { contact: '' }, 400],
    ['INVITE', { contact: '<http://x>' }, 400],
    ['INVITE', { body: 'x', contentType: 'text/plain' }, 415],
    ['INVITE', { body: sdp('x'), headers: 'Content-Encoding: gzip' }, 415],
    ['INVITE', { headers: 'Supported: timer\r\nSession-Expires: 30' }, 422],
    ['INVITE', { uri: 'tel:+74950000001', body: sdp('x') }, 100],
    ['INVITE', { to: '<sip:x@host>;tag=unknown' }, 481],
  ])('%s %j gets %i', (method, overrides, status) => {
    expect(answerTo(method, overrides).status).toBe(status);
  });

  test('Max-Forwards of an INVITE is used up', () => {
    const { peer, clock } = createTestCore();
    const bytes =
      'INVITE sip:x@h SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.9:5090;branch=z9hG4bK1;rport\r\nMax-Forwards: 0\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:x@h>\r\nCall-ID: c\r\nCSeq: 1 INVITE\r\nContact: <sip:a@b>\r\n\r\n';
    peer.raw(bytes);
    clock.advance(2);
    peer.takeResponse(483);
  });

  test('the answers say what is possible', () => {
    const { response } = answerTo('OPTIONS');
    if (!response) throw new Error('no answer');
    expect(headerOf(response, 'allow')).toContain('INVITE, ACK, CANCEL, BYE');
    expect(headerOf(response, 'supported')).toBe('100rel, timer, path, outbound');
    expect(headerOf(response, 'accept')).toBe('application/sdp');
    expect(headerOf(response, 'server')).toBe('Switchroom');
    const refused = answerTo('OPTIONS', { headers: 'Require: 100rel, teleport' }).response;
    expect(refused && headerOf(refused, 'unsupported')).toBe('teleport');
  });

  test('a stray ACK and a response of nobody are dropped', () => {
    expect(answerTo('ACK').status).toBeUndefined();
    const { peer, clock, wire } = createTestCore();
    peer.raw(
      'SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKnobody\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:x@h>;tag=2\r\nCall-ID: c\r\nCSeq: 1 INVITE\r\n\r\n',
    );
    clock.advance(2);
    expect(wire.sent).toHaveLength(1);
  });

  test('a multipart with SDP is an offer', () => {
    const body = `--e\r\nContent-Type: text/plain\r\n\r\nhi\r\n--e\r\nContent-Type: application/sdp\r\n\r\n${sdp('inside')}\r\n--e--\r\n`;
    const { invites } = answerTo('INVITE', { body, contentType: 'multipart/mixed;boundary=e' });
    expect(invites[0]?.offer?.toString()).toContain('o=inside');
  });

  test('a handler that throws refuses its INVITE with 500', () => {
    const test = createTestCore({
      handlers: {
        invite: () => {
          throw new Error('bug');
        },
      },
    });
    test.peer.request(test.peer.call(), 'INVITE', { body: sdp('x') });
    test.clock.advance(2);
    test.peer.takeResponse(500);
  });
});

test('the trace has every message, without credentials and keys, at trace level only', () => {
  const lines: string[] = [];
  const log = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) });
  const { peer, clock } = createTestCore({ log });
  const headers = 'Authorization: Digest username="a",\r\n response="0123"\r\nproxy-authorization: Digest b';
  peer.request(peer.call(), 'OPTIONS', { headers, body: 'v=0\r\na=ice-pwd:hidden\r\na=crypto:1 AES inline:key\r\n' });
  clock.advance(2);
  const traced = lines.map((line) => JSON.parse(line)).filter(({ msg }) => msg === 'SIP message');
  expect(traced.map(({ direction }) => direction)).toEqual(['in']);
  expect(traced[0].message).toContain('Authorization: [redacted]\r\nproxy-authorization: [redacted]\r\n');
  for (const secret of ['0123', 'Digest', 'hidden', 'inline']) expect(lines.join('')).not.toContain(secret);
  log.level = 'debug';
  lines.length = 0;
  peer.request(peer.call(), 'OPTIONS');
  clock.advance(2);
  expect(lines).toEqual([]);
});
