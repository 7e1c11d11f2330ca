import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { lines } from '../../db/schema/index.ts';
import { until, within } from '../../demo/actors/within.ts';
import { allTones, type CallCenter, openCallCenter, tones } from '../support/call-center.ts';
import { type SippOptions, startSipp } from '../support/sipp.ts';

/** Calls as real carriers make them, from sipp: which number, whose card, and whether the call goes as it should. */
describe('a carrier', () => {
  let center: CallCenter;

  beforeAll(async () => {
    center = await openCallCenter({
      agents: ['anna'],
      async prepare(db) {
        const [line] = await db.orm.select().from(lines);
        if (!line) throw new Error('the demo has no line');
        const { name, trunkId, queueId } = line;
        // the line of the number profiles, and one that is not Russian
        await db.orm.insert(lines).values([
          { name, trunkId, queueId, number: '+74951234567', region: 'RU' },
          { name, trunkId, queueId, number: '+14155550100', region: 'US' },
          { name, trunkId, queueId, number: '+79161112233', region: 'RU' },
        ]);
      },
    });
  });
  afterAll(() => center?.close());
  afterEach(() => center.clearDesks());

  const start = (scenario: string, options: Omit<SippOptions, 'serverPort'> = {}) =>
    startSipp(scenario, { serverPort: center.server.sipPort, ...options });

  it.each(['udp', 'tcp'] as const)('calls over %s: anna hears it, and is heard', async (transport) => {
    const saying = await start('basic', { transport, tone: tones.caller });
    const first = await center.desk('anna').phone.nextCall();
    first.answer();
    expect(await first.tones(allTones)).toEqual([tones.caller]);
    await saying.done;
    await center.quiet();
    const echoing = await start('basic', { transport });
    const second = await center.desk('anna').phone.nextCall();
    second.answer();
    expect(await second.tones(allTones)).toEqual([tones.anna]);
    await echoing.done;
  });

  it('behind a proxy gets our BYE by its Record-Route', async () => {
    const sipp = await start('proxy');
    const ringing = await center.desk('anna').phone.nextCall();
    ringing.answer();
    await ringing.listen(0.3);
    ringing.hangUp();
    await sipp.done;
  });

  it.each(['late-offer', 'compact', 'duplicate'])('is understood when its INVITE is odd: %s', async (scenario) => {
    const before = await talks();
    const sipp = await start(scenario, { values: { HOLD_MS: '800' } });
    const ringing = await center.desk('anna').phone.nextCall();
    ringing.answer();
    expect(await ringing.tones(allTones)).toEqual([tones.anna]);
    await sipp.done;
    await center.quiet();
    expect(await talks()).toBe(before + 1);
  });

  it('takes its call back while it rings', async () => {
    const sipp = await start('cancel');
    const ringing = await center.desk('anna').phone.nextCall();
    await sipp.done;
    expect((await ringing.ended).status).toBe(487);
  });

  it('asks whether we are alive', async () => {
    await (await start('options')).done;
  });

  it('sends digits as INFO', async () => {
    const sipp = await start('info', { values: { HOLD_MS: '1000' } });
    const ringing = await center.desk('anna').phone.nextCall();
    ringing.answer();
    expect(await within(ringing.audio.waitForDigits(1), 5_000, 'the digit')).toBe('5');
    await sipp.done;
  });

  it('sends digits as events of payload type 96', async () => {
    const sipp = await start('dtmf', { values: { DTMF_TYPE: '96', DIGITS: '1234', HOLD_MS: '4000' } });
    const ringing = await center.desk('anna').phone.nextCall();
    ringing.answer();
    expect(await within(ringing.audio.waitForDigits(4), 8_000, 'the digits')).toBe('1234');
    ringing.hangUp();
    await sipp.done;
  });

  it.each(profiles())('writes numbers and headers as "$name"', async ({ values, peer }) => {
    const seen = center.desk('anna').pushes.length;
    const sipp = await start('basic', { values: { HOLD_MS: '300', ...values } });
    const ringing = await center.desk('anna').phone.nextCall();
    const offer = await until(
      () =>
        center
          .desk('anna')
          .pushes.slice(seen)
          .find(({ push }) => push.type === 'offer')?.push,
      5_000,
      'the offer',
    );
    expect(offer).toMatchObject({ interaction: { peer } });
    ringing.answer();
    await sipp.done;
  });

  /** Calls that anna had today. */
  async function talks(): Promise<number> {
    return (await center.desk('anna').call('GET /api/v1/workspace')).counters.callsToday;
  }
});

