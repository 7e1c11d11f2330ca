import { readdirSync, utimesSync } from 'node:fs';
import * as path from 'node:path';
import { eq } from 'drizzle-orm';
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { attachments, clients, messages, users } from '../../../../db/schema/index.ts';
import type { SignedInUser } from '../../../../server/access/route.ts';
import type { AttachmentId, MessageId } from '../../../../server/kernel/ids.ts';
import { fileName, mediaType } from '../../../../server/messages/conversations/attachment-store.ts';
import { type ConversationsPart, createConversations } from '../../../../server/messages/conversations/index.ts';
import { createMessages } from '../../../../server/messages/index.ts';
import { arrivalsOf } from '../../../support/arrivals.ts';
import { openTestDatabase, type TestDatabase } from '../../../support/database.ts';
import { type MessagesHouse, openMessagesHouse } from '../../../support/messages-house.ts';

let db: TestDatabase;
let house: MessagesHouse;
let room: ReturnType<typeof createMessages>;
let conversations: ConversationsPart;
/** Sees his own clients only. */
let olga: SignedInUser;

beforeAll(async () => {
  db = await openTestDatabase();
  house = await openMessagesHouse(db);
  room = createMessages(house.context);
  conversations = createConversations(house.context);
  const row = { login: 'olga', name: 'Olga', role: 'agent' as const, passwordHash: '', sipSecret: '' };
  const [user] = await db.orm.insert(users).values(row).returning();
  olga = { ...house.anna, id: user?.id as SignedInUser['id'], login: 'olga', name: 'Olga', sees: 'own' };
});
afterAll(() => db.close());

const storedFiles = (): string[] =>
  readdirSync(path.join(house.context.filesDir, 'attachments'), { recursive: true })
    .map(String)
    .filter((file) => /[0-9a-f]{64}/.test(file));

const upload = (name: string, text: string, user = house.anna) =>
  room.files.upload({ name, type: 'text/plain', bytes: Buffer.from(text), user });

const rowOf = async (id: string) =>
  (
    await db.orm
      .select()
      .from(attachments)
      .where(eq(attachments.id, id as AttachmentId))
  )[0];

test('the same bytes lie there once, whatever they are called', async () => {
  const one = await upload('a.txt', 'same bytes');
  const other = await upload('b.txt', 'same bytes');
  expect(one.id).not.toBe(other.id);
  expect(storedFiles()).toHaveLength(1);
  const row = await rowOf(one.id);
  expect((await conversations.readFile(row?.sha256 ?? '')).toString()).toBe('same bytes');
  await expect(conversations.readFile('../../etc/passwd')).rejects.toMatchObject({ code: 'not_found' });
});

test('a file of a draft is its writer’s alone, a file of a message whoever may see the client’s', async () => {
  const draft = await upload('draft.txt', 'draft');
  const own = await room.files.attachment(draft.id as AttachmentId, house.anna);
  expect(own).toMatchObject({ clientId: null, isHidden: false });
  expect(await room.files.attachment(draft.id as AttachmentId, house.boris)).toMatchObject({ isHidden: true });

  const bytes = Buffer.from('picture');
  const inline = { name: 'a.png', type: 'image/png', bytes, contentId: 'one@x', isInline: true };
  const letter = { html: '<img src="cid:one@x">', attachments: [inline], raw: Buffer.from('From: x') };
  await room.receive(arrivalsOf(house).letter('files@client.example', 'See there', letter));
  const [message] = await db.orm.select().from(messages).where(eq(messages.fromAddress, 'files@client.example'));
  const id = message?.id as MessageId;
  const [file] = await db.orm.select().from(attachments).where(eq(attachments.messageId, id));
  const found = await room.files.attachment(file?.id as AttachmentId, house.boris);
  expect(found?.isHidden).toBe(false);
  expect(await found?.open()).toMatchObject({ bytes, isPicture: true, name: 'a.png' });
  expect((await (await room.files.raw(id, house.boris))?.open())?.toString()).toBe('From: x');

  await db.orm
    .update(clients)
    .set({ responsibleId: house.anna.id })
    .where(eq(clients.id, found?.clientId as never));
  const page = { pictures: false };
  expect(await room.files.attachment(file?.id as AttachmentId, olga)).toMatchObject({ isHidden: true });
  expect(await room.files.raw(id, olga)).toMatchObject({ isHidden: true });
  expect(await room.files.page(id, olga, page)).toMatchObject({ isHidden: true });
});

