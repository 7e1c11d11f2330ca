import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Sound } from '../../../server/contract/setup-schemas.ts';
import { readWav } from '../../../server/setup/wav.ts';
import { openSetupHouse, type SetupHouse } from './house.ts';
import { tone, wavOf } from './tone.ts';

let house: SetupHouse;
beforeAll(async () => {
  house = await openSetupHouse();
});
afterAll(() => house.close());

const wav = wavOf({ rate: 48_000, channels: 1, samples: tone(48_000, 440, 2) });
const upload = (name: string, payload: Buffer, person: 'anna' | 'olga' | 'admin' = 'admin', type = 'audio/wav') =>
  house.app.inject({
    method: 'POST',
    url: '/api/v1/setup/sounds',
    query: { name },
    payload,
    headers: { cookie: house.cookie(person), 'content-type': type },
  });
const listen = (id: number, headers: Record<string, string> = {}, person: 'anna' | 'olga' = 'olga') =>
  house.app.inject({
    method: 'GET',
    url: `/api/v1/setup/sounds/${id}/audio`,
    headers: { cookie: house.cookie(person), ...headers },
  });

describe('sounds', () => {
  let sound: Sound;

  it('an upload becomes what the telephone plays, named by its hash', async () => {
    const reply = await upload('Приветствие', wav);
    expect(reply.statusCode).toBe(200);
    sound = reply.json();
    expect(sound).toMatchObject({ name: 'Приветствие', version: 1, durationMs: 2000, bytes: 32_044, usedBy: [] });
    expect(sound.peakDb).toBeCloseTo(-6, 0);
    expect(sound.createdBy?.id).toBe(house.ids.admin);
    const file = readFileSync(join(house.soundsDir, `${sound.sha256}.wav`));
    expect(createHash('sha256').update(file).digest('hex')).toBe(sound.sha256);
    expect(readWav(file)).toMatchObject({ rate: 8000, channels: 1 });
    expect(house.setup.sounds.get(sound.id)?.sha256).toBe(sound.sha256);
  });

  it('is heard whole and in parts by supervisors, not by agents', async () => {
    const whole = await listen(sound.id);
    expect([whole.statusCode, whole.headers['content-type'], whole.rawPayload.length]).toEqual([
      200,
      'audio/wav',
      32_044,
    ]);
    const part = await listen(sound.id, { range: 'bytes=0-43' });
    expect([part.statusCode, part.headers['content-range']]).toEqual([206, 'bytes 0-43/32044']);
    expect((await listen(sound.id, { range: 'bytes=99999-' })).statusCode).toBe(416);
    expect((await listen(sound.id, {}, 'anna')).statusCode).toBe(403);
    expect((await listen(999)).statusCode).toBe(404);
  });

  it('refuses what is no WAV, no sound by its name, taken, too large, and people who may not', async () => {
    const code = async (...args: Parameters<typeof upload>) => {
      const reply = await upload(...args);
      return [reply.statusCode, reply.json().code];
    };
    expect(await code('A', Buffer.from('not a sound'))).toEqual([400, 'bad_request']);
    expect(await code('A', wav, 'admin', 'audio/webm')).toEqual([400, 'bad_request']);
    expect(await code('', wav)).toEqual([400, 'bad_request']);
    expect(await code('Приветствие', wav)).toEqual([409, 'already_taken']);
    expect(await code('A', Buffer.alloc(20 * 1024 * 1024 + 1))).toEqual([413, 'too_large']);
    expect(await code('A', wav, 'olga')).toEqual([403, 'forbidden']);
  });

  it('cannot be removed while a queue plays it; a removed one comes back with its file', async () => {
    const queue = await house.ok('admin', 'POST /api/v1/setup/queues', {
      body: { name: 'Sales', greetingSoundId: sound.id },
    });
    const [listed] = (await house.ok('olga', 'GET /api/v1/setup/sounds')).items;
    expect(listed?.usedBy).toEqual([{ queue: { id: queue.id, name: 'Sales' }, as: 'greeting' }]);
    const remove = () =>
      house.call('admin', 'DELETE /api/v1/setup/sounds/:id', { params: { id: sound.id }, querystring: { version: 1 } });
    expect((await remove()).problem).toMatchObject({ code: 'conflict', usedBy: [{ kind: 'queue', name: 'Sales' }] });
    await house.ok('admin', 'PATCH /api/v1/setup/queues/:id', {
      params: { id: queue.id },
      body: { version: queue.version, greetingSoundId: null },
    });
    expect((await remove()).status).toBe(200);
    expect((await listen(sound.id)).statusCode).toBe(404);
    const { items } = await house.ok('admin', 'GET /api/v1/setup/versions', { querystring: { kind: 'sound' } });
    await house.ok('admin', 'POST /api/v1/setup/versions/:id/roll-back', { params: { id: items[0]?.id ?? 0 } });
    expect((await listen(sound.id)).statusCode).toBe(200);
    expect((await house.ok('olga', 'GET /api/v1/setup/sounds')).items).toEqual([sound]);
  });

  it('is renamed; a sound that is not there is no greeting', async () => {
    const renamed = await house.ok('admin', 'PATCH /api/v1/setup/sounds/:id', {
      params: { id: sound.id },
      body: { version: 1, name: 'Hello' },
    });
    expect(renamed).toMatchObject({ name: 'Hello', version: 2, sha256: sound.sha256 });
    const answer = await house.call('admin', 'POST /api/v1/setup/queues', { body: { name: 'B', musicSoundId: 999 } });
    expect(answer.problem.errors?.[0]?.path).toBe('body/musicSoundId');
  });
});