interface Profile {
  readonly name: string;
  readonly values: Readonly<Record<string, string>>;
  /** The caller as the agent sees him. */
  readonly peer: { readonly number: string; readonly reason?: string; readonly name?: string };
}

/** The ways in which carriers write who calls whom. */
function profiles(): Profile[] {
  const called = (number: string) => ({ CALLED: number, TO: number });
  const known = { number: '+79161234567' };
  const hidden = { number: '', reason: 'hidden' };
  return [
    { name: 'e164', values: called('+74951234567'), peer: known },
    {
      name: 'Russian, 11 digits without plus',
      values: {
        ...called('74951234567'),
        FROM: '79161234567',
        CODECS: '8',
        HEADERS: 'P-Asserted-Identity: <sip:79161234567@carrier.test>',
      },
      peer: known,
    },
    {
      name: 'Russian, with the prefix 8',
      values: { ...called('84951234567'), FROM: '89161234567', CODECS: '8' },
      peer: known,
    },
    {
      name: 'Russian, 10 digits',
      values: { ...called('4951234567'), FROM: '9161234567', CODECS: '8' },
      peer: known,
    },
    {
      name: 'forwarded from an 8-800 number',
      values: {
        ...called('74951234567'),
        FROM: '79161234567',
        HEADERS:
          'Diversion: <sip:88001234567@carrier.test>;reason=unconditional;counter=1\n' +
          'History-Info: <sip:88001234567@carrier.test>;index=1, <sip:74951234567@carrier.test;cause=302>;index=1.1',
      },
      peer: known,
    },
    {
      name: 'Twilio',
      values: {
        ...called('+14155550100'),
        FROM: '+14155550199',
        FROM_HOST: 'pstn.twilio.com',
        CODECS: '0 8',
        HEADERS:
          'User-Agent: Twilio Gateway\nX-Twilio-CallSid: CA00000000000000000000000000000000\n' +
          'Diversion: <sip:+14155550111@twilio.com>;reason=unconditional',
      },
      peer: { number: '+14155550199' },
    },
    {
      name: 'anonymous, the number only for the operator',
      values: {
        FROM: 'anonymous',
        DISPLAY: '"Anonymous"',
        FROM_HOST: 'anonymous.invalid',
        HEADERS: 'Privacy: id\nP-Asserted-Identity: <sip:+79161234567@carrier.test>',
      },
      peer: hidden,
    },
    {
      name: 'restricted without any number',
      values: { FROM: 'restricted', DISPLAY: '"Restricted"', HEADERS: 'Privacy: user;id' },
      peer: hidden,
    },
    {
      name: 'asserted as sip and tel, name in Cyrillic, a technical From',
      values: {
        FROM: '00000000',
        DISPLAY: '"Иван Петров"',
        HEADERS:
          'P-Asserted-Identity: "Иван Петров" <sip:+79161234567@carrier.test;user=phone>\n' +
          'P-Asserted-Identity: <tel:+79161234567>',
      },
      peer: { ...known, name: 'Иван Петров' },
    },
    {
      name: 'number portability parameters',
      values: { CALLED: '+79161112233;npdi;rn=+79160000000', TO: '+79161112233' },
      peer: known,
    },
    {
      name: 'Remote-Party-ID',
      values: {
        FROM: '00000000',
        HEADERS: 'Remote-Party-ID: "Office" <sip:+74957654321@carrier.test>;party=calling;screen=yes;privacy=off',
      },
      peer: { number: '+74957654321' },
    },
    {
      name: 'registered trunk, the number in P-Called-Party-ID',
      values: {
        CALLED: 'account600',
        TO: '+74951234567',
        HEADERS: 'P-Called-Party-ID: <sip:+74951234567@carrier.test>',
      },
      peer: known,
    },
    { name: 'many codecs, G.729 first', values: { CODECS: '18 4 9 3 8 0' }, peer: known },
  ];
}
