import { describe, expect, test } from 'vitest';
import { hasForeignBody, sdpOf } from '../../../../../channels/voice/sip/message/bodies.ts';
import { buildRequest, buildResponse, reasonLine } from '../../../../../channels/voice/sip/message/build.ts';
import {
  deltaSeconds,
  parseAddress,
  parseRAck,
  parseReasons,
  parseSessionExpires,
  withoutTag,
} from '../../../../../channels/voice/sip/message/headers.ts';
import { hasToken, headerLinesOf, listOf, type SipRequest } from '../../../../../channels/voice/sip/message/message.ts';
import { parseMessage } from '../../../../../channels/voice/sip/message/parse.ts';
import { reasonPhrase } from '../../../../../channels/voice/sip/message/reasons.ts';
import { hasUriHeaders, isAnyUri, parseUri } from '../../../../../channels/voice/sip/message/uri.ts';
import { parseVia, stampVia } from '../../../../../channels/voice/sip/message/via.ts';

function request(lines: string, body: string | Buffer = ''): SipRequest {
  const head = `INVITE sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bKx\r\nf: <sip:a@b>;tag=1\r\nt: <sip:a@b>\r\ni: c\r\nCSeq: 1 INVITE\r\n${lines}`;
  const result = parseMessage(Buffer.concat([Buffer.from(`${head}\r\n`), Buffer.from(body)]));
  if (result.kind !== 'message' || result.message.kind !== 'request') throw new Error(JSON.stringify(result));
  return result.message;
}

describe('URIs', () => {
  test.each([
    ['sip:alice@example.com', { scheme: 'sip', user: 'alice', host: 'example.com', port: 0 }],
    [
      'SIPS:+7495@EXAMPLE.com:5061;transport=TCP;lr',
      { scheme: 'sips', user: '+7495', host: 'example.com', port: 5061 },
    ],
    ['sip:alice:secret@host', { user: 'alice', host: 'host' }],
    ['sip:[2001:db8::1]:5062;x', { user: '', host: '[2001:db8::1]', port: 5062 }],
    ['sip:a%40b%zz@host', { user: 'a%40b%zz' }],
    ['tel:+7-495-000.00.01;phone-context=x', { scheme: 'tel', user: '+74950000001', host: '', port: 0 }],
  ])('%s', (text, expected) => {
    expect(parseUri(text)).toMatchObject({ ...expected, text });
  });

  test('parameters have lower-case names', () => {
    expect(Object.fromEntries(parseUri('sip:a@b;Transport=TCP;lr')?.parameters ?? [])).toEqual({
      transport: 'TCP',
      lr: '',
    });
  });

  test.each([
    '',
    'sip:',
    'sip:@host',
    'sip:a b@host',
    'http://x',
    'sip:a@b:99999',
    'tel:hello',
    'sip:a@b:x',
    'mailto:a@b',
  ])('%j is none of ours', (text) => {
    expect(parseUri(text)?.user ?? null).toBe(text === 'sip:@host' ? '' : null);
  });

  test('headers in a URI are seen', () => {
    expect(hasUriHeaders('sip:a@b?Route=x')).toBe(true);
    expect(hasUriHeaders('sip:a?b@c')).toBe(false);
    expect(isAnyUri('isbn:2983792873')).toBe(true);
    expect(isAnyUri('no scheme')).toBe(false);
  });
});

describe('addresses', () => {
  test.each([
    ['"A \\"B\\", C" <sip:a@b>;tag=1', { displayName: 'A "B", C', uri: 'sip:a@b' }],
    ['Bell, Alexander <sip:a@b>', { displayName: 'Bell, Alexander', uri: 'sip:a@b' }],
    ['<sip:a@b;x?y=z>;q=1', { displayName: '', uri: 'sip:a@b;x?y=z' }],
    ['sip:a@b;tag=1', { displayName: '', uri: 'sip:a@b' }],
  ])('%s', (value, expected) => {
    expect(parseAddress(value)).toMatchObject(expected);
  });

  test.each(['"open <sip:a@b>', '<sip:a@b', '< sip:a@b >', '<>', '', 'sip:a b', '"x" sip:a@b', 'sip:a@b?x=y'])(
    '%j is malformed',
    (value) => {
      expect(parseAddress(value)).toBeNull();
    },
  );

  test('a tag is taken out of the parameters, never out of the URI', () => {
    expect(withoutTag('<sip:a@b;tag=no>;x=1; tag = yes ;y')).toBe('<sip:a@b;tag=no>;x=1 ;y');
  });
});

