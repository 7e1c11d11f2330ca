import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { TrunkSettings } from '../../../channels/channel.ts';
import { digitOfInfo } from '../../../channels/voice/dtmf-info.ts';
import { endReason, statusOfReason } from '../../../channels/voice/end-reason.ts';
import { calledNumbers, callerOf, factsOf, numberFor } from '../../../channels/voice/identity.ts';
import { type LegInput, legTransitions } from '../../../channels/voice/legs.ts';
import type { IncomingInvite, NameAddress, SipUri, Termination } from '../../../channels/voice/sip/stack.ts';
import { compileTrunks } from '../../../channels/voice/trunk-match.ts';
import type { TrunkId } from '../../../server/kernel/ids.ts';
import { checkStateTable } from '../../support/state-table.ts';

const trunk = (over: Partial<TrunkSettings>): TrunkSettings => ({
  id: 1 as TrunkId,
  name: 'Carrier',
  host: '192.0.2.1',
  port: 5060,
  transport: 'udp',
  addresses: [],
  username: '',
  password: '',
  numberFormat: 'e164',
  ...over,
});

test('leg states: every pair does what the table says', () => {
  const inputs: LegInput[] = ['answer', 'confirm', 'end'];
  checkStateTable(legTransitions, { starts: ['arrived', 'calling'], inputs, terminal: ['ended'] });
});

describe('how a leg ended, in words', () => {
  const remote = (status: number, q850?: number): Termination => ({ status, reason: '', by: 'remote', q850 });
  test.each([
    [remote(486), 'busy'],
    [remote(600), 'busy'],
    [remote(603), 'rejected'],
    [remote(404), 'invalid_number'],
    [remote(480), 'no_answer'],
    [remote(487), 'cancelled'],
    [remote(503), 'congestion'],
    [remote(599), 'congestion'],
    [remote(420), 'failed'],
    // The announcement said more than the code: 480 with cause 17 is busy, 500 with cause 1 a wrong number.
    [remote(480, 17), 'busy'],
    [remote(500, 1), 'invalid_number'],
    [remote(480, 127), 'no_answer'],
    // A normal end keeps its meaning whatever cause came with it.
    [remote(200, 16), 'hung_up'],
    [{ status: 503, reason: '', by: 'transport' } as Termination, 'unreachable'],
    [{ status: 408, reason: '', by: 'transport' } as Termination, 'no_answer'],
  ])('%o is %s', (termination, expected) => {
    expect(endReason(termination)).toBe(expected);
  });

  test('every reason has a status that the same reason comes back from, where SIP can carry it', () => {
    for (const reason of ['busy', 'rejected', 'invalid_number', 'congestion', 'cancelled'] as const)
      expect(endReason(remote(statusOfReason[reason].status))).toBe(reason);
  });
});

describe('which carrier an address belongs to', () => {
  const find = compileTrunks([
    trunk({ id: 1 as TrunkId, addresses: ['192.0.2.1', '2001:db8::/32'] }),
    trunk({ id: 2 as TrunkId, addresses: ['192.0.2.0/24', '127.0.0.1/32'] }),
  ]);
  test.each([
    ['192.0.2.1', 1],
    ['192.0.2.2', 2],
    ['::ffff:192.0.2.1', 1],
    ['2001:db8::5', 1],
    ['127.0.0.1', 2],
    ['198.51.100.1', undefined],
    ['::1', undefined],
  ])('%s', (address, id) => {
    expect(find(address)?.id).toBe(id);
  });

  test('a wrong entry names its trunk', () => {
    expect(() => compileTrunks([trunk({ addresses: ['192.0.2.300'] })])).toThrow(/trunk "Carrier": "192.0.2.300"/);
    expect(() => compileTrunks([trunk({ addresses: ['192.0.2.0/99'] })])).toThrow(/trunk "Carrier"/);
  });
});

