import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { consents, messageSettings, users } from '../../../../db/schema/index.ts';
import { type EntryId, newId } from '../../../../server/kernel/ids.ts';
import { openTestDatabase, type TestDatabase } from '../../../support/database.ts';
import { trouble } from '../outbox/scripted-channel.ts';
import { openWritingHouse } from './house.ts';

let db: TestDatabase;
let house: Awaited<ReturnType<typeof openWritingHouse>>;

beforeAll(async () => {
  db = await openTestDatabase();
  house = await openWritingHouse(db);
});
afterAll(async () => {
  await house.close();
  await db.close();
});

const undoMs = 10_000;
const dayMs = 24 * 60 * 60_000;

test('what is written is stored at once and leaves after the time for undoing', async () => {
  const client = await house.addClient();
  const { entry, conversation } = await house.write(house.message(client.id, { text: 'Ready at five' }));
  expect(entry).toMatchObject({ kind: 'sms', direction: 'out', status: 'held', peer: client.phone });
  expect(conversation).toMatchObject({ state: 'answered', peer: client.phone, lastDirection: 'out', messages: 1 });
  expect(house.sms.wire.taken).toEqual([]);
  await house.pass(undoMs);
  await expect.poll(async () => (await house.storedOf(entry.id)).outbox.state).toBe('accepted');
  expect(house.sms.wire.taken).toMatchObject([
    { id: entry.id, text: 'Ready at five', from: { address: '+74950000001' }, to: [{ address: client.phone }] },
  ]);
});

test('the same key twice is one message', async () => {
  const client = await house.addClient();
  const key = newId<string>();
  const [one, other] = await Promise.all([0, 1].map(() => house.write(house.message(client.id), { key })));
  expect(one?.entry.id).toBe(other?.entry.id);
  expect((await house.conversationOf(one?.conversation.id ?? '')).messages).toBe(1);
});

test('a number as a person writes it is read, and belongs to the card from then on', async () => {
  const client = await house.addClient('New client', []);
  const { entry } = await house.write(house.message(client.id, { to: [{ address: '8 (916) 555-44-33', name: '' }] }));
  expect((await house.storedOf(entry.id)).to).toEqual([{ address: '+79165554433', name: '' }]);
  const card = await house.clients.card(client.id);
  expect(card.contactPoints).toMatchObject([{ kind: 'phone', value: '+79165554433' }]);
  const wrong = house.message(client.id, { to: [{ address: 'tomorrow', name: '' }] });
  await expect(house.write(wrong)).rejects.toMatchObject({ code: 'invalid_number' });
});

describe('an answer', () => {
  test('closes the wait, and says whom it answers', async () => {
    const client = await house.addClient();
    const { id, conversation } = await house.arrive(client);
    expect(conversation.state).toBe('waiting');
    const { entry } = await house.write(house.message(client.id, { mode: 'reply', answersId: id }));
    expect(await house.conversationOf(conversation.id)).toMatchObject({ state: 'answered', waitingSince: null });
    expect(await house.storedOf(entry.id)).toMatchObject({ conversationId: conversation.id, answersId: id });
    expect(house.heard.some(({ type, clientId }) => type === 'conversation.answered' && clientId === client.id)).toBe(
      true,
    );
  });

  test('is stopped when the client wrote meanwhile, unless the writer insists', async () => {
    const client = await house.addClient();
    const { id, conversation } = await house.arrive(client);
    const input = house.message(client.id, { mode: 'reply', answersId: id });
    const seen = (await house.conversationOf(conversation.id)).messages;
    // somebody read it, or it changed hands: its version rises, and nobody is stopped by that
    await expect(house.write(input, { seenMessages: seen - 1 })).rejects.toMatchObject({
      code: 'conflict',
      details: { reason: 'newer_message', version: conversation.version },
    });
    await house.write(input, { seenMessages: seen });
  });

  test('to a mail has references, one Re:, the signature and the quotation', async () => {
    const client = await house.addClient();
    await db.orm
      .update(users)
      .set({ settings: { signature: 'Anna\nShop' } })
      .where(eq(users.id, house.anna.id));
    const { id } = await house.arrive(client, {
      channel: 'email',
      subject: 'Re: Order',
      providerId: '<2@example.org>',
      references: ['<1@example.org>'],
      to: [{ address: 'shop@example.com', name: '' }],
      cc: [{ address: 'boss@example.org', name: 'Boss' }],
      text: 'Where <b> is it?',
    });
    const input = house.message(client.id, {
      channel: 'email',
      mode: 'reply_all',
      answersId: id,
      text: 'See https://a.b/c.',
    });
    const { entry } = await house.write(input);
    const stored = await house.storedOf(entry.id);
    expect(stored).toMatchObject({
      subject: 'Re: Order',
      references: ['<1@example.org>', '<2@example.org>'],
      to: [{ address: client.mail }],
      cc: [{ address: 'boss@example.org', name: 'Boss' }],
      writtenText: 'See https://a.b/c.',
    });
    expect(stored.text).toContain('-- \nAnna\nShop');
    expect(stored.text).toContain('> Where <b> is it?');
    expect(stored.html).toContain('<a href="https://a.b/c">https://a.b/c</a>.');
    expect(stored.html).toContain('Where &lt;b&gt; is it?');
  });
});