test('a letter’s own pictures are parts of its page, and only what a browser cannot run', async () => {
  const files = [
    { name: 'a.png', type: 'image/png', bytes: Buffer.from('PNG'), contentId: 'png@x', isInline: true },
    { name: 'a.svg', type: 'image/svg+xml', bytes: Buffer.from('<svg>'), contentId: 'svg@x', isInline: true },
  ];
  const asked: (string | null)[] = [];
  const reading: typeof house.context.reading = {
    ...house.context.reading,
    safeHtml(html, { cidUrl }) {
      asked.push(cidUrl('png@x'), cidUrl('svg@x'), cidUrl('other@x'));
      return { html, blockedPictures: 0 };
    },
  };
  const other = createMessages({ ...house.context, reading });
  const letter = arrivalsOf(house).letter('page@client.example', 'x', {
    html: '<p>',
    attachments: files,
    subject: '<b>',
  });
  await other.receive(letter);
  const [message] = await db.orm.select().from(messages).where(eq(messages.fromAddress, 'page@client.example'));
  const page = await other.files.page(message?.id as MessageId, house.anna, { pictures: false });
  expect(await page?.open()).toContain('<title>&#60;b&#62;</title>');
  expect(asked).toEqual(['data:image/png;base64,UE5H', null, null]);
});

test('what was never sent goes away after two days, its bytes with it when nobody else has them', async () => {
  const alone = await upload('alone.txt', 'only mine');
  const shared = await upload('shared.txt', 'in two places');
  const sha256 = (await rowOf(alone.id))?.sha256 as string;
  const sharedSha256 = (await rowOf(shared.id))?.sha256 as string;
  const file = {
    name: 's.txt',
    type: 'text/plain',
    bytes: Buffer.from('in two places'),
    contentId: null,
    isInline: false,
  };
  await room.receive(arrivalsOf(house).letter('swept@client.example', 'x', { attachments: [file] }));
  house.clock.advance(2 * 24 * 60 * 60_000 + 1);
  const old = new Date(house.clock.now() - 3 * 24 * 60 * 60_000);
  for (const hash of [sha256, sharedSha256])
    utimesSync(path.join(house.context.filesDir, 'attachments', hash.slice(0, 2), hash), old, old);
  await conversations.sweep();
  expect(await rowOf(alone.id)).toBeUndefined();
  expect(await rowOf(shared.id)).toBeUndefined();
  await expect(conversations.readFile(sha256)).rejects.toMatchObject({ code: 'not_found' });
  expect((await conversations.readFile(sharedSha256)).toString()).toBe('in two places');
});

test.each([
  ['../../etc/passwd', 'passwd'],
  ['C:\\Users\\x\\report.docx', 'report.docx'],
  ['invoice\u202efdp.exe', 'invoicefdp.exe'],
  [' ..', 'file'],
  ['', 'file'],
  ['a\0b\n.txt', 'ab.txt'],
  ['what?.txt', 'what_.txt'],
  [`${'я'.repeat(300)}.pdf`, `${'я'.repeat(146)}.pdf`],
])('a file called %j is kept as %j', (written, kept) => expect(fileName(written)).toBe(kept));

test('no name, however it is written, leads out of a folder or is empty', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (written) => {
      const name = fileName(written);
      expect(name).toMatch(/^[^/\\\0]{1,150}$/u);
      expect(name).not.toMatch(/^\.+$/);
      expect(name.isWellFormed()).toBe(true);
    }),
  );
});

test.each([
  ['Text/HTML; charset=x', 'text/html'],
  ['application/vnd.ms-excel', 'application/vnd.ms-excel'],
  ['nonsense', 'application/octet-stream'],
  ['a/b\r\nx: y', 'application/octet-stream'],
])('a file of type %j is taken for %j', (written, kept) => expect(mediaType(written)).toBe(kept));
