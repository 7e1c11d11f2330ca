import { mkdtempSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SoundName } from '../../../../channels/voice/media/engine.ts';
import { limits } from '../../../../channels/voice/media/limits.ts';
import { loudness, tone, tonesIn, writeWav } from '../../../../demo/actors/audio.ts';
import { agent, customer, heardBy, leg, sound, startEngineForTests, tones } from './fixture.ts';

const { dialIn, eventOf, events, loadSound, openCall, unloadSound } = startEngineForTests();

let directory: string;
/** A WAV with a tone, and its path. */
function toneFile(name: string, frequency: number, seconds: number, rate = 8000): string {
  const path = join(directory, `${name}.wav`);
  writeWav(path, { rate, samples: tone(frequency, seconds, rate) });
  return path;
}
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'sounds-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

const endings = (): SoundName[] => events.flatMap((event) => (event.type === 'sound-ended' ? [event.name] : []));

async function caller() {
  const call = openCall();
  return { call, peer: await dialIn(call, customer, { frequency: 0 }) };
}

describe('a sound from a file', () => {
  it('is played once or for ever under its name', async () => {
    const { call, peer } = await caller();
    expect(await loadSound('greetings/700', toneFile('700', 700, 0.3))).toEqual({ durationMs: 300 });
    call.hear(customer, [sound('file:greetings/700', false)]);
    expect(await eventOf('sound-ended')).toMatchObject({ legId: customer, name: 'file:greetings/700' });
    await expect.poll(() => peer.heard().samples.length).toBe(2400);
    expect(tonesIn(peer.heard(), tones)).toEqual([700]);
    call.hear(customer, [sound('file:greetings/700')]);
    expect(tonesIn(await peer.listen(0.8), tones)).toEqual([700]);
    expect(endings()).toHaveLength(1);
  });

  it('is another one after it was replaced, and nothing after it was unloaded', async () => {
    const { call, peer } = await caller();
    await loadSound('changing', toneFile('first', 440, 5));
    call.hear(customer, [sound('file:changing', false)]);
    expect(await heardBy(peer)).toEqual([440]);
    await loadSound('changing', toneFile('second', 1500, 5));
    expect(await heardBy(peer)).toEqual([440]);
    call.hear(customer, []);
    call.hear(customer, [sound('file:changing', false)]);
    expect(await heardBy(peer)).toEqual([1500]);
    unloadSound('changing');
    expect(await heardBy(peer)).toEqual([1500]);
    call.hear(customer, []);
    // Loading waits for the unloading before it.
    await loadSound('other', toneFile('other', 440, 0.1));
    call.hear(customer, [sound('file:changing')]);
    expect(await eventOf('sound-ended')).toMatchObject({ name: 'file:changing' });
  });

  it('can be mixed with a voice', async () => {
    const { call, peer } = await caller();
    await dialIn(call, agent, { frequency: 440 });
    await loadSound('whisper', toneFile('whisper', 1000, 0.5));
    call.hear(customer, [leg(agent), sound('file:whisper')]);
    expect(await heardBy(peer)).toEqual([440, 1000]);
    call.hear(customer, [leg(agent), sound('file:whisper', false)]);
    await eventOf('sound-ended');
    expect(await heardBy(peer)).toEqual([440]);
  });

  it('of silence is sent all the same, for as long as it is wanted', async () => {
    const { call, peer } = await caller();
    call.hear(customer, [{ kind: 'sequence', names: [], thenLoop: 'silence' }]);
    const heard = await peer.listen(1.5);
    expect(loudness(heard.samples)).toBeLessThan(0.001);
    expect(endings()).toEqual([]);
  });

  it('that is not known is silence, and ends at once', async () => {
    const call = openCall();
    const peer = await dialIn(call, customer, { frequency: 0 });
    call.hear(customer, [sound('file:never-loaded', false)]);
    expect(await eventOf('sound-ended')).toMatchObject({ name: 'file:never-loaded' });
    expect((await call.legStats(customer))?.sentPackets).toBe(0);
    expect(endings()).toHaveLength(1);
    call.hear(customer, [sound('beep', false)]);
    expect((await peer.nextPacket()).length).toBe(172);
    expect(peer.received.packets).toBe(1);
  });

  it.each<[string, () => [string, string], RegExp]>([
    ['of another rate', () => ['rate', toneFile('rate', 440, 0.1, 16_000)], /8 kHz mono/],
    ['that does not exist', () => ['missing', join(directory, 'missing.wav')], /ENOENT/],
    ['that is a folder', () => ['folder', directory], /cannot be read/],
    ['with a name of blanks', () => ['a name', toneFile('blank', 440, 0.1)], /named by/],
    ['with the prefix in its name', () => ['file:name', toneFile('prefix', 440, 0.1)], /named by/],
    ['with an endless name', () => ['x'.repeat(129), toneFile('long', 440, 0.1)], /named by/],
  ])('is refused: one %s', async (_, make, message) => {
    const loading = loadSound(...make());
    await expect(loading).rejects.toMatchObject({ name: 'MediaError', code: 'bad_sound' });
    await expect(loading).rejects.toThrow(message);
  });

  it('is refused when it is too long, also as a file with more than audio in it', async () => {
    const path = toneFile('endless', 440, 0.1);
    truncateSync(path, limits.soundMs * 16 + limits.wavOverheadBytes + 1);
    await expect(loadSound('endless', path)).rejects.toThrow(/10 minutes/);
    writeWav(path, { rate: 8000, samples: new Int16Array(limits.soundMs * 8 + 1) });
    await expect(loadSound('endless', path)).rejects.toThrow(/10 minutes/);
  });
});

describe('a sequence', () => {
  it('plays without a gap, tells its end, and goes on with the loop', async () => {
    const { call, peer } = await caller();
    // 210 and 90 ms are no whole frames: the seams lie within packets.
    await loadSound('one', toneFile('one', 440, 0.21));
    await loadSound('two', toneFile('two', 1000, 0.09));
    await loadSound('music', toneFile('music', 1500, 0.33));
    peer.forget();
    call.hear(customer, [{ kind: 'sequence', names: ['file:one', 'file:two'], thenLoop: 'file:music' }]);
    expect(await eventOf('sound-ended')).toMatchObject({ legId: customer, name: 'file:two' });
    await expect.poll(() => peer.heard().samples.length).toBeGreaterThanOrEqual(0.9 * 8000);
    const { rate, samples } = peer.heard();
    const part = (from: number, to: number) => tonesIn({ rate, samples: samples.subarray(from * 8, to * 8) }, tones);
    expect([part(0, 210), part(210, 300), part(300, 900)]).toEqual([[440], [1000], [1500]]);
    for (let at = 0; at + 80 <= 7200; at += 80) expect(loudness(samples.subarray(at, at + 80))).toBeGreaterThan(0.3);
    expect([peer.received.gaps, endings()]).toEqual([0, ['file:two']]);
  });

  it('starts again when it is asked for again', async () => {
    const { call, peer } = await caller();
    await loadSound('prompt', toneFile('prompt', 700, 0.5));
    const again = () => call.hear(customer, [{ kind: 'sequence', names: ['file:prompt'], thenLoop: 'busy' }]);
    again();
    expect(tonesIn(await peer.listen(0.3), tones)).toEqual([700]);
    again();
    expect(tonesIn(await peer.listen(0.3), tones)).toEqual([700]);
    await eventOf('sound-ended');
    again();
    await expect.poll(() => endings()).toEqual(['file:prompt', 'file:prompt']);
  });
});
