import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { within } from '../../demo/actors/within.ts';
import { allTones, type CallCenter, openCallCenter, tones } from '../support/call-center.ts';
import { type SoftPhone, startBaresip, startLinphone } from '../support/phones.ts';
import { line } from '../support/server.ts';

describe('a real soft phone', () => {
  let center: CallCenter;
  const open: SoftPhone[] = [];

  beforeAll(async () => {
    center = await openCallCenter({ agents: ['anna'] });
  });
  afterAll(() => center?.close());
  afterEach(async () => {
    for (const phone of open.splice(0)) await phone.close();
    await center.clearDesks();
  });

  const kinds = [
    ['baresip over UDP', () => startBaresip({ serverPort: center.server.sipPort, tone: tones.caller })],
    [
      'baresip over TCP',
      () => startBaresip({ serverPort: center.server.sipPort, tone: tones.caller, transport: 'tcp' }),
    ],
    ['linphone', () => startLinphone({ serverPort: center.server.sipPort, tone: tones.caller })],
  ] as const;

  it.each(kinds)('calls in, talks, sends digits and hangs up: %s', async (_name, start) => {
    const phone = await start();
    open.push(phone);
    phone.call(line);
    const ringing = await center.desk('anna').phone.nextCall();
    ringing.answer();
    await phone.waitFor('talking');
    expect(await ringing.tones(allTones)).toEqual([tones.caller]);
    await ringing.listen(2);
    await phone.sendDigits('47');
    expect(await within(ringing.audio.waitForDigits(2), 5_000, 'the digits')).toBe('47');
    phone.hangUp();
    await ringing.ended;
    await phone.waitFor('ended');
    expect(await phone.heardTones(allTones)).toEqual([tones.anna]);
  });

  it('hears music while nobody is there, then the agent who comes', async () => {
    await center.desk('anna').setStatus('not_ready', 'break');
    const phone = await startBaresip({ serverPort: center.server.sipPort, tone: tones.caller });
    open.push(phone);
    phone.call(line);
    await phone.waitFor('talking');
    await center.desk('anna').setStatus('available');
    const ringing = await center.desk('anna').phone.nextCall();
    ringing.answer();
    expect(await ringing.tones(allTones)).toEqual([tones.caller]);
    await ringing.listen(3);
    ringing.hangUp();
    await phone.waitFor('ended');
  });

  it.each(['udp', 'tcp'] as const)(
    "is an agent's desk phone over %s: registers by digest and is rung",
    async (transport) => {
      const secret = center.server.sipSecrets.get('boris') ?? '';
      const phone = await startLinphone({
        serverPort: center.server.sipPort,
        tone: tones.boris,
        account: { user: 'boris', secret },
        transport,
      });
      open.push(phone);
      await phone.waitFor('registered');
      const boris = await center.server.signIn('boris');
      await center.desk('anna').setStatus('not_ready', 'break');
      await boris.call('PUT /api/v1/presence', { body: { status: 'available' } });
      const call = await center.call(center.newNumber());
      await call.answered();
      await phone.waitFor('talking');
      expect(await call.tones(allTones)).toEqual([tones.boris]);
      await call.listen(2);
      call.hangUp();
      await phone.waitFor('ended');
      expect(await phone.heardTones(allTones)).toEqual([tones.caller]);
      await boris.call('PUT /api/v1/presence', { body: { status: 'not_ready' } });
      await center.desk('anna').setStatus('available');
    },
  );
});
