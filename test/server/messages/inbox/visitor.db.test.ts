import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CallingVisitor } from '../../../../channels/channel.ts';
import { timelineEntries } from '../../../../db/schema/index.ts';
import { type ClientId, type EntryId, newId } from '../../../../server/kernel/ids.ts';
import { createMessages, type Messages } from '../../../../server/messages/index.ts';
import { openTestDatabase, type TestDatabase } from '../../../support/database.ts';
import { type MessagesHouse, openMessagesHouse } from '../../../support/messages-house.ts';

let db: TestDatabase;
let house: MessagesHouse;
let messages: Messages;

beforeAll(async () => {
  db = await openTestDatabase();
  house = await openMessagesHouse(db);
  messages = createMessages(house.context);
});
afterAll(() => db.close());

const visitorOf = (change: Partial<CallingVisitor> = {}): CallingVisitor => ({
  accountId: house.chat.accountId,
  id: randomUUID(),
  name: '',
  email: '',
  phone: '',
  page: 'https://shop.example/sofa',
  pageTitle: 'Sofa',
  ...change,
});

/** What stands on a card of a call from a page. */
const storeCall = (clientId: ClientId, visitor: string) =>
  db.orm.insert(timelineEntries).values({
    id: newId<EntryId>(),
    clientId,
    at: new Date(house.clock.now()),
    kind: 'call',
    direction: 'in',
    status: 'missed',
    data: { visitor },
  });

test('a visitor who has no card yet gets one, and his earlier call leads to it', async () => {
  const visitor = visitorOf({ name: 'Ира' });
  const { clientId, created } = await messages.clientOfVisitor(visitor);
  expect(created).toBe(true);
  expect(await house.clients.card(clientId)).toMatchObject({ name: 'Ира', kind: 'unknown', contactPoints: [] });
  await storeCall(clientId, `${visitor.accountId}:${visitor.id}`);
  expect(await messages.clientOfVisitor(visitor)).toEqual({ clientId, created: false });
});

test('the card with the number or address that his site proved is his', async () => {
  const phone = '+79160000901';
  const email = 'visitor@client.example';
  const byPhone = await messages.clientOfVisitor(visitorOf({ phone }));
  expect(await house.clients.card(byPhone.clientId)).toMatchObject({ contactPoints: [{ value: phone }] });
  expect(await messages.clientOfVisitor(visitorOf({ phone }))).toMatchObject({ ...idOf(byPhone), created: false });
  const byMail = await messages.clientOfVisitor(visitorOf({ email }));
  expect(await messages.clientOfVisitor(visitorOf({ email }))).toMatchObject({ ...idOf(byMail), created: false });
});

const idOf = ({ clientId }: { clientId: ClientId }) => ({ clientId });

test('a name finds nobody, and the same id of another site is somebody else', async () => {
  const known = visitorOf({ name: 'Иван Петров' });
  const { clientId } = await messages.clientOfVisitor(known);
  await storeCall(clientId, `${known.accountId}:${known.id}`);
  const namesake = await messages.clientOfVisitor(visitorOf({ name: 'Иван Петров' }));
  expect(namesake.created).toBe(true);
  const { accountId } = await house.addAddress('chat', 'web_chat', 'other-site');
  expect(await messages.clientOfVisitor({ ...known, accountId })).toMatchObject({ created: true });
});

test('a chat that has no address any more admits nobody', async () => {
  await expect(messages.clientOfVisitor(visitorOf({ accountId: house.sms.accountId }))).rejects.toMatchObject({
    code: 'unavailable',
  });
});
