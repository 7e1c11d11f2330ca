import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseDigest } from '../../../../../channels/voice/sip/auth/digest.ts';
import { sdpOf } from '../../../../../channels/voice/sip/message/bodies.ts';
import { buildResponse, clean, headerLine, quoteDisplayName } from '../../../../../channels/voice/sip/message/build.ts';
import {
  parseAddress,
  parseNameAddress,
  parseReasons,
  withoutTag,
} from '../../../../../channels/voice/sip/message/headers.ts';
import { parameterOf, parametersOf, splitList } from '../../../../../channels/voice/sip/message/lists.ts';
import { headerOf, type SipMessage } from '../../../../../channels/voice/sip/message/message.ts';
import { parseMessage } from '../../../../../channels/voice/sip/message/parse.ts';
import { escapeUser, parseUri } from '../../../../../channels/voice/sip/message/uri.ts';
import { parseVia, stampVia } from '../../../../../channels/voice/sip/message/via.ts';
import { type Log, silentLog } from '../../../../../server/kernel/log.ts';
import { createTestCore, peerAddress } from '../../../../fixtures/sip/core.ts';
import { tortureMessages } from '../../../../fixtures/sip/torture/index.ts';

const seeds = tortureMessages.map(({ bytes }) => bytes.toString('latin1'));
const pieces = [
  '\r\n',
  ';',
  ',',
  '"',
  '<',
  '>',
  ':',
  '@',
  '=',
  '%',
  '\0',
  ' ',
  '\t',
  '\r\n ',
  ';tag=',
  'sip:',
  'tel:',
  '\\',
  '\r\n\r\n',
  'Via: ',
  'Contact: *',
  'Route: ',
  '99999999999',
  '-1',
  '\xff',
  '[::1]',
  'SIP/2.0',
  'CANCEL ',
  'ACK ',
  'Digest ',
  'Q.850;cause=',
];

/** The same numbers in each run. */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function mutate(text: string, random: (below: number) => number): string {
  const at = random(text.length + 1);
  const piece = pieces[random(pieces.length)] ?? '';
  switch (random(6)) {
    case 0:
      return text.slice(0, at) + piece + text.slice(at);
    case 1:
      return text.slice(0, at) + text.slice(at + 1 + random(8));
    case 2:
      return text.slice(0, at) + String.fromCharCode(random(256)) + text.slice(at + 1);
    case 3:
      return text.slice(0, at) + text.slice(random(text.length), random(text.length)) + text.slice(at);
    case 4:
      return text.slice(0, at) + piece.repeat(1 + random(40)) + text.slice(at);
    default: {
      const other = seeds[random(seeds.length)] ?? '';
      return text.slice(0, at) + other.slice(random(other.length));
    }
  }
}

/** Everything that is ever read from a message. */
function readAll(message: SipMessage): void {
  for (const value of message.values) {
    parseNameAddress(value);
    withoutTag(value);
    splitList(value);
    parametersOf(value);
    parseDigest(value);
    parseReasons([value]);
    const via = parseVia(value);
    if (via) stampVia(value, via, '192.0.2.77', 5061);
  }
  if (message.kind === 'request') {
    parseUri(message.uri);
    buildResponse(message, 200, { localTag: 'x' });
  }
  sdpOf(message);
}

describe('mutated torture messages', () => {
  test('never make the parser or a reader throw', () => {
    const random = generator(20_260_112);
    const verdicts = new Map<string, number>();
    for (let i = 0; i < 6_000; i++) {
      let text = seeds[i % seeds.length] ?? '';
      for (let round = random(5); round >= 0; round--) text = mutate(text, random);
      const result = parseMessage(Buffer.from(text, 'latin1'));
      verdicts.set(result.kind, (verdicts.get(result.kind) ?? 0) + 1);
      if (result.kind === 'message') readAll(result.message);
      if (result.kind === 'refuse') readAll(result.request);
    }
    // the mutations reach every outcome, or this test would prove little
    expect([...verdicts.keys()].sort()).toEqual(['drop', 'message', 'refuse']);
    expect(Math.min(...verdicts.values())).toBeGreaterThan(300);
  });

  test('leave a core that serves, logs no failure, and keeps nothing', () => {
    const failures: unknown[] = [];
    const log: Log = Object.assign(Object.create(silentLog), {
      error: (fields: unknown) => void failures.push(fields),
    });
    const { peer, clock, core, invites, wire } = createTestCore({ log });
    // answers to requests without From or To are no messages that the scripted peer would take
    const answers: string[] = [];
    wire.attach(peerAddress, (bytes) => void answers.push(bytes.toString()));
    const random = generator(7);
    for (let i = 0; i < 3_000; i++) {
      const text = mutate(mutate(seeds[i % seeds.length] ?? '', random), random);
      peer.raw(Buffer.from(text, 'latin1'));
      // slowly enough that the guard against floods lets them through
      if (i % 50 === 0) clock.advance(2_000);
      invites.pop()?.reject(486);
    }
    clock.advance(1_000);
    for (const invite of invites) invite.reject(486);
    clock.advance(100_000);
    expect(failures).toEqual([]);
    expect(core.stats()).toMatchObject({ dialogs: 0, serverTransactions: 0, clientTransactions: 0 });
    expect(wire.sent.filter((message) => message.startsWith('SIP/2.0 4')).length).toBeGreaterThan(500);
    peer.request(peer.call(), 'OPTIONS');
    clock.advance(2);
    expect(answers.at(-1)).toMatch(/^SIP\/2\.0 200 OK\r\n/);
  });
});