describe('undo', () => {
  test('gives back what was written, and the client waits again', async () => {
    const client = await house.addClient();
    const { id, conversation } = await house.arrive(client);
    const input = house.message(client.id, { mode: 'reply', answersId: id, text: 'Wrong person' });
    const { entry } = await house.write(input);
    const back = await house.ask('POST /api/v1/messages/:id/undo', house.anna, { params: { id: entry.id } });
    expect(back).toMatchObject({
      ...input,
      to: [{ address: client.phone, name: '' }],
      conversationId: conversation.id,
    });
    expect(await house.conversationOf(conversation.id)).toMatchObject({
      state: 'assigned',
      ownerId: house.anna.id,
      waitingSince: conversation.waitingSince,
      messages: 1,
    });
    await house.pass(undoMs);
    expect(house.sms.wire.taken.map((message) => message.id)).not.toContain(entry.id);
  });

  test('comes too late when it has left', async () => {
    const client = await house.addClient();
    const { entry } = await house.write(house.message(client.id));
    await house.pass(undoMs);
    await expect.poll(async () => (await house.storedOf(entry.id)).outbox.state).toBe('accepted');
    const undo = house.ask('POST /api/v1/messages/:id/undo', house.anna, { params: { id: entry.id } });
    await expect(undo).rejects.toMatchObject({ code: 'illegal_transition' });
  });

  test('and the sender at the same moment: one of them wins', async () => {
    const client = await house.addClient();
    const entries: { readonly id: string }[] = [];
    for (let count = 0; count < 5; count++) entries.push((await house.write(house.message(client.id))).entry);
    house.clock.advance(undoMs);
    const undone = await Promise.allSettled(
      entries.map(({ id }) => house.ask('POST /api/v1/messages/:id/undo', house.anna, { params: { id } })),
    );
    await house.pass(1);
    await expect
      .poll(async () => {
        const states = await Promise.all(entries.map(async ({ id }) => (await house.storedOf(id)).outbox.state));
        return states.every((state) => state === 'undone' || state === 'accepted');
      })
      .toBe(true);
    for (const [index, { id }] of entries.entries())
      expect(house.sms.wire.taken.some((message) => message.id === id)).toBe(undone[index]?.status === 'rejected');
  });
});

describe('the gate', () => {
  test('stops a message with its answer', async () => {
    const client = await house.addClient();
    await db.orm.insert(consents).values({
      ...{ kind: 'phone', value: client.phone, channel: 'sms', state: 'refused', source: 'keyword' },
      evidence: 'wrote STOP',
    });
    await expect(house.write(house.message(client.id))).rejects.toMatchObject({
      code: 'conflict',
      details: { reason: 'blocked', gate: { allowed: false, lines: [{ reason: 'refused', effect: 'blocks' }] } },
    });
  });

  test('delays a message at night until the morning of the client', async () => {
    const client = await house.addClient();
    // eleven in the evening
    const night = Date.UTC(2026, 0, 13, 20);
    house.clock.advance(night - house.clock.now());
    const { entry, gate } = await house.write(house.message(client.id));
    expect(gate.sendAt).toBe('2026-01-14T06:00:00.000Z');
    expect((await house.storedOf(entry.id)).outbox).toMatchObject({
      state: 'held',
      notBefore: new Date('2026-01-14T06:00:00.000Z'),
    });
    house.clock.advance(Date.UTC(2026, 0, 14, 9) - house.clock.now());
  });

  test('warns of what a person may override', async () => {
    const client = await house.addClient('Office', [{ kind: 'phone', value: '+74951112233' }]);
    await expect(house.write(house.message(client.id))).rejects.toMatchObject({ details: { reason: 'warned' } });
    await house.write(house.message(client.id), { despiteWarnings: true });
  });
});

test('a failed message stands on the list, and is sent again once', async () => {
  await house.pass(undoMs);
  const client = await house.addClient();
  house.sms.wire.script(() => ({ kind: 'rejected', problem: { ...trouble('no route'), kind: 'content' } }));
  const { entry } = await house.write(house.message(client.id));
  await house.pass(undoMs);
  await expect.poll(async () => (await house.storedOf(entry.id)).outbox.state).toBe('failed');
  const listed = async () =>
    (await house.ask('GET /api/v1/failed-messages', house.anna)).items.map(({ id, state, error }) => ({
      id,
      state,
      error,
    }));
  expect(await listed()).toEqual([{ id: entry.id, state: 'failed', error: 'no route' }]);
  house.sms.wire.script(house.sms.wire.take);
  const sendAgain = () => house.ask('POST /api/v1/messages/:id/send-again', house.anna, { params: { id: entry.id } });
  const again = await sendAgain();
  expect((await sendAgain()).id).toBe(again.id);
  await house.pass(1);
  await expect.poll(async () => (await house.storedOf(again.id)).outbox.state).toBe('accepted');
  expect((await house.storedOf(again.id)).outbox.againOfId).toBe(entry.id);
  expect(await listed()).toEqual([]);
  expect((await house.timeline.entryView(entry.id as EntryId)).message?.delivery).toMatchObject({ isResolved: true });
});