describe('small headers', () => {
  test('Session-Expires, RAck, Expires, Reason', () => {
    expect(parseSessionExpires('1800 ;refresher=UAS')).toEqual({ seconds: 1800, refresher: 'uas' });
    expect(parseSessionExpires('soon')).toBeUndefined();
    expect(parseRAck('7 1 INVITE')).toEqual({ rseq: 7, cseq: 1, method: 'INVITE' });
    expect(parseRAck('7 INVITE')).toBeNull();
    expect(deltaSeconds('99999999999999')).toBe(2 ** 32 - 1);
    expect(deltaSeconds('-5')).toBeUndefined();
    expect(parseReasons(['SIP;cause=200;text="Call completed elsewhere"', 'Q.850 ;cause=16'])).toEqual({
      text: 'Call completed elsewhere',
      q850: 16,
      sipCause: 200,
    });
    expect(reasonLine({ status: 486, text: 'a "b"\r\nX: y' })).toBe('Reason: SIP;cause=486;text="a \\"b\\" X: y"\r\n');
    expect(reasonPhrase(499)).toBe('Bad Request');
  });

  test('lists over several lines, compact names, tokens whatever their case', () => {
    const message = request('k: timer\r\nSupported: 100REL, path\r\nWWW-Authenticate: Digest a="b", c="d"\r\n');
    expect(listOf(message, 'supported')).toEqual(['timer', '100REL', 'path']);
    expect(hasToken(message, 'supported', '100rel')).toBe(true);
    expect(hasToken(message, 'supported', 'rel')).toBe(false);
    expect(headerLinesOf(message, 'www-authenticate')).toEqual(['Digest a="b", c="d"']);
  });
});

describe('Via (RFC 3581)', () => {
  const stamp = (line: string): string => {
    const via = parseVia(line);
    if (!via) throw new Error('bad Via');
    return stampVia(line, via, '192.0.2.7', 6060);
  };

  test.each([
    ['SIP/2.0/UDP 192.0.2.7;branch=z', 'SIP/2.0/UDP 192.0.2.7;branch=z'],
    ['SIP/2.0/UDP 192.0.2.7;rport;branch=z', 'SIP/2.0/UDP 192.0.2.7;rport=6060;branch=z;received=192.0.2.7'],
    ['SIP/2.0/UDP host;branch=z ; rport', 'SIP/2.0/UDP host;branch=z ;rport=6060;received=192.0.2.7'],
    ['SIP/2.0/WS x.invalid;branch=z', 'SIP/2.0/WS x.invalid;branch=z;received=192.0.2.7'],
    ['SIP/2.0/UDP a;rport, SIP/2.0/TCP b;rport', 'SIP/2.0/UDP a;rport=6060;received=192.0.2.7, SIP/2.0/TCP b;rport'],
    ['SIP/2.0/UDP a;received=1.2.3.4;branch=z', 'SIP/2.0/UDP a;branch=z;received=192.0.2.7'],
  ])('%s', (line, expected) => {
    expect(stamp(line)).toBe(expected);
  });

  test('an IPv6 host is compared without its brackets', () => {
    const line = 'SIP/2.0/UDP [2001:DB8::1]:5060;branch=z';
    const via = parseVia(line);
    expect(via && stampVia(line, via, '2001:db8::1', 5060)).toBe(line);
  });
});

describe('bodies', () => {
  const part = (type: string, body: string): string => `--edge\r\nContent-Type: ${type}\r\n\r\n${body}\r\n`;

  test('SDP alone, in a multipart, under a quoted boundary', () => {
    expect(sdpOf(request('c: application/SDP;charset=x\r\n', 'v=0'))?.toString()).toBe('v=0');
    const parts = `preamble\r\n${part('text/plain', 'x')}${part('application/sdp', 'v=0\r\n')}--edge--`;
    expect(sdpOf(request('c: multipart/mixed;boundary="edge"\r\n', parts))?.toString()).toBe('v=0\r\n');
  });

  test('no SDP: none at all, another type, a multipart without it or without boundary', () => {
    expect(sdpOf(request(''))).toBeNull();
    expect(hasForeignBody(request(''))).toBe(false);
    expect(hasForeignBody(request('c: text/plain\r\n', 'x'))).toBe(true);
    expect(hasForeignBody(request('c: multipart/mixed;boundary=edge\r\n', `${part('text/plain', 'x')}--edge--`))).toBe(
      true,
    );
    expect(hasForeignBody(request('c: multipart/mixed\r\n', 'x'))).toBe(true);
  });

  test('Content-Length counts octets', () => {
    const bytes = buildRequest(
      {
        method: 'INFO',
        uri: 'sip:a@b',
        via: 'SIP/2.0/UDP h;branch=z9hG4bKy',
        routes: ['<sip:r;lr>'],
        from: '<sip:a@b>;tag=1',
        to: '<sip:a@b>',
        callId: 'c',
        cseq: 2,
        headers: '',
      },
      { contentType: 'text/plain', bytes: Buffer.from('żółw') },
    );
    const result = parseMessage(bytes);
    if (result.kind !== 'message') throw new Error('unreadable');
    expect(bytes.toString()).toContain('Content-Length: 7\r\n');
    expect(result.message.body.toString()).toBe('żółw');
    expect(headerLinesOf(result.message, 'route')).toEqual(['<sip:r;lr>']);
  });
});

test('a response carries what section 8.2.6 asks for, a tag only where none was', () => {
  const message = request('v: SIP/2.0/TCP second\r\n');
  const text = buildResponse(message, 180, { localTag: 'mine' }).toString();
  expect(text).toContain(
    'Via: SIP/2.0/UDP h;branch=z9hG4bKx\r\nVia: SIP/2.0/TCP second\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:a@b>;tag=mine\r\n',
  );
  expect(buildResponse(message, 100, { localTag: 'mine' }).toString()).toContain('To: <sip:a@b>\r\n');
});
