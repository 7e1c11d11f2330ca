import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { users } from '../../db/schema/index.ts';
import type { PlacedCall } from '../../demo/actors/sip-agent.ts';
import type { OperationKey } from '../../server/contract/api.ts';
import { type CallCenter, openCallCenter } from '../support/call-center.ts';

describe("somebody else's call", () => {
  let center: CallCenter;
  let call: PlacedCall;
  let id: string;

  beforeAll(async () => {
    center = await openCallCenter({
      agents: ['anna', 'boris'],
      queue: { wrapUpSeconds: 60 },
      prepare: async (db) => void (await db.orm.update(users).set({ sees: 'own' }).where(eq(users.login, 'boris'))),
    });
    const client = await center.makeClient('Чужой', 'anna');
    call = await center.call(client.number);
    id = (await center.offerOf('anna', client.number)).interaction.id;
    (await center.desk('anna').phone.nextCall()).answer();
    await call.answered();
    await center.desk('anna').waitFor('interaction', ({ interaction }) => interaction.state === 'active');
  });
  afterAll(() => center?.close());

  const views = [
    ['GET /api/v1/interactions/:id', undefined],
    ['GET /api/v1/interactions/:id/pop', undefined],
    ['GET /api/v1/interactions/:id/offers', undefined],
  ] as const;
  const actions = [
    ['POST /api/v1/interactions/:id/decline', undefined],
    ['POST /api/v1/interactions/:id/hang-up', undefined],
    ['POST /api/v1/interactions/:id/hold', undefined],
    ['POST /api/v1/interactions/:id/resume', undefined],
    ['POST /api/v1/interactions/:id/dtmf', { digits: '1' }],
    ['PATCH /api/v1/interactions/:id', { note: 'чужая заметка' }],
    ['POST /api/v1/interactions/:id/finish', {}],
  ] as const;

  it.each(actions)('is closed to another agent: %s', async (key, body) => {
    const attempt = raw(center.desk('boris').cookie, key, body);
    expect(await attempt).toMatchObject({ status: 403, code: 'forbidden' });
  });

  it.each(views)('is not there for an agent who must not see its client: %s', async (key, body) => {
    expect(await raw(center.desk('boris').cookie, key, body)).toMatchObject({ status: 404, code: 'not_found' });
  });

  it.each([...views, ...actions])('needs a session: %s', async (key, body) => {
    expect(await raw('', key, body)).toMatchObject({ status: 401, code: 'not_signed_in' });
  });

  it('was not touched by the attempts, and is open to the supervisor', async () => {
    const seen = await center.olga.call('GET /api/v1/interactions/:id', { params: { id } });
    expect(seen).toMatchObject({ state: 'active', note: '' });
    await center.olga.call('POST /api/v1/interactions/:id/hang-up', { params: { id } });
    await call.ended;
  });

  it('keeps queues and agents for supervisors', async () => {
    const boris = center.desk('boris');
    await expect(boris.call('GET /api/v1/queues')).rejects.toMatchObject({ status: 403 });
    await expect(boris.call('GET /api/v1/agents')).rejects.toMatchObject({ status: 403 });
  });

  it('does not exist under an id that nobody made', async () => {
    const unknown = '00000000-0000-7000-8000-000000000000';
    const attempt = center.olga.call('GET /api/v1/interactions/:id', { params: { id: unknown } });
    await expect(attempt).rejects.toMatchObject({ status: 404 });
  });

  it('rings no phone that registers with a wrong password, or for somebody else', async () => {
    const { phone } = center.desk('boris');
    expect(await phone.register('boris', 'wrong')).toBe(403);
    expect(await phone.register('nobody', 'wrong')).toBe(403);
  });

  /** By hand: with any cookie, and with bodies that the type of one operation alone would not allow. */
  async function raw(cookie: string, key: OperationKey, body: unknown): Promise<{ status: number; code: string }> {
    const [method = '', path = ''] = key.split(' ');
    const response = await fetch(center.server.url + path.replace(':id', id), {
      method,
      headers: { cookie, ...(body ? { 'content-type': 'application/json' } : {}) },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const { code } = (await response.json()) as { code: string };
    return { status: response.status, code };
  }
});
