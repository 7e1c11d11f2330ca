import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { and, eq } from 'drizzle-orm';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { auditLog } from '../../../db/schema/access.ts';
import type { RecordingFile } from '../../../server/http/recording-routes.ts';
import type { ClientId } from '../../../server/kernel/ids.ts';
import { buildTestApp, openTestHouse, signIn, type TestHouse, temporaryFolder } from './app-support.ts';

const id = (n: number): string => `0191d8a0-0000-7000-8000-00000000000${n}`;
/** Of a card that Boris must not see. */
const ofCard = { clientId: 7 as ClientId, isHidden: false };
const sound = Buffer.from('RIFF0123456789');

describe('recordings', () => {
  const folder = temporaryFolder();
  let house: TestHouse;
  let app: FastifyInstance;
  let cookie: string;
  beforeAll(async () => {
    house = await openTestHouse();
    const path = join(folder.path, 'call.wav');
    writeFileSync(path, sound);
    const empty = join(folder.path, 'empty.wav');
    writeFileSync(empty, '');
    const files: Readonly<Record<string, RecordingFile>> = {
      [id(1)]: { path, state: 'ready', ...ofCard },
      [id(2)]: { path, state: 'recording', ...ofCard },
      [id(3)]: { path, state: 'failed', ...ofCard },
      [id(4)]: { path: join(folder.path, 'deleted.wav'), state: 'ready', ...ofCard },
      [id(5)]: { path: folder.path, state: 'ready', ...ofCard },
      [id(6)]: { path: empty, state: 'ready', ...ofCard },
    };
    app = await buildTestApp(house, {
      recordingFile: async (recording, user) => {
        const file = files[recording];
        return file ? { ...file, isHidden: user.id === house.people.boris } : null;
      },
    });
    cookie = await signIn(app, 'anna');
  });
  afterAll(async () => {
    await app.close();
    await house.close();
    folder.remove();
  });
  const get = (n: number, headers: Record<string, string> = {}) =>
    app.inject({ url: `/api/v1/recordings/${id(n)}`, headers: { cookie, ...headers } });
  const plays = async (n: number) => {
    const ofThis = and(eq(auditLog.action, 'recording.played'), eq(auditLog.subject, `recording:${id(n)}`));
    return await house.db.orm.select().from(auditLog).where(ofThis);
  };

  it('are played whole, and the play is written down', async () => {
    const response = await get(1);
    expect(response.statusCode).toBe(200);
    expect(response.rawPayload).toEqual(sound);
    expect(response.headers).toMatchObject({
      'content-type': 'audio/wav',
      'content-length': String(sound.length),
      'accept-ranges': 'bytes',
      'content-disposition': `inline; filename="${id(1)}.wav"`,
      'cache-control': 'private, no-cache',
    });
    expect(await plays(1)).toMatchObject([{ userId: house.people.anna, allowed: true }]);
  });

  it('are played in part, and only a play from the beginning is written down', async () => {
    const before = (await plays(1)).length;
    const middle = await get(1, { range: 'bytes=4-6' });
    expect(middle.statusCode).toBe(206);
    expect(middle.body).toBe('012');
    expect(middle.headers).toMatchObject({ 'content-range': 'bytes 4-6/14', 'content-length': '3' });
    expect((await get(1, { range: 'bytes=-2' })).body).toBe('89');
    expect(await plays(1)).toHaveLength(before);
    expect((await get(1, { range: 'bytes=0-' })).statusCode).toBe(206);
    expect(await plays(1)).toHaveLength(before + 1);
  });

  it('refuse a range behind their end', async () => {
    const response = await get(1, { range: 'bytes=14-' });
    expect(response.statusCode).toBe(416);
    expect(response.headers['content-range']).toBe('bytes */14');
  });

  it('tell their size without being sent or written down', async () => {
    const before = (await plays(1)).length;
    const response = await app.inject({ method: 'HEAD', url: `/api/v1/recordings/${id(1)}`, headers: { cookie } });
    expect(response.statusCode).toBe(200);
    expect(response.headers['content-length']).toBe('14');
    expect(response.body).toBe('');
    expect(await plays(1)).toHaveLength(before);
  });

  it('may be empty', async () => {
    const response = await get(6);
    expect([response.statusCode, response.headers['content-length'], response.body]).toEqual([200, '0', '']);
  });

  it.each([
    [2, 409, 'conflict'],
    [3, 404, 'not_found'],
    [4, 404, 'not_found'],
    [5, 404, 'not_found'],
    [9, 404, 'not_found'],
  ])('number %i answers %i', async (n, status, code) => {
    const response = await get(n);
    expect(response.statusCode).toBe(status);
    expect(response.headers['content-type']).toContain('application/problem+json');
    expect(response.json()).toMatchObject({ code });
  });

  it('are not there for whoever must not see the client, and the attempt is written down', async () => {
    const boris = await signIn(app, 'boris');
    const response = await get(1, { cookie: boris });
    expect(response.statusCode).toBe(404);
    expect(response.json()).toMatchObject({ code: 'not_found', detail: 'there is no such recording' });
    expect((await plays(1)).at(-1)).toMatchObject({ userId: house.people.boris, allowed: false, clientId: 7 });
    expect((await get(2, { cookie: boris })).statusCode).toBe(404);
  });

  it('are for signed-in users, by ids only', async () => {
    expect((await get(1, { cookie: '' })).statusCode).toBe(401);
    for (const wrong of ['..%2F..%2Fetc%2Fpasswd', '1', `${id(1)}x`]) {
      expect((await app.inject({ url: `/api/v1/recordings/${wrong}`, headers: { cookie } })).statusCode).toBe(400);
    }
  });
});