describe('properties', () => {
  const anyText = fc.string({ unit: 'binary', maxLength: 60 });

  test('whatever bytes come, the parser returns', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        parseMessage(Buffer.from(bytes));
      }),
    );
  });

  test('a value of the house never begins a header of its own', () => {
    fc.assert(
      fc.property(anyText, anyText, (name, value) => {
        const line = headerLine(name, value);
        expect(line === '' || /^[^\r\n\0]*\r\n$/.test(line)).toBe(true);
        expect(/[\r\n\0]/.test(clean(value))).toBe(false);
      }),
    );
  });

  test('a display name and a user survive the way through a header', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', maxLength: 30 }),
        fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }),
        (display, user) => {
          const value = `${quoteDisplayName(display)}<sip:${escapeUser(user)}@example.com>;tag=1`;
          const address = parseNameAddress(value);
          expect(address.displayName).toBe(clean(display));
          expect(address.uri.user).toBe(user);
          expect(address.parameters.get('tag')).toBe('1');
        },
      ),
    );
  });

  test('a list is split where it was joined', () => {
    const item = fc.stringMatching(/^[a-z0-9.;=-]{1,10}$/);
    const quoted = fc
      .string({ maxLength: 10 })
      .map((text) => `"${text.replace(/[\\"]/g, '\\$&').replace(/[^ -~]/g, '')}"`);
    const angled = fc.stringMatching(/^[a-z,;]{0,8}$/).map((text) => `<sip:${text}>`);
    fc.assert(
      fc.property(fc.array(fc.oneof(item, quoted, angled), { maxLength: 20 }), (items) => {
        expect(splitList(items.join(' , '))).toEqual(items.map((value) => value.trim()));
      }),
    );
  });

  test('parameters are read by name, whatever stands between them', () => {
    const name = fc.stringMatching(/^[a-z]{1,6}$/);
    const value = fc.string({ unit: 'grapheme-ascii', maxLength: 12 });
    fc.assert(
      fc.property(fc.dictionary(name, value, { maxKeys: 8 }), (parameters) => {
        const text = Object.entries(parameters)
          .map(([key, text]) => ` ;\t${key.toUpperCase()} = "${text.replace(/[\\"]/g, '\\$&')}"`)
          .join('');
        expect(Object.fromEntries(parametersOf(text))).toEqual({ ...parameters });
        for (const [key, expected] of Object.entries(parameters)) expect(parameterOf(text, key)).toBe(expected);
      }),
    );
  });
});

test.each([
  ['blanks in a Via', `Via: SIP/2.0/UDP host${' '.repeat(60_000)}x`],
  ['an unclosed quote', `From: "${'\\"'.repeat(30_000)}<sip:a@b>`],
  ['separators', `Contact: <sip:a@b>${' ;'.repeat(30_000)}x`],
  ['a long host', `To: <sip:${'a.'.repeat(30_000)}!>`],
  ['list commas', `Via: ${'SIP/2.0/UDP a;b=c,'.repeat(3_000)}`],
  ['digits', `CSeq: ${'1'.repeat(60_000)} OPTIONS`],
  ['folds', `Subject: a${'\r\n \r\n\t'.repeat(10_000)}`],
])('a head full of %s is read in one pass', (_name, line) => {
  // quadratic scanners need minutes for these; the test's time limit is the judge
  const result = parseMessage(
    Buffer.from(`OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bKx\r\n${line}\r\n\r\n`),
  );
  expect(['refuse', 'drop', 'message']).toContain(result.kind);
  if (result.kind === 'message') readAll(result.message);
  if (result.kind === 'refuse') {
    readAll(result.request);
    expect(headerOf(result.request, 'via')).toBeDefined();
  }
  parseAddress(line);
});
