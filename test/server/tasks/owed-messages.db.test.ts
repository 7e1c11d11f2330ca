import { and, eq, isNull } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { conversations, messages, owed, timelineEntries } from '../../../db/schema/index.ts';
import type { SignedInUser } from '../../../server/access/route.ts';
import type { ClientId, QueueId } from '../../../server/kernel/ids.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { everyDay, minutes, openHouse } from './house.ts';
import { openWriting } from './written.ts';

let db: TestDatabase;
let house: Awaited<ReturnType<typeof openHouse>>;
let writing: Awaited<ReturnType<typeof openWriting>>;
let boris: SignedInUser;
let vera: SignedInUser;
let queueId: QueueId;
let clientId: ClientId;
beforeAll(async () => {
  db = await openTestDatabase();
  house = await openHouse(db);
  boris = await house.addUser('boris', everyDay('00:00', '24:00'));
  vera = await house.addUser('vera', everyDay('00:00', '24:00'));
  queueId = await house.addQueue('Sales', [boris.id, vera.id]);
  await house.setup.reload();
  await house.tasks.start();
  writing = await openWriting(db, house, queueId);
});
afterAll(async () => {
  await house.tasks.close();
  await db.close();
});
beforeEach(async () => {
  await db.orm.delete(owed);
  await db.orm.delete(timelineEntries);
  await db.orm.delete(messages);
  await db.orm.delete(conversations);
  clientId = await house.addClient();
});

const openRow = async () =>
  (
    await db.orm
      .select()
      .from(owed)
      .where(and(eq(owed.clientId, clientId), isNull(owed.closedAt)))
  )[0] ?? null;
const rows = () => db.orm.select().from(owed).where(eq(owed.clientId, clientId)).orderBy(owed.id);

describe('a visitor who called from a page is owed', () => {
  /** Nobody takes his call. */
  async function callFromPage(contactPoints: { kind: 'phone' | 'email'; value: string }[]) {
    clientId = (await house.clients.create({ name: 'Visitor', contactPoints }, house.anna)).id;
    return house.missed({ clientId, queueId, peer: '', visitor: `1:${clientId}` });
  }

  test('a call to the number of his card', async () => {
    const { id } = await callFromPage([{ kind: 'phone', value: '+79167770001' }]);
    expect(await openRow()).toMatchObject({
      kind: 'missed',
      times: 1,
      number: '+79167770001',
      channels: ['call'],
      interactionIds: [id],
    });
    await house.talked({ clientId, queueId, peer: '', visitor: `1:${clientId}` }, vera.id);
    expect(await rows()).toMatchObject([{ closedBecause: 'talked' }]);
  });

  test('an answer where his card has an address', async () => {
    await callFromPage([{ kind: 'email', value: 'visitor@example.org' }]);
    expect(await openRow()).toMatchObject({ kind: 'missed', times: 1, number: '' });
  });

  test('an answer in his chat, and nothing as long as nobody could reach him', async () => {
    await callFromPage([]);
    expect(await openRow()).toBeNull();
    const id = await writing.write(clientId, 'email');
    await writing.answer(id, vera.id);
    expect(await rows()).toEqual([]);
    await house.pass(minutes(1));
    await house.missed({ clientId, queueId, peer: '', visitor: `1:${clientId}` });
    expect(await openRow()).toMatchObject({ kind: 'missed', times: 2, number: '', channels: ['call'] });
    await house.pass(minutes(1));
    await writing.writeAgain(id);
    await house.pass(minutes(1));
    await writing.answer(id, vera.id);
    expect(await rows()).toMatchObject([{ closedBecause: 'written' }]);
  });
});

