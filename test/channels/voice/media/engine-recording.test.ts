import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loudness, readWav, tonesIn } from '../../../support/audio.ts';
import { agent, customer, heardBy, leg, startEngineForTests, supervisor, tones } from './fixture.ts';

const { bridged, dialIn, stats } = startEngineForTests();

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
