import { describe, expect, it } from 'vitest';
import { amplitudeOf, loudness, tonesIn } from '../../../../demo/actors/audio.ts';
import { agent, customer, heardBy, leg, sound, startEngineForTests, supervisor, tones } from './fixture.ts';

const { bridged, dialIn, eventOf, events, openCall } = startEngineForTests();

describe('what a leg hears', () => {
  it('is silence without sources, and after its source has gone', async () => {
    const { call, c, a } = await bridged();
    const sentMeanwhile = async (): Promise<number> => {
      const before = (await call.legStats(customer))?.sentPackets ?? 0;
      await a.listen(0.2);
      return ((await call.legStats(customer))?.sentPackets ?? 0) - before;
    };
    expect(await heardBy(c)).toEqual([1000]);
    call.hear(customer, []);
    expect(await sentMeanwhile()).toBe(0);
    const third = await dialIn(call, supervisor, { frequency: 1500 });
    call.hear(customer, [leg(supervisor)]);
    expect(await heardBy(c)).toEqual([1500]);
    call.removeLeg(supervisor);
    third.mute();
    expect(await sentMeanwhile()).toBe(0);
    expect(await call.legStats(supervisor)).toBeNull();
  });

  it('is music that is no plain tone, quiet and not silent', async () => {
    const call = openCall();
    const peer = await dialIn(call, customer, { frequency: 440 });
    call.hear(customer, [sound('music')]);
    const heard = await peer.listen(2);
    expect(loudness(heard.samples)).toBeGreaterThan(0.02);
    expect(loudness(heard.samples)).toBeLessThan(0.15);
    const strongest = Math.max(...Array.from({ length: 150 }, (_, i) => amplitudeOf(100 + i * 10, heard)));
    expect(strongest).toBeLessThan(0.1);
    expect(peer.received.gaps).toBe(0);
  });

  it('is a tone in its cadence', async () => {
    const call = openCall();
    const peer = await dialIn(call, customer, { frequency: 0 });
    call.hear(customer, [sound('busy')]);
    const { rate, samples } = await peer.listen(1.4);
    const loud = Array.from(
      { length: 70 },
      (_, i) => amplitudeOf(425, { rate, samples: samples.subarray(i * 160, i * 160 + 160) }) > 0.1,
    );
    // 0.35 s of every 0.7 s, whatever part of a frame the edges fall into.
    expect(loud.filter(Boolean).length).toBeGreaterThanOrEqual(33);
    expect(loud.filter(Boolean).length).toBeLessThanOrEqual(37);
  });

  it('is a sound once, with an event at its end', async () => {
    const call = openCall();
    const peer = await dialIn(call, customer, { frequency: 440 });
    call.hear(customer, [sound('beep', false)]);
    expect(await eventOf('sound-ended')).toEqual({
      type: 'sound-ended',
      callId: call.callId,
      legId: customer,
      name: 'beep',
    });
    await expect.poll(() => peer.heard().samples.length).toBe(16 * 160);
    expect(tonesIn(peer.heard(), tones)).toEqual([1000]);
    call.hear(customer, []);
    expect(events.filter(({ type }) => type === 'sound-ended')).toHaveLength(1);
  });

  it('is its own voice in an echo test', async () => {
    const call = openCall();
    const peer = await dialIn(call, customer, { frequency: 700 });
    call.hear(customer, [leg(customer)]);
    expect(await heardBy(peer)).toEqual([700]);
  });
});

describe('three legs', () => {
  async function threeLegs() {
    const { call, c, a } = await bridged({ agent: { law: 'PCMA' } });
    const s = await dialIn(call, supervisor, { frequency: 1500 });
    return { call, c, a, s };
  }

  it('are a conference, one of them in another law', async () => {
    const { call, c, a, s } = await threeLegs();
    call.hear(customer, [leg(agent), leg(supervisor)]);
    call.hear(agent, [leg(customer), leg(supervisor)]);
    call.hear(supervisor, [leg(customer), leg(agent)]);
    expect(await Promise.all([heardBy(c), heardBy(a), heardBy(s)])).toEqual([
      [1000, 1500],
      [440, 1500],
      [440, 1000],
    ]);
    expect([c.received.ssrcs.size, c.received.gaps]).toEqual([1, 0]);
  });

  it('let a supervisor listen, whisper and barge in', async () => {
    const { call, c, a, s } = await threeLegs();
    call.hear(supervisor, [leg(customer), leg(agent)]);
    expect(await Promise.all([heardBy(c), heardBy(a), heardBy(s)])).toEqual([[1000], [440], [440, 1000]]);
    call.hear(agent, [leg(customer), leg(supervisor)]);
    expect(await Promise.all([heardBy(c), heardBy(a)])).toEqual([[1000], [440, 1500]]);
    call.hear(customer, [leg(agent), leg(supervisor)]);
    expect(await heardBy(c)).toEqual([1000, 1500]);
    call.removeLeg(supervisor);
    expect(await Promise.all([heardBy(c), heardBy(a)])).toEqual([[1000], [440]]);
  });

  it('pass digits on to those that hear a mix', async () => {
    const { call, c, s } = await threeLegs();
    call.hear(customer, [leg(agent), leg(supervisor)]);
    s.sendDigits('7');
    expect(await c.waitForDigits(1)).toBe('7');
  });
});