describe('who wrote is owed an answer', () => {
  test('not while somebody of the shift has time for it', async () => {
    const id = await writing.write(clientId);
    expect(await openRow()).toBeNull();
    await writing.give(id, vera.id);
    await writing.answer(id, vera.id);
    expect(await rows()).toEqual([]);
  });

  test('at once when nobody is on shift, until he is answered, whoever gets it', async () => {
    const since = house.clock.now();
    const id = await writing.write(clientId, 'email', { because: 'nobody_on_shift' });
    expect(await openRow()).toMatchObject({
      kind: 'message',
      channels: ['email'],
      conversationIds: [id],
      interactionIds: [],
      times: 1,
      number: '',
      lineName: 'Our email',
      queueId,
      firstAt: new Date(since),
      dueAt: new Date(since + minutes(60)),
    });
    await writing.give(id, vera.id);
    expect(await openRow()).toMatchObject({ ownerId: vera.id });
    await writing.answer(id, vera.id);
    expect(await rows()).toMatchObject([{ closedBecause: 'written' }]);
  });

  test('when its time is over; whoever has it owns it', async () => {
    const id = await writing.write(clientId, 'sms', { dueInMs: minutes(10) });
    await writing.give(id, vera.id);
    await house.pass(minutes(10));
    await writing.overdue(id);
    expect(await openRow()).toMatchObject({
      kind: 'message',
      channels: ['sms'],
      number: '+79031112233',
      ownerId: vera.id,
      ownerReason: 'has_conversation',
    });
    await writing.give(id, boris.id);
    expect(await openRow()).toMatchObject({ ownerId: boris.id, ownerReason: 'has_conversation' });
  });

  test('once over all channels: the strongest names it, the least time left counts', async () => {
    const since = house.clock.now();
    const call = await house.missed({ clientId, queueId });
    const letter = await writing.write(clientId, 'email', { because: 'nobody_on_shift', dueInMs: minutes(20) });
    const text = await writing.write(clientId, 'sms', { because: 'nobody_on_shift', dueInMs: minutes(90) });
    expect(await rows()).toHaveLength(1);
    expect(await openRow()).toMatchObject({
      kind: 'message',
      channels: ['call', 'email', 'sms'],
      interactionIds: [call.id],
      conversationIds: [letter, text],
      times: 3,
      dueAt: new Date(since + minutes(20)),
    });
    await house.missed({ clientId, queueId }).then((again) => again.tell('interaction.voicemail'));
    expect(await openRow()).toMatchObject({ kind: 'voicemail' });
  });

  test('a conversation that somebody closes is owed no more, and is not owed again by a rebuild', async () => {
    const id = await writing.write(clientId, 'email', { because: 'nobody_on_shift' });
    await writing.close(id, vera.id);
    expect(await rows()).toMatchObject([{ closedBecause: 'by_hand' }]);
    await house.tasks.owed.rebuild();
    expect(await openRow()).toBeNull();
  });

  test('a supervisor closes the row: the next wait opens a new one, this one does not', async () => {
    const id = await writing.write(clientId, 'email', { because: 'nobody_on_shift' });
    const row = await openRow();
    // whoever's turn it was: he may close all
    await house.closeOwed(row?.id ?? 0, 'spam', { ...vera, role: 'admin' });
    await house.tasks.owed.rebuild();
    expect(await openRow()).toBeNull();
    await writing.answer(id, vera.id);
    await house.pass(minutes(1));
    await writing.writeAgain(id);
    await db.orm.update(conversations).set({ assignedBecause: 'nobody_on_shift' }).where(eq(conversations.id, id));
    await house.tasks.owed.rebuild();
    expect(await rows()).toMatchObject([{ closedBecause: 'by_hand' }, { closedAt: null, kind: 'message' }]);
  });

  test('a rebuild finds what was not told, and changes nothing where all was', async () => {
    const id = await writing.write(clientId, 'email', { because: 'nobody_on_shift' });
    const told = await openRow();
    await house.tasks.owed.rebuild();
    expect(await openRow()).toEqual(told);
    await db.orm.delete(owed);
    await house.tasks.owed.rebuild();
    expect(await openRow()).toMatchObject({ kind: 'message', conversationIds: [id] });
  });

  test('lists show the channels', async () => {
    const id = await writing.write(clientId, 'sms', { because: 'nobody_on_shift' });
    const { items } = await house.listOwed({ ...vera, role: 'admin' }, { scope: 'all' });
    expect(items).toMatchObject([{ kind: 'message', channels: ['sms'], conversationIds: [id], interactionIds: [] }]);
    expect(
      await house.tasks.owed.of(vera.id).then((mine) => mine.filter(({ ownerId }) => ownerId === vera.id)),
    ).toEqual(items[0]?.owner?.id === vera.id ? [expect.objectContaining({ kind: 'message', channels: ['sms'] })] : []);
  });
});

