import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { attachments, messageOutbox, messageParts, messages } from '../../../../db/schema/index.ts';
import { type AttachmentId, type ConversationId, type MessageId, newId } from '../../../../server/kernel/ids.ts';
import { insertConversation, readConversation } from '../../../../server/messages/conversation-store.ts';
import { entryIdOf, insertMessages, refreshEntries } from '../../../../server/messages/conversations/message-store.ts';
import type { NewMessageRow } from '../../../../server/messages/rooms.ts';
import { openTestDatabase, type TestDatabase } from '../../../support/database.ts';
import { type MessagesHouse, openMessagesHouse } from '../../../support/messages-house.ts';

let db: TestDatabase;
let house: MessagesHouse;
beforeAll(async () => {
  db = await openTestDatabase();
  house = await openMessagesHouse(db);
});
afterAll(() => db.close());

async function makeConversation(channel: 'email' | 'sms' | 'chat' = 'email') {
  const card = await house.clients.create({ kind: 'person', name: 'Ivan' }, house.anna);
  const at = new Date(house.clock.now());
  return insertConversation(db, {
    id: newId<ConversationId>(),
    channel,
    clientId: card.id,
    addressId: house[channel].addressId,
    peer: 'ivan@client.example',
    state: 'answered',
    queueId: house.queueId,
    lastMessageAt: at,
    lastDirection: 'out',
    openedAt: at,
  });
}

const arrived = (conversationId: ConversationId, rest: Partial<NewMessageRow> = {}): NewMessageRow => ({
  id: newId<MessageId>(),
  conversationId,
  channel: 'email',
  direction: 'in',
  at: new Date(house.clock.now()),
  origin: 'client',
  fromAddress: 'ivan@client.example',
  text: 'Good day, the parcel has not come.',
  ...rest,
});

const entryOf = (id: MessageId) => house.context.timeline.entryView(entryIdOf(id));

test('a message stands on the timeline with its new words, its files, and is counted', async () => {
  const conversation = await makeConversation();
  const fileId = newId<AttachmentId>();
  const file = { id: fileId, name: 'a.pdf', type: 'application/pdf', bytes: 3, sha256: 'x', contentId: null };
  await db.orm.insert(attachments).values(file);
  const at = new Date(house.clock.now() + 5);
  const row = arrived(conversation.id, { at, subject: 'Parcel', writtenText: 'It is \n late', html: '<p>' });
  await insertMessages(db, [{ row, conversation, attachmentIds: [fileId] }]);

  expect(await entryOf(row.id)).toMatchObject({
    clientId: conversation.clientId,
    kind: 'email',
    direction: 'in',
    status: 'received',
    at: at.toISOString(),
    peer: 'ivan@client.example',
    lineName: 'Shop email',
    queueName: 'Sales',
    note: 'It is late',
    message: {
      conversationId: conversation.id,
      subject: 'Parcel',
      text: 'It is \n late',
      isCut: false,
      hasHtml: true,
      delivery: null,
      ask: null,
      attachments: [{ id: fileId, name: 'a.pdf', type: 'application/pdf', bytes: 3, isInline: false, contentId: null }],
    },
  });
  const after = await readConversation(db, conversation.id);
  expect(after).toMatchObject({
    messages: 1,
    lastDirection: 'in',
    lastMessageAt: at,
    version: conversation.version + 1,
  });
});

test('where nothing new was written all of it is shown, and long texts are cut', async () => {
  const conversation = await makeConversation();
  const row = arrived(conversation.id, { text: 'я'.repeat(2_001), writtenText: ' \n' });
  await insertMessages(db, [{ row, conversation, attachmentIds: [] }]);
  const entry = await entryOf(row.id);
  expect(entry.message).toMatchObject({ text: 'я'.repeat(2_000), isCut: true, attachments: [] });
  expect(entry.note).toBe('я'.repeat(200));
});

test('the character that the database cannot keep is left out, wherever it stands', async () => {
  const conversation = await makeConversation();
  const facts = { 'a\0': '\0b\\u0000' };
  const to = [{ address: 'x\0@y.example', name: '' }];
  const row = arrived(conversation.id, { text: 'a\0b', fromName: '\0', html: '\0', references: ['\0<1>'], facts, to });
  await insertMessages(db, [{ row, conversation, attachmentIds: [] }]);
  const [stored] = await db.orm.select().from(messages).where(eq(messages.id, row.id));
  expect(stored).toMatchObject({ text: 'ab', fromName: '', html: '', references: ['<1>'] });
  expect(stored).toMatchObject({ facts: { a: 'b\\u0000' }, to: [{ address: 'x@y.example', name: '' }] });
});

test('an older message that comes late does not become the last one', async () => {
  const conversation = await makeConversation();
  const row = arrived(conversation.id, { at: new Date(conversation.lastMessageAt.getTime() - 1) });
  await insertMessages(db, [{ row, conversation, attachmentIds: [] }]);
  const { lastMessageAt, lastDirection } = conversation;
  expect(await readConversation(db, conversation.id)).toMatchObject({ messages: 1, lastMessageAt, lastDirection });
});

test('what leaves shows how it is, and shows it anew', async () => {
  const conversation = await makeConversation();
  const row = arrived(conversation.id, { direction: 'out', origin: 'agent', userId: house.anna.id });
  const until = new Date(house.clock.now() + 10_000);
  await insertMessages(db, [{ row, conversation, attachmentIds: [] }]);
  expect(await entryOf(row.id)).toMatchObject({
    status: 'queued',
    user: { id: house.anna.id },
    message: { delivery: null },
  });
  const { accountId, addressId } = house.email;
  const { id, clientId } = conversation;
  const common = { accountId, addressId, clientId, conversationId: id, idempotencyKey: row.id };
  await db.orm.insert(messageOutbox).values({ ...common, id: row.id, state: 'held', notBefore: until });
  await refreshEntries(db, [row.id]);
  expect(await entryOf(row.id)).toMatchObject({
    status: 'held',
    message: {
      delivery: { state: 'held', heldUntil: until.toISOString(), attempts: 0, nextAttemptAt: null, segments: null },
    },
  });
  await db.orm.update(messageOutbox).set({ state: 'sent', segments: 2 }).where(eq(messageOutbox.id, row.id));
  const part = { messageId: row.id, accountId, stepAt: until };
  await db.orm.insert(messageParts).values({ ...part, part: 0, providerId: 'a', step: 'delivered' });
  await db.orm.insert(messageParts).values({ ...part, part: 1, providerId: 'b', step: 'sent' });
  await refreshEntries(db, [row.id]);
  const segments = { total: 2, delivered: 1 };
  expect(await entryOf(row.id)).toMatchObject({ status: 'sent', message: { delivery: { heldUntil: null, segments } } });
});

test('what a visitor writes in a chat stands with the page on which he wrote it', async () => {
  const conversation = await makeConversation('chat');
  const facts = { page: 'https://shop.example/sofa', pageTitle: 'Sofa' };
  const row = arrived(conversation.id, { channel: 'chat', facts });
  await insertMessages(db, [{ row, conversation, attachmentIds: [] }]);
  expect(await entryOf(row.id)).toMatchObject({ page: { url: 'https://shop.example/sofa', title: 'Sofa' } });
});
