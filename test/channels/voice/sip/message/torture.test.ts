import { describe, expect, test } from 'vitest';
import { parseNameAddress } from '../../../../../channels/voice/sip/message/headers.ts';
import { headerOf, listOf, type SipMessage } from '../../../../../channels/voice/sip/message/message.ts';
import { parseMessage } from '../../../../../channels/voice/sip/message/parse.ts';
import { parseUri } from '../../../../../channels/voice/sip/message/uri.ts';
import { createTestCore } from '../../../../fixtures/sip/core.ts';
import { tortureMessages } from '../../../../fixtures/sip/torture/index.ts';

const parsed = (name: string): SipMessage => {
  const message = tortureMessages.find((candidate) => candidate.name === name);
  const result = parseMessage(message?.bytes ?? Buffer.alloc(0));
  if (result.kind !== 'message') throw new Error(`${name}: ${result.reason}`);
  return result.message;
};

test('the RFC has 49 messages', () => {
  expect(new Set(tortureMessages.map(({ name }) => name)).size).toBe(49);
});

describe.each(tortureMessages)('$name (RFC 4475 section $section)', ({ bytes, parsed: kind, answer }) => {
  test(`is parsed as: ${kind}`, () => {
    const result = parseMessage(bytes);
    expect(result.kind).toBe(kind);
    if (result.kind === 'refuse') expect(result.status).toBe(answer);
  });

  test(`is answered with: ${answer ?? 'nothing'}`, () => {
    const { peer, clock, wire, invites } = createTestCore();
    peer.raw(bytes);
    const before = wire.sent.length;
    clock.advance(2);
    const statuses = wire.sent.slice(before).map((message) => Number(message.slice(8, 11)));
    expect(statuses).toEqual(answer === undefined ? [] : [answer]);
    expect(invites).toHaveLength(answer === 100 ? 1 : 0);
  });
});

describe('what is read from the odd ones', () => {
  test('wsinv: folding, compact names, blanks around every separator', () => {
    const message = parsed('wsinv');
    expect(message).toMatchObject({ cseq: 9, cseqMethod: 'INVITE', toTag: '1918181833n', fromTag: '98asjd8' });
    expect(message.via).toMatchObject({ transport: 'UDP', host: '192.0.2.2', branch: '390skdjuw' });
    expect(listOf(message, 'via')).toHaveLength(3);
    expect(parseNameAddress(headerOf(message, 'from') ?? '')).toMatchObject({
      displayName: 'J Rosenberg \\"',
      uri: { user: 'jdrosen', host: 'example.com' },
    });
    const contact = parseNameAddress(headerOf(message, 'contact') ?? '');
    expect(Object.fromEntries(contact.parameters)).toEqual({ newparam: 'newvalue', secondparam: '', q: '0.33' });
    expect(headerOf(message, 'newfangledheader')).toBe('newfangled value continued newfangled value');
    expect(headerOf(message, 'unknownheaderwithunusualvalue')).toBe(';;,,;;,;');
    expect(message.body).toHaveLength(150);
  });

  test('intmeth: every legal character, a quoted NUL among them', () => {
    const message = parsed('intmeth');
    expect(message.fromTag).toBe("_token~1'+`*%!-.");
    expect(message.callId).toBe('intmeth.word%ZK-!.*_+\'@word`~)(><:\\/"][?}{');
    expect(parseNameAddress(headerOf(message, 'to') ?? '').displayName).toBe('BEL:\u0007 NUL:\u0000 DEL:\u007f');
    expect(headerOf(message, "extensionheader-!.%*+_`'~")).toBe('大停電');
  });

  test('esc01: escapes of the user part', () => {
    const message = parsed('esc01');
    expect(message.kind === 'request' && parseUri(message.uri)?.user).toBe('sips:user@example.com');
    expect(parseNameAddress(headerOf(message, 'from') ?? '').uri.user).toBe('I have spaces');
  });

  test('semiuri: semicolons before the host belong to the user', () => {
    const message = parsed('semiuri');
    expect(message.kind === 'request' && parseUri(message.uri)).toMatchObject({
      user: 'user;par=u@example.net',
      host: 'example.com',
    });
  });

  test('mpart01: octets stay octets', () => {
    expect(parsed('mpart01').body.includes(Buffer.from([0, 1, 2, 3, 254, 255].slice(0, 4)))).toBe(true);
    expect(parsed('mpart01').body.includes(Buffer.from([253, 254, 255, 13, 10]))).toBe(true);
  });

  test('longreq: 34 Vias, the first on top', () => {
    const message = parsed('longreq');
    expect(listOf(message, 'via')).toHaveLength(34);
    expect(message.via.host).toBe('sip33.example.com');
  });
});
