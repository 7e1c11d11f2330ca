import { expect, test } from 'vitest';
import { parsePhoneNumber } from '../../../../server/clients/phone-number.ts';
import type { GateReason } from '../../../../server/contract/messages-words.ts';
import type { ConsentFact, GateFacts } from '../../../../server/messages/gate/facts.ts';
import { judge } from '../../../../server/messages/gate/judge.ts';

const number = parsePhoneNumber('8 916 555-44-33', 'RU').value;
/** Monday, noon in Moscow. */
const noon = Date.UTC(2026, 0, 12, 9);
const day = 24 * 60 * 60_000;

const capabilities: NonNullable<GateFacts['account']>['capabilities'] = {
  maxText: 1000,
  maxAttachmentBytes: 0,
  subject: false,
  html: false,
  canInitiate: true,
  settles: 'lookup',
  rate: { perSecond: 10, concurrency: 1 },
};
const up = { state: 'up', since: 0, problem: '', catchUp: null } as const;

const facts = (changes: Partial<GateFacts> = {}): GateFacts => ({
  now: noon,
  channel: 'sms',
  purpose: 'service',
  recipients: [number],
  text: 'Hello',
  subject: '',
  attachmentBytes: 0,
  from: { id: 1, channel: 'sms', value: 'Shop', name: '' },
  isStarting: false,
  account: { capabilities, health: up },
  consents: [],
  suppressions: [],
  marketingThisWeek: 0,
  marketingPerWeek: 3,
  consentRequired: true,
  quiet: { from: '21:00', to: '09:00', timeZone: 'Europe/Moscow' },
  clientWroteAt: null,
  writers: [],
  ...changes,
});

const word = (changes: Partial<ConsentFact> = {}): ConsentFact => ({
  kind: 'phone',
  value: number,
  channel: 'sms',
  purpose: null,
  state: 'refused',
  at: new Date(noon - day),
  evidence: 'wrote STOP',
  ...changes,
});

const closed = { value: number, evidence: '550', at: new Date(noon), until: null, failures: 1 } as const;

const linesOf = (changes: Partial<GateFacts>) =>
  judge(facts(changes)).map(({ reason, effect }) => `${effect} ${reason}`);

test('nothing is said against an ordinary message', () => {
  expect(judge(facts())).toEqual([]);
});