test('a failed message that is put away leaves the list, and its line says so', async () => {
  const client = await house.addClient();
  house.sms.wire.script(() => ({ kind: 'rejected', problem: { ...trouble('no route'), kind: 'content' } }));
  const { entry } = await house.write(house.message(client.id));
  await house.pass(undoMs);
  const delivery = async () => (await house.timeline.entryView(entry.id as EntryId)).message?.delivery;
  await expect.poll(delivery).toMatchObject({ state: 'failed', isResolved: false });
  house.sms.wire.script(house.sms.wire.take);
  await house.ask('POST /api/v1/messages/:id/resolve', house.anna, { params: { id: entry.id } });
  expect(await delivery()).toMatchObject({ state: 'failed', isResolved: true });
  expect((await house.ask('GET /api/v1/failed-messages', house.anna)).items).toEqual([]);
});

test('what waits for an account that is off is on the list, says so, leaves when it is on, and is given up in its time', async () => {
  await house.pass(undoMs);
  const { account, wire } = house.sms;
  const client = await house.addClient();
  const { entry: first } = await house.write(house.message(client.id));
  const { entry: second } = await house.write(house.message((await house.addClient()).id, { channel: 'email' }));
  await house.switchAccount(account.id, null);
  await house.pass(undoMs);
  const listed = async () =>
    (await house.ask('GET /api/v1/failed-messages', house.anna)).items.map(({ id, state, accountName }) => ({
      id,
      state,
      accountName,
    }));
  const waitsFor = async (id: string) =>
    (await house.timeline.entryView(id as EntryId)).message?.delivery?.waitsFor ?? null;
  expect(await listed()).toEqual([{ id: first.id, state: 'waiting', accountName: account.name }]);
  expect(await waitsFor(first.id)).toBe(account.name);
  expect(await waitsFor(second.id)).toBeNull();
  await expect(
    house.ask('POST /api/v1/messages/:id/send-again', house.anna, { params: { id: first.id } }),
  ).rejects.toMatchObject({ code: 'illegal_transition' });

  await house.switchAccount(account.id, wire);
  await house.pass(1);
  await expect.poll(async () => (await house.storedOf(first.id)).outbox.state).toBe('accepted');
  expect(await listed()).toEqual([]);
  expect(await waitsFor(first.id)).toBeNull();

  const { entry: third } = await house.write(house.message(client.id));
  await house.switchAccount(account.id, null);
  await house.pass(dayMs);
  expect((await house.storedOf(third.id)).outbox.state).toBe('held');
  await house.pass(undoMs + 15_000);
  await expect.poll(async () => (await house.storedOf(third.id)).outbox.state).toBe('dead');
  expect(await listed()).toEqual([{ id: third.id, state: 'dead', accountName: account.name }]);
  expect(await waitsFor(third.id)).toBeNull();
  await house.switchAccount(account.id, wire);
  const again = await house.ask('POST /api/v1/messages/:id/send-again', house.anna, { params: { id: third.id } });
  expect((await house.storedOf(again.id)).outbox.expiresAt).not.toBeNull();
});

test('drafts are kept, shown to their writer, and gone with the message', async () => {
  const client = await house.addClient();
  const params = { id: client.id, channel: 'sms' as const };
  await house.ask('PUT /api/v1/clients/:id/drafts/:channel', house.anna, { params, body: { text: 'Good m' } });
  expect(house.conversations.whoWrites(client.id)).toEqual([{ userId: house.anna.id, channel: 'sms' }]);
  const read = async () => (await house.ask('GET /api/v1/clients/:id/drafts', house.anna, { params })).items;
  expect(await read()).toMatchObject([{ channel: 'sms', draft: { text: 'Good m' } }]);
  await house.write(house.message(client.id));
  expect(await read()).toEqual([]);
  expect(house.conversations.whoWrites(client.id)).toEqual([]);
});

test('without a time for undoing a message leaves at once', async () => {
  await db.orm.update(messageSettings).set({ undoSeconds: 0 });
  const client = await house.addClient();
  const { entry } = await house.write(house.message(client.id));
  await expect.poll(async () => (await house.storedOf(entry.id)).outbox.state).toBe('accepted');
  await db.orm.update(messageSettings).set({ undoSeconds: 10 });
});
