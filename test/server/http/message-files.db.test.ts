import { eq } from 'drizzle-orm';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { auditLog } from '../../../db/schema/access.ts';
import { limits } from '../../../server/http/limits.ts';
import type { ClientId } from '../../../server/kernel/ids.ts';
import type { Guarded, MessageFiles, ServedFile } from '../../../server/messages/index.ts';
import { buildTestApp, openTestHouse, signIn, type TestHouse } from './app-support.ts';

const id = (n: number): string => `0191d8a0-0000-7000-8000-00000000000${n}`;
const file: ServedFile = {
  name: 'Счёт "1".pdf',
  type: 'application/pdf',
  bytes: Buffer.from('%PDF'),
  isPicture: false,
};
const picture: ServedFile = { name: 'a.png', type: 'image/png', bytes: Buffer.from('PNG'), isPicture: true };
const page: ServedFile = { name: 'x.html', type: 'text/html', bytes: Buffer.from('<script>'), isPicture: false };

let house: TestHouse;
let app: FastifyInstance;
let cookie: string;
const uploads: { name: string; type: string; bytes: Buffer }[] = [];

beforeAll(async () => {
  house = await openTestHouse();
  /** Of a card that Boris must not see. */
  const guarded = <T>(value: T, userId: number): Guarded<T> => ({
    clientId: 7 as ClientId,
    isHidden: userId === house.people.boris,
    open: async () => value,
  });
  const served: Readonly<Record<string, ServedFile>> = { [id(1)]: file, [id(2)]: picture, [id(3)]: page };
  const files: MessageFiles = {
    async upload({ user: _, ...upload }) {
      uploads.push(upload);
      const { name, type, bytes } = upload;
      return { id: id(9), name, type, bytes: bytes.byteLength, isInline: false, contentId: null };
    },
    async attachment(attachmentId, user) {
      const found = served[attachmentId];
      return found ? guarded(found, user.id) : null;
    },
    page: async (_, user, { pictures }) => guarded(`<p>${pictures}</p>`, user.id),
    raw: async (_, user) => guarded(Buffer.from('From: x'), user.id),
  };
  app = await buildTestApp(house, { messageFiles: files });
  cookie = await signIn(app, 'anna');
});
afterAll(async () => {
  await app.close();
  await house.close();
});

const get = (url: string, as = cookie) => app.inject({ url: `/api/v1/${url}`, headers: { cookie: as } });
const linesOf = (subject: string) => house.db.orm.select().from(auditLog).where(eq(auditLog.subject, subject));

test('a file is saved, never shown, under its own name; the look is written down', async () => {
  const response = await get(`attachments/${id(1)}`);
  expect(response.statusCode).toBe(200);
  expect(response.rawPayload).toEqual(file.bytes);
  expect(response.headers).toMatchObject({
    'content-type': 'application/pdf',
    'content-disposition': `attachment; filename="____ _1_.pdf"; filename*=UTF-8''%D0%A1%D1%87%D1%91%D1%82%20%221%22.pdf`,
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'; sandbox",
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
  });
  const line = { userId: house.people.anna, action: 'message.opened', clientId: 7, allowed: true };
  expect(await linesOf(`attachment:${id(1)}`)).toMatchObject([line]);
  expect((await get(`attachments/${id(3)}`)).headers['content-disposition']).toMatch(/^attachment;/);
});

test('only pictures that cannot run are shown', async () => {
  const response = await get(`attachments/${id(2)}`);
  expect(response.headers['content-type']).toBe('image/png');
  expect(response.headers['content-disposition']).toBeUndefined();
});

test('a letter is a page in which nothing runs; pictures of others are loaded when somebody asks', async () => {
  const plain = await get(`messages/${id(1)}/html`);
  expect(plain.body).toBe('<p>false</p>');
  const policy = String(plain.headers['content-security-policy']);
  expect(policy).toContain("default-src 'none'; img-src 'self' data:; style-src 'unsafe-inline'");
  expect(policy).toMatch(/; sandbox allow-popups allow-popups-to-escape-sandbox$/);
  expect(policy).not.toContain('script');
  const asked = await get(`messages/${id(1)}/html?pictures=1`);
  expect(asked.body).toBe('<p>true</p>');
  expect(asked.headers['content-security-policy']).toContain("img-src 'self' data: https:;");
});

test('a message as it came is saved', async () => {
  const response = await get(`messages/${id(1)}/raw`);
  expect(response.headers).toMatchObject({ 'content-type': 'message/rfc822' });
  expect(response.headers['content-disposition']).toContain(`filename="${id(1)}.eml"`);
});

test('what must not be seen looks like what is not there, and the attempt is written down', async () => {
  const boris = await signIn(app, 'boris');
  const missing = await get(`attachments/${id(8)}`, boris);
  for (const url of [`attachments/${id(2)}`, `messages/${id(4)}/html`, `messages/${id(5)}/raw`]) {
    const response = await get(url, boris);
    expect(response.statusCode).toBe(404);
    const { requestId: _, ...body } = response.json();
    const { requestId: __, ...other } = missing.json();
    expect(body).toEqual(other);
  }
  expect(await linesOf(`message:${id(5)}`)).toMatchObject([{ userId: house.people.boris, allowed: false }]);
  expect((await get(`attachments/${id(1)}`, '')).statusCode).toBe(401);
});

test('a file is taken with the name and the type that are said, up to the limit', async () => {
  const post = (payload: Buffer, headers: Record<string, string> = {}) =>
    app.inject({
      method: 'POST',
      url: `/api/v1/attachments?name=${encodeURIComponent('Прайс.pdf')}`,
      headers: { cookie, host: 'localhost', 'content-type': 'application/pdf', ...headers },
      payload,
    });
  const response = await post(Buffer.from('%PDF'));
  expect(response.json()).toEqual({
    id: id(9),
    name: 'Прайс.pdf',
    type: 'application/pdf',
    bytes: 4,
    isInline: false,
    contentId: null,
  });
  expect(uploads).toMatchObject([{ name: 'Прайс.pdf', bytes: Buffer.from('%PDF') }]);
  const large = await post(Buffer.alloc(limits.attachmentBytes + 1));
  expect(large.statusCode).toBe(413);
  expect(large.json()).toMatchObject({ code: 'too_large' });
  expect((await post(Buffer.from('x'), { cookie: '' })).statusCode).toBe(401);
});
