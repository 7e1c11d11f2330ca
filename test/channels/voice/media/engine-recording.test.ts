import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loudness, readWav, tonesIn } from '../../../../demo/actors/audio.ts';
import { agent, customer, heardBy, leg, startEngineForTests, supervisor, tones } from './fixture.ts';

const { bridged, dialIn, eventOf, events, openCall, stats } = startEngineForTests();

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'media-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

describe('recording', () => {
  it('has one leg on the left, the other on the right, without holes', async () => {
    const { call, c } = await bridged();
    await heardBy(c);
    const path = join(directory, 'call.wav');
    await call.startRecording({ path, left: customer, right: agent });
    expect((await stats()).recordings).toBe(1);
    await c.listen(1.5);
    const result = await call.stopRecording();
    const { rate, channels } = readWav(path);
    const [left, right] = channels.map((samples) => ({ rate, samples: samples.subarray(400, -400) }));
    if (!left || !right) throw new Error('two channels were promised');
    expect([tonesIn(left, tones), tonesIn(right, tones)]).toEqual([[440], [1000]]);
    const quietest = Math.min(
      ...Array.from({ length: 60 }, (_, i) => loudness(left.samples.subarray(i * 160, i * 160 + 160))),
    );
    expect(quietest).toBeGreaterThan(0.2);
    const file = readFileSync(path);
    expect(result).toEqual({
      durationMs: Math.round((channels[0]?.length ?? 0) / 8),
      bytes: file.length,
      sha256: createHash('sha256').update(file).digest('hex'),
    });
    expect(await call.stopRecording()).toBeNull();
  });

  it('goes on in the same file with another leg after a transfer', async () => {
    const { call, c } = await bridged();
    const path = join(directory, 'transfer.wav');
    await call.startRecording({ path, left: customer, right: agent });
    await c.listen(0.6);
    await dialIn(call, supervisor, { frequency: 1500 });
    call.hear(customer, [leg(supervisor)]);
    await call.startRecording({ path, left: customer, right: supervisor });
    call.removeLeg(agent);
    await c.listen(0.6);
    const result = await call.stopRecording();
    const { rate, channels } = readWav(path);
    const right = channels[1] ?? new Int16Array();
    expect(tonesIn({ rate, samples: right.subarray(400, 4000) }, tones)).toEqual([1000]);
    expect(tonesIn({ rate, samples: right.subarray(-4000) }, tones)).toEqual([1500]);
    expect(result?.durationMs).toBeGreaterThan(1000);
  });

  it('is finished when the call is closed', async () => {
    const { call, c } = await bridged();
    await c.listen(0.1);
    const path = join(directory, 'closed.wav');
    await call.startRecording({ path, left: customer, right: agent });
    await c.listen(0.4);
    await call.close();
    expect(readWav(path).channels[0]?.length).toBeGreaterThan(2400);
  });

  it('fails when the file cannot be made', async () => {
    const { call } = await bridged();
    const path = join(directory, 'missing', 'call.wav');
    await expect(call.startRecording({ path, left: customer, right: agent })).rejects.toThrow(/ENOENT/);
    expect(await call.stopRecording()).toBeNull();
  });
});

describe('a voice message', () => {
  it('is a mono file of one leg, whatever that leg hears', async () => {
    const { call, c } = await bridged();
    await heardBy(c);
    const path = join(directory, 'message.wav');
    await call.startRecording({ path, left: customer, right: null });
    await c.listen(0.6);
    const result = await call.stopRecording();
    const { rate, channels } = readWav(path);
    expect(channels).toHaveLength(1);
    const [samples] = channels;
    expect(tonesIn({ rate, samples: samples?.subarray(400, -400) ?? new Int16Array() }, tones)).toEqual([440]);
    expect(result?.durationMs).toBe(Math.round((samples?.length ?? 0) / 8));
  });

  it('ends at its greatest length, which is told once', async () => {
    const { call, c } = await bridged();
    const path = join(directory, 'full.wav');
    await call.startRecording({ path, left: customer, right: null, maxMs: 500 });
    expect(await eventOf('recording-full')).toEqual({ type: 'recording-full', callId: call.callId, legId: customer });
    await c.listen(0.2);
    expect((await call.stopRecording())?.durationMs).toBe(500);
    expect(readWav(path).channels[0]).toHaveLength(4000);
    expect(events.filter(({ type }) => type === 'recording-full')).toHaveLength(1);
  });

  it('tells of silence, once until there is a voice again', async () => {
    const call = openCall();
    const speaker = await dialIn(call, customer, { frequency: 440 });
    const path = join(directory, 'silence.wav');
    const silences = (): number => events.filter(({ type }) => type === 'silence').length;
    await call.startRecording({ path, left: customer, right: null, silenceMs: 400 });
    await expect.poll(async () => (await call.legStats(customer))?.speaking).toBe(true);
    await expect.poll(async () => (await call.legStats(customer))?.receivedPackets).toBeGreaterThan(40);
    expect(silences()).toBe(0);
    speaker.mute();
    expect(await eventOf('silence')).toEqual({ type: 'silence', callId: call.callId, legId: customer });
    speaker.start();
    await expect.poll(async () => (await call.legStats(customer))?.speaking).toBe(true);
    expect(silences()).toBe(1);
    speaker.mute();
    await expect.poll(silences).toBe(2);
    expect(await call.legStats(customer)).toMatchObject({ speaking: false });
  });

  it('is silent from the beginning when nobody speaks', async () => {
    const call = openCall();
    await dialIn(call, customer, { frequency: 0 });
    const path = join(directory, 'nothing.wav');
    await call.startRecording({ path, left: customer, right: null, silenceMs: 200 });
    await eventOf('silence');
    expect(await call.legStats(customer)).toMatchObject({ speaking: false, lastVoiceAt: null });
  });

  it('of two is silent when neither speaks', async () => {
    const { call, c, a } = await bridged();
    const path = join(directory, 'both.wav');
    await call.startRecording({ path, left: customer, right: agent, silenceMs: 300 });
    c.mute();
    await c.listen(0.5);
    expect(events.filter(({ type }) => type === 'silence')).toEqual([]);
    a.mute();
    expect(await eventOf('silence')).toMatchObject({ legId: customer });
  });
});

describe('who speaks', () => {
  it('is told from the second question on, with the time of the last voice', async () => {
    const { call, c } = await bridged({ agent: { frequency: 0 } });
    await c.listen(0.2);
    expect(await call.legStats(customer)).toMatchObject({ speaking: false, lastVoiceAt: null });
    const askedAt = Date.now();
    await call.legStats(agent);
    await expect.poll(async () => (await call.legStats(customer))?.speaking).toBe(true);
    expect((await call.legStats(customer))?.lastVoiceAt).toBeGreaterThan(askedAt - 1000);
    expect(await call.legStats(agent)).toMatchObject({ speaking: false, lastVoiceAt: null });
  });
});
