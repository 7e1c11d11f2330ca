import Value from 'typebox/value';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { MountRoute, RouteHandler, SignedInUser } from '../../../server/access/route.ts';
import { api, type OperationKey, type Output } from '../../../server/contract/api.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { openTimeline, storeEntry } from './house.ts';

let db: TestDatabase;
let house: Awaited<ReturnType<typeof openTimeline>>;
const handlers = new Map<string, RouteHandler<OperationKey>>();
beforeAll(async () => {
  db = await openTestDatabase();
  house = await openTimeline(db);
  const mount: MountRoute = (key, handler) => void handlers.set(key, handler as unknown as RouteHandler<OperationKey>);
  house.clients.routes(mount);
  house.timeline.routes(mount);
});
afterAll(() => db.close());

/** Calls an operation as the web server does, and holds its answer against the contract. */
async function ask<K extends OperationKey>(key: K, input: { params?: object; query?: object; body?: object }) {
  const handler = handlers.get(key);
  if (!handler) throw new Error(`${key} is not mounted`);
  const user: SignedInUser = house.anna;
  const output = await handler({ params: {}, query: {}, body: {}, ...input, user } as never);
  expect([...Value.Errors(api[key].response, output)]).toEqual([]);
  return output as Output<K>;
}

test('every operation on cards and timelines is mounted and answers by the contract', async () => {
  const made = await ask('POST /api/v1/clients', {
    body: { name: 'Зоя', contactPoints: [{ kind: 'phone', value: '8 916 400-00-01' }] },
  });
  const params = { id: made.id };
  expect(await ask('GET /api/v1/clients/:id', { params })).toEqual(made);
  const edited = await ask('PATCH /api/v1/clients/:id', { params, body: { version: made.version, vip: true } });
  expect(edited.vip).toBe(true);
  const added = await ask('POST /api/v1/clients/:id/contact-points', {
    params,
    body: { kind: 'email', value: 'zoya@example.com' },
  });
  const contactPointId = added.contactPoints.find(({ kind }) => kind === 'email')?.id ?? 0;
  const path = { id: made.id, contactPointId };
  const key = '/api/v1/clients/:id/contact-points/:contactPointId' as const;
  expect((await ask(`PATCH ${key}`, { params: path, body: { label: 'дом' } })).contactPoints).toMatchObject([
    { kind: 'phone' },
    { kind: 'email', label: 'дом' },
  ]);
  expect((await ask(`DELETE ${key}`, { params: path })).contactPoints).toHaveLength(1);
  const found = await ask('GET /api/v1/clients', { query: { q: '400-00-01', limit: 20 } });
  expect(found.items).toMatchObject([{ id: made.id, vip: true }]);

  await storeEntry(db, { clientId: made.id as never, at: new Date(0), userId: house.anna.id, result: 'busy' });
  const note = await ask('POST /api/v1/clients/:id/notes', { params, body: { body: 'Перезвонить' } });
  const comment = await ask('POST /api/v1/timeline-entries/:id/comments', {
    params: { id: note.id },
    body: { body: 'Сделано' },
  });
  const first = await ask('GET /api/v1/clients/:id/timeline', { params, query: { limit: 1 } });
  expect(first.items).toEqual([{ ...note, comments: [comment] }]);
  const rest = await ask('GET /api/v1/clients/:id/timeline', { params, query: { limit: 1, before: first.before } });
  expect(rest).toMatchObject({ items: [{ kind: 'call', user: { name: 'Anna' } }], before: null });
});

test('a card that is not there has no timeline', async () => {
  const params = { id: 77_777 };
  for (const key of ['GET /api/v1/clients/:id', 'GET /api/v1/clients/:id/timeline'] as const)
    await expect(ask(key, { params, query: { limit: 5 } })).rejects.toMatchObject({ code: 'not_found' });
});