describe('who is calling whom', () => {
  const uri = (user: string): SipUri => ({
    scheme: 'sip',
    user,
    host: 'h',
    port: 0,
    parameters: new Map(),
    text: `sip:${user}@h`,
  });
  const address = (user: string, displayName = ''): NameAddress => ({
    displayName,
    uri: uri(user),
    parameters: new Map(),
  });
  const invite = (headers: Record<string, string>, from = 'tech', to = '74950000001'): IncomingInvite =>
    ({
      from: address(from, 'Ivan'),
      to: address(to),
      requestUri: uri('+74950000001'),
      header: (name: string) => headers[name],
    }) as unknown as IncomingInvite;

  test.each<[string, Record<string, string>, string]>([
    ['From alone', {}, 'tech'],
    ['asserted identity before From', { 'p-asserted-identity': '"I" <sip:+79161234567@c;user=phone>' }, '+79161234567'],
    ['tel form', { 'p-asserted-identity': '<tel:+79161234567;cpc=ordinary>' }, '+79161234567'],
    ['Remote-Party-ID', { 'remote-party-id': '<sip:9161234567@c>;party=calling;privacy=off' }, '9161234567'],
    ['an empty identity does not count', { 'p-asserted-identity': '<sip:c.example>' }, 'tech'],
    [
      'privacy hides what the carrier tells us',
      { privacy: 'id', 'p-asserted-identity': '<sip:+79161234567@c>' },
      'anonymous',
    ],
    ['privacy none hides nothing', { privacy: 'none', 'p-asserted-identity': '<sip:+7916@c>' }, '+7916'],
    ['escaped characters', { 'p-asserted-identity': '<sip:%2B79161234567@c>' }, '+79161234567'],
    ['a stray percent sign loses nothing', { 'p-asserted-identity': '<sip:%ZZ7916@c>' }, '%ZZ7916'],
  ])('%s', (_name, headers, raw) => {
    expect(callerOf(invite(headers)).raw).toBe(raw);
  });

  test('a caller who hides has no name either', () => {
    expect(callerOf(invite({ privacy: 'id' })).displayName).toBe('');
    expect(callerOf(invite({})).displayName).toBe('Ivan');
  });

  test('the called number: request URI, then P-Called-Party-ID, then To, each once', () => {
    expect(calledNumbers(invite({ 'p-called-party-id': '<sip:84950000001@c>' }))).toEqual([
      '+74950000001',
      '84950000001',
      '74950000001',
    ]);
    expect(calledNumbers(invite({}, 'x', '+74950000001'))).toEqual(['+74950000001']);
  });

  test('facts are the headers that explain a call, cut to a bound', () => {
    const facts = factsOf(invite({ diversion: 'd'.repeat(10_000), 'x-other': 'x' }));
    expect(Object.keys(facts)).toEqual(['diversion']);
    expect(facts['diversion']).toHaveLength(500);
  });

  test.each([
    ['e164', '+79161234567', '+79161234567'],
    ['digits', '+79161234567', '79161234567'],
    ['ru8', '+79161234567', '89161234567'],
    ['ru8', '+491701234567', '810491701234567'],
    ['ru8', '112', '112'],
    ['e164', '112', '112'],
  ] as const)('%s writes %s as %s', (numberFormat, e164, written) => {
    expect(numberFor(trunk({ numberFormat }), e164)).toBe(written);
  });
});

describe('digits in INFO', () => {
  test.each([
    ['application/dtmf-relay', 'Signal=5\r\nDuration=160\r\n', '5'],
    ['Application/DTMF-Relay; charset=x', 'signal = #\nDuration=1', '#'],
    ['application/dtmf', '9', '9'],
    ['application/dtmf', ' a \r\n', 'A'],
    ['application/dtmf-relay', 'Signal=12', '1'],
    ['application/dtmf-relay', 'Duration=160', undefined],
    ['application/dtmf', '12', undefined],
    ['text/plain', '5', undefined],
  ])('%s %j', (type, body, digit) => {
    expect(digitOfInfo(type, Buffer.from(body))).toBe(digit);
  });

  test('any bytes give a digit or nothing', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        expect(digitOfInfo('application/dtmf-relay', Buffer.from(bytes)) ?? '0').toMatch(/^[0-9A-D*#]$/);
      }),
    );
  });
});