const cases: readonly (readonly [string, Partial<GateFacts>, readonly `${string} ${GateReason}`[]])[] = [
  ['he refused this channel', { consents: [word()] }, ['blocks refused']],
  ['he refused another channel', { consents: [word({ channel: 'email' })] }, []],
  ['he refused mailings, and this is none', { consents: [word({ purpose: 'marketing' })] }, []],
  ['he refused mailings', { purpose: 'marketing', consents: [word({ purpose: 'marketing' })] }, ['blocks refused']],
  [
    'he wants to hear nothing at all',
    { consents: [word({ kind: 'client', value: '1', channel: null })] },
    ['blocks do_not_contact'],
  ],
  ['he thought better of it', { consents: [word(), word({ state: 'given', at: new Date(noon) })] }, []],
  ['nobody asked him about mailings', { purpose: 'marketing' }, ['blocks no_consent']],
  ['he agreed to mailings', { purpose: 'marketing', consents: [word({ state: 'given', purpose: 'marketing' })] }, []],
  ['mailings need no consent', { purpose: 'marketing', consentRequired: false }, []],
  ['his address is gone', { suppressions: [{ ...closed, reason: 'gone' }] }, ['blocks address_gone']],
  ['his address bounced once', { suppressions: [{ ...closed, reason: 'unreachable' }] }, []],
  [
    'his address bounces',
    { suppressions: [{ ...closed, reason: 'unreachable', failures: 5 }] },
    ['blocks address_gone'],
  ],
  [
    'his address was closed for a time that is over',
    { suppressions: [{ ...closed, reason: 'gone', until: new Date(noon) }] },
    [],
  ],
  [
    'he complained, and this is no mailing',
    { suppressions: [{ ...closed, reason: 'complained' }] },
    ['warns complained'],
  ],
  [
    'he had three mailings this week',
    { purpose: 'marketing', consentRequired: false, marketingThisWeek: 3 },
    ['blocks frequency'],
  ],
  ['there is no address of ours', { from: null, account: null }, ['blocks no_sender']],
  ['the account is off', { account: null }, ['blocks account_off']],
  ['the account is on and starts', { account: null, isStarting: true }, ['delays account_down']],
  ['it is too long', { text: 'a'.repeat(1001) }, ['blocks too_long', 'warns many_segments']],
  ['files are too large', { attachmentBytes: 1 }, ['blocks too_large']],
  ['a field is empty', { text: 'Dear {{client.name}}' }, ['blocks missing_fields']],
  ['it is night', { now: noon + 12 * 60 * 60_000 }, ['delays quiet_hours']],
  ['it is night, and he wrote', { now: noon + 12 * 60 * 60_000, clientWroteAt: noon + 11 * 60 * 60_000 }, []],
  [
    'it is night, he wrote, and this is a mailing',
    { now: noon + 12 * 60 * 60_000, clientWroteAt: noon, purpose: 'marketing', consentRequired: false },
    ['delays quiet_hours'],
  ],
  ['a field is in other letters', { text: 'Здравствуйте, {{ имя-клиента }}!' }, ['blocks missing_fields']],
  ['it has braces that are no field', { text: 'f(x) = {{ 1, 2 }, {}}' }, []],
  ['the account is down', { account: { capabilities, health: { ...up, state: 'down' } } }, ['delays account_down']],
  ['somebody else writes', { writers: ['Boris'] }, ['warns somebody_writes']],
  ['it goes to a desk', { recipients: ['+74951112233'] }, ['warns landline']],
  ['it costs four messages', { text: 'я'.repeat(202) }, ['warns many_segments']],
];

test.each(cases)('%s', (_name, changes, expected) => {
  expect(linesOf(changes)).toEqual(expected);
});

test('the end of the night is the client’s', () => {
  const night = Date.UTC(2026, 0, 12, 20);
  const untilIn = (timeZone: string) =>
    judge(facts({ now: night, quiet: { from: '21:00', to: '09:00', timeZone } })).map(({ until }) => until);
  expect(untilIn('Europe/Moscow')).toEqual(['2026-01-13T06:00:00.000Z']);
  expect(untilIn('Asia/Omsk')).toEqual(['2026-01-13T03:00:00.000Z']);
  expect(untilIn('America/New_York')).toEqual([]);
  expect(judge(facts({ now: night, quiet: { from: '00:00', to: '00:00', timeZone: 'UTC' } }))).toEqual([]);
});

test('a night in which clocks are changed ends by the clock on the wall', () => {
  const quiet = { from: '21:00', to: '09:00', timeZone: 'Europe/Berlin' };
  const untilAt = (now: number) => judge(facts({ now, quiet })).map(({ until }) => until);
  // summer time begins on 29 March 2026 and ends on 25 October 2026, at one o'clock UTC
  expect(untilAt(Date.UTC(2026, 2, 28, 21))).toEqual(['2026-03-29T07:00:00.000Z']);
  expect(untilAt(Date.UTC(2026, 9, 24, 21))).toEqual(['2026-10-25T08:00:00.000Z']);
});

test('a refusal is told with its proof', () => {
  expect(judge(facts({ consents: [word()] }))[0]?.facts).toEqual({
    address: number,
    at: '2026-01-11T09:00:00.000Z',
    evidence: 'wrote STOP',
    channel: 'sms',
    purpose: '',
  });
});

test('missing fields are named', () => {
  const [line] = judge(facts({ text: 'Dear {{ client.name }}, {{agent.name}}', subject: '{{client.name}}' }));
  expect(line?.facts).toEqual({ fields: 'client.name, agent.name' });
});