describe('a missed call is answered by writing', () => {
  test('we write and he answers', async () => {
    await house.missed({ clientId, queueId });
    await house.pass(minutes(1));
    const id = await writing.writeTo(clientId, vera.id);
    expect(await openRow()).toMatchObject({ kind: 'missed' });
    await house.pass(minutes(1));
    await writing.writeAgain(id);
    expect(await rows()).toMatchObject([{ closedBecause: 'written', closedById: vera.id }]);
  });

  test('he writes after it and we answer', async () => {
    await house.missed({ clientId, queueId });
    await house.pass(minutes(1));
    const id = await writing.write(clientId, 'sms');
    await house.pass(minutes(1));
    await writing.answer(id, vera.id);
    expect(await rows()).toMatchObject([{ closedBecause: 'written' }]);
  });

  test('not by what was written before it', async () => {
    const id = await writing.write(clientId, 'sms');
    await house.pass(minutes(1));
    await house.missed({ clientId, queueId });
    await house.pass(minutes(1));
    await writing.answer(id, vera.id);
    expect(await openRow()).toMatchObject({ kind: 'missed' });
  });

  test('a voice message is; a request to be called is not', async () => {
    const message = await house.missed({ clientId, queueId });
    await message.tell('interaction.voicemail');
    await house.pass(minutes(1));
    const id = await writing.write(clientId, 'sms');
    await house.pass(minutes(1));
    await writing.answer(id, vera.id);
    expect(await openRow()).toBeNull();
    const request = await house.missed({ clientId, queueId });
    await request.tell('interaction.callback_requested');
    await house.pass(minutes(1));
    await writing.writeAgain(id);
    await house.pass(minutes(1));
    await writing.answer(id, vera.id);
    expect(await openRow()).toMatchObject({ kind: 'callback' });
  });

  test('what he calls about after that is owed anew', async () => {
    await house.missed({ clientId, queueId });
    await house.pass(minutes(1));
    const id = await writing.write(clientId, 'sms');
    await house.pass(minutes(1));
    await writing.answer(id, vera.id);
    await house.pass(minutes(1));
    const again = await house.missed({ clientId, queueId });
    expect(await openRow()).toMatchObject({ kind: 'missed', times: 1, interactionIds: [again.id] });
    expect(await rows()).toHaveLength(2);
  });
});

describe('calls and what was written', () => {
  test('a live talk pays for calls; what he wrote is owed until it is answered', async () => {
    await house.missed({ clientId, queueId });
    const id = await writing.write(clientId, 'email', { because: 'nobody_on_shift' });
    const talk = await house.begin({ clientId, queueId });
    await talk.answer(vera.id);
    expect(await openRow()).toMatchObject({ kind: 'message', channels: ['email'], interactionIds: [] });
    await house.pass(minutes(1));
    await talk.end(0);
    await db.orm
      .update(conversations)
      .set({ state: 'answered', waitingSince: null, dueAt: null })
      .where(eq(conversations.id, id));
    const event = { type: 'conversation.answered', clientId, userId: vera.id, data: { conversationId: id } };
    house.journal.published(await house.journal.append(db, [event]));
    await house.tasks.idle();
    expect(await rows()).toMatchObject([{ closedBecause: 'talked', closedByInteractionId: talk.id }]);
  });
});
