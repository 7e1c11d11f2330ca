import { and, eq, isNull } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { clients as cards, interactions, owed, timelineEntries } from '../../../db/schema/index.ts';
import type { SignedInUser } from '../../../server/access/route.ts';
import type { ClientId, QueueId } from '../../../server/kernel/ids.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { at, everyDay, hours, minutes, openHouse } from './house.ts';

let db: TestDatabase;
let house: Awaited<ReturnType<typeof openHouse>>;
let boris: SignedInUser;
let vera: SignedInUser;
let night: SignedInUser;
let queueId: QueueId;
beforeAll(async () => {
  db = await openTestDatabase();
  house = await openHouse(db);
  boris = await house.addUser('boris', everyDay('09:00', '18:00'));
  vera = await house.addUser('vera', everyDay('09:00', '18:00'));
  night = await house.addUser('night', everyDay('20:00', '06:00'));
  queueId = await house.addQueue('Sales', [boris.id, vera.id]);
  await house.setup.reload();
  await house.tasks.start();
});
afterAll(async () => {
  await house.tasks.close();
  await db.close();
});
/** Every test begins at noon in Moscow, with nothing owed. */
beforeEach(async () => {
  await db.orm.delete(owed);
  await db.orm.delete(timelineEntries);
  await db.orm.delete(interactions);
  const noon = Math.ceil((house.clock.now() - at('2026-01-12T09:00:00Z')) / hours(24)) * hours(24);
  await house.pass(at('2026-01-12T09:00:00Z') + noon - house.clock.now());
});

const openRow = async (clientId: ClientId) =>
  (
    await db.orm
      .select()
      .from(owed)
      .where(and(eq(owed.clientId, clientId), isNull(owed.closedAt)))
  )[0] ?? null;
const allRows = (clientId: ClientId) => db.orm.select().from(owed).where(eq(owed.clientId, clientId)).orderBy(owed.id);
const setResponsible = (clientId: ClientId, user: SignedInUser | null) =>
  db.orm
    .update(cards)
    .set({ responsibleId: user?.id ?? null })
    .where(eq(cards.id, clientId));
const now = () => house.clock.now();

describe('a client is owed an answer', () => {
  test('after a call that nobody took, once, however often he calls', async () => {
    const clientId = await house.addClient();
    const first = now();
    const one = await house.missed({ clientId, queueId });
    await house.pass(minutes(5));
    const two = await house.missed({ clientId, queueId });
    expect(await openRow(clientId)).toMatchObject({
      kind: 'missed',
      times: 2,
      firstAt: new Date(first),
      lastAt: new Date(first + minutes(5)),
      dueAt: new Date(first + minutes(30)),
      number: '+79161112233',
      lineName: 'Sales',
      queueId,
      interactionIds: [one.id, two.id],
      ownerReason: 'round_robin',
    });
    expect(await allRows(clientId)).toHaveLength(1);
  });

  test.each(['in', 'out'] as const)('until he is talked to, %s', async (direction) => {
    const clientId = await house.addClient();
    await house.missed({ clientId, queueId });
    await house.pass(minutes(5));
    const talk = await house.begin({ clientId, queueId, direction });
    await talk.answer(vera.id);
    expect(await openRow(clientId)).toBeNull();
    const [row] = await allRows(clientId);
    expect(row).toMatchObject({
      closedBecause: 'talked',
      closedByInteractionId: talk.id,
      closedById: vera.id,
      closedAt: new Date(now()),
    });
  });

  test('not for a call that he missed while he was talking to us', async () => {
    const clientId = await house.addClient();
    const talk = await house.begin({ clientId, queueId });
    await talk.answer(vera.id);
    await house.pass(minutes(1));
    await house.missed({ clientId, queueId });
    expect(await openRow(clientId)).toBeNull();
    await house.pass(minutes(1));
    await talk.end(0);
    await house.tasks.owed.rebuild();
    expect(await openRow(clientId)).toBeNull();
    await house.pass(minutes(1));
    await house.missed({ clientId, queueId });
    expect(await openRow(clientId)).toMatchObject({ times: 1 });
  });

  test('not when we did not reach him', async () => {
    const clientId = await house.addClient();
    await house.missed({ clientId, queueId });
    await (await house.begin({ clientId, queueId, direction: 'out' })).giveUp();
    expect(await openRow(clientId)).toMatchObject({ times: 1 });
    const other = await house.addClient();
    await (await house.begin({ clientId: other, queueId, direction: 'out' })).giveUp();
    expect(await openRow(other)).toBeNull();
  });

  test('not when nobody can call him back', async () => {
    const clientId = await house.addClient();
    await house.missed({ clientId, queueId, peer: 'anonymous' });
    expect(await openRow(clientId)).toBeNull();
  });

  test('a message and a request to be called raise the kind; the time asked for stands', async () => {
    const clientId = await house.addClient();
    const start = now();
    await house.missed({ clientId, queueId });
    const message = await house.begin({ clientId, queueId });
    await message.tell('interaction.voicemail', { responsibleId: null });
    expect(await openRow(clientId)).toMatchObject({
      kind: 'voicemail',
      times: 2,
      dueAt: new Date(start + minutes(30)),
    });
    await message.giveUp();
    expect(await openRow(clientId)).toMatchObject({ kind: 'voicemail', times: 2 });
    const callAt = new Date(start + hours(3));
    const request = await house.begin({ clientId, queueId });
    await request.tell('interaction.callback_requested', { callAt: callAt.toISOString() });
    expect(await openRow(clientId)).toMatchObject({ kind: 'callback', times: 3, dueAt: callAt });
    await request.giveUp();
    expect(await openRow(clientId)).toMatchObject({ kind: 'callback', times: 3, dueAt: callAt });
  });

  test('a request without a time is to be answered within an hour of work', async () => {
    const clientId = await house.addClient();
    const call = await house.begin({ clientId, queueId });
    await call.tell('interaction.callback_requested');
    expect(await openRow(clientId)).toMatchObject({ kind: 'callback', dueAt: new Date(now() + hours(1)) });
  });

  test('no longer when somebody says so, until the next call', async () => {
    const clientId = await house.addClient();
    await house.missed({ clientId, queueId });
    const row = await openRow(clientId);
    const owner = row?.ownerId === boris.id ? boris : vera;
    const other = owner === boris ? vera : boris;
    const close = (user: SignedInUser, reason = 'wrong number') => house.closeOwed(row?.id ?? 0, reason, user);
    await expect(close(other)).rejects.toMatchObject({ code: 'forbidden' });
    await expect(close(owner, '  ')).rejects.toMatchObject({ code: 'bad_request' });
    expect((await close(owner)).closed).toMatchObject({
      because: 'by_hand',
      user: { id: owner.id },
      note: 'wrong number',
    });
    expect((await close(owner)).closed?.note).toBe('wrong number');
    await house.tasks.owed.rebuild();
    expect(await openRow(clientId)).toBeNull();
    await house.pass(minutes(1));
    await house.missed({ clientId, queueId });
    expect(await openRow(clientId)).toMatchObject({ times: 1, firstAt: new Date(now()) });
  });

  test('no longer after a month', async () => {
    const clientId = await house.addClient();
    await house.missed({ clientId, queueId });
    await house.pass(hours(24 * 29));
    expect(await openRow(clientId)).not.toBeNull();
    for (let day = 0; day < 3; day++) await house.pass(hours(24));
    expect(await openRow(clientId)).toBeNull();
    expect(await allRows(clientId)).toMatchObject([{ closedBecause: 'too_old' }]);
  });

  test('what a crash left is found, and told twice it is the same', async () => {
    const clientId = await house.addClient();
    const call = await house.begin({ clientId, queueId });
    await db.orm.update(timelineEntries).set({ status: 'missed' }).where(eq(timelineEntries.interactionId, call.id));
    const event = { type: 'interaction.recovered', interactionId: call.id };
    for (let times = 0; times < 2; times++) {
      house.journal.published(await house.journal.append(db, [event]));
      await house.tasks.idle();
    }
    expect(await openRow(clientId)).toMatchObject({ times: 1 });
    expect(await allRows(clientId)).toHaveLength(1);
  });

  test('a call that turns out to be another client’s leaves the one and is owed to the other', async () => {
    const [mother, son] = [await house.addClient(), await house.addClient()];
    await house.missed({ clientId: mother, queueId });
    await house.pass(minutes(1));
    const talk = await house.begin({ clientId: mother, queueId });
    await talk.answer(vera.id);
    expect(await openRow(mother)).toBeNull();
    await db.orm.update(interactions).set({ clientId: son }).where(eq(interactions.id, talk.id));
    await db.orm.update(timelineEntries).set({ clientId: son }).where(eq(timelineEntries.interactionId, talk.id));
    await house.tell('interaction.edited', talk.id, son, { fields: ['clientId'] });
    expect(await openRow(mother)).toMatchObject({ times: 1 });
    expect(await allRows(mother)).toHaveLength(1);
  });

  test('a card that is emptied into another one takes its debt with it, and back', async () => {
    const known = await house.addClient();
    const number = '+79160009988';
    const made = await house.makeClient(number);
    await house.missed({ clientId: made, queueId, peer: number });
    await house.clients.addContactPoint(known, { kind: 'phone', value: number, take: true }, boris);
    await house.tasks.idle();
    expect(await openRow(made)).toBeNull();
    expect(await openRow(known)).toMatchObject({ times: 1 });
    await house.undoLastMove(boris);
    expect(await openRow(known)).toBeNull();
    expect(await openRow(made)).toMatchObject({ times: 1 });
  });
});

describe('the owner', () => {
  test('is the responsible manager, if he works today', async () => {
    const clientId = await house.addClient();
    await setResponsible(clientId, night);
    await house.missed({ clientId, queueId });
    // he comes at eight in the evening, and goes at six in the morning
    expect(await openRow(clientId)).toMatchObject({
      ownerId: night.id,
      ownerReason: 'responsible',
      ownerUntil: new Date(now() + hours(18)),
    });
  });

  test('is else the queue’s members in turn', async () => {
    const owners = [];
    for (let times = 0; times < 4; times++) {
      const clientId = await house.addClient();
      await house.missed({ clientId, queueId });
      owners.push((await openRow(clientId))?.ownerId);
    }
    expect(new Set(owners.slice(0, 2))).toEqual(new Set([boris.id, vera.id]));
    expect(owners.slice(2)).toEqual(owners.slice(0, 2));
  });

  test('is who comes next when nobody is there, and stays he when he is', async () => {
    const clientId = await house.addClient();
    await house.pass(hours(7));
    await house.missed({ clientId, queueId });
    const row = await openRow(clientId);
    expect(row).toMatchObject({ ownerId: boris.id, ownerReason: 'next_to_come' });
    // thirty minutes of working time begin when they come
    expect(row?.dueAt).toEqual(new Date(now() + hours(14) + minutes(30)));
    await house.pass(hours(15));
    expect(await openRow(clientId)).toMatchObject({ ownerId: boris.id });
  });

  test('is somebody of another queue who is there, when nobody of it comes within a day', async () => {
    const lonely = await house.addUser(`lonely${now()}`, { 1: [{ from: '09:00', to: '10:00' }] });
    const other = await house.addQueue(`Lonely ${now()}`, [lonely.id]);
    await house.setup.reload();
    const clientId = await house.addClient();
    await house.missed({ clientId, queueId: other });
    expect([boris.id, vera.id]).toContain((await openRow(clientId))?.ownerId);
  });

  test('passes on at the end of his shift', async () => {
    const clientId = await house.addClient();
    await setResponsible(clientId, vera);
    await house.missed({ clientId, queueId });
    expect(await openRow(clientId)).toMatchObject({ ownerId: vera.id, ownerReason: 'responsible' });
    await house.pass(hours(6));
    // nobody of the queue is there; boris is the first to come, and vera's day is over
    expect(await openRow(clientId)).toMatchObject({ ownerId: boris.id, ownerReason: 'next_to_come' });
    expect(house.heard.filter(({ type }) => type === 'owed.owner_changed').at(-1)).toMatchObject({
      clientId,
      userId: boris.id,
      data: { from: vera.id, reason: 'next_to_come' },
    });
  });

  test('passes on when he is disabled', async () => {
    const clientId = await house.addClient();
    await setResponsible(clientId, vera);
    await house.missed({ clientId, queueId });
    await house.setDisabled(vera.id, true);
    expect(await openRow(clientId)).toMatchObject({ ownerId: boris.id, ownerReason: 'round_robin' });
    await house.setDisabled(vera.id, false);
  });

  test('is another one when the responsible manager is', async () => {
    const clientId = await house.addClient();
    await house.missed({ clientId, queueId });
    const version = (await house.clients.card(clientId)).version;
    const given = (await openRow(clientId))?.ownerId === boris.id ? vera : boris;
    await house.clients.edit(clientId, { version, responsibleId: given.id }, boris);
    await house.tasks.idle();
    expect(await openRow(clientId)).toMatchObject({ ownerId: given.id, ownerReason: 'responsible' });
  });

  test('may be chosen by who has it, until the end of the other’s shift', async () => {
    const clientId = await house.addClient();
    await setResponsible(clientId, vera);
    await house.missed({ clientId, queueId });
    const id = (await openRow(clientId))?.id ?? 0;
    await expect(house.setOwner(id, boris.id, boris)).rejects.toMatchObject({ code: 'forbidden' });
    await expect(house.setOwner(id, house.anna.id, vera)).rejects.toMatchObject({ code: 'bad_request' });
    const row = await house.setOwner(id, night.id, vera);
    expect(row).toMatchObject({ owner: { id: night.id, name: 'Night' }, ownerReason: 'by_hand' });
    await house.pass(hours(17));
    expect(await openRow(clientId)).toMatchObject({ ownerId: night.id, ownerReason: 'by_hand' });
    await house.pass(hours(2));
    expect(await openRow(clientId)).toMatchObject({ ownerReason: 'responsible', ownerId: vera.id });
  });
});

describe('lists', () => {
  test('are sorted by the time left, paged, and pushed to who has them', async () => {
    const ids = [];
    for (let times = 0; times < 5; times++) {
      const clientId = await house.addClient();
      await setResponsible(clientId, vera);
      await house.missed({ clientId, queueId });
      ids.push(clientId);
      await house.pass(minutes(1));
    }
    expect((await house.tasks.owed.of(vera.id)).map(({ client }) => client.id)).toEqual(ids);
    expect(await house.tasks.owed.of(boris.id)).toEqual([]);
    expect((await house.tasks.owed.of(vera.id))[0]).toMatchObject({
      times: 1,
      number: '+79161112233',
      kind: 'missed',
      ownerId: vera.id,
    });
    const first = await house.listOwed(vera, { scope: 'mine', limit: 3 });
    const second = await house.listOwed(vera, { scope: 'mine', limit: 3, after: first.after ?? '' });
    expect([...first.items, ...second.items].map(({ client }) => client.id)).toEqual(ids);
    expect(second.after).toBeNull();
    expect(first).toMatchObject({ open: 5, overdue: 0 });
    await expect(house.listOwed(vera, { scope: 'all', limit: 3 })).rejects.toMatchObject({ code: 'forbidden' });
    await house.pass(minutes(1));
    const push = await house.nextPush((candidate) => candidate.type === 'owed' && candidate.owed.length === 5);
    expect(push.userId).toBe(vera.id);
  });

  test('a supervisor sees his team’s, an administrator all', async () => {
    const teamId = await house.addTeam('North');
    const head = await house.addUser('head', null, { role: 'supervisor', teamId });
    const member = await house.addUser('member', everyDay('09:00', '18:00'), { teamId });
    const boss = await house.addUser('boss', null, { role: 'admin' });
    await house.setup.reload();
    const [ours, theirs] = [await house.addClient(), await house.addClient()];
    await setResponsible(ours, member);
    await setResponsible(theirs, boris);
    await house.missed({ clientId: ours, queueId });
    await house.missed({ clientId: theirs, queueId });
    const seen = async (user: SignedInUser) =>
      (await house.listOwed(user, { scope: 'all', limit: 50 })).items.map(({ client }) => client.id);
    expect(await seen(head)).toEqual([ours]);
    expect(await seen(boss)).toEqual([ours, theirs]);
    const rowId = (await openRow(theirs))?.id ?? 0;
    await expect(house.setOwner(rowId, member.id, head)).rejects.toMatchObject({ code: 'forbidden' });
    expect((await house.setOwner(rowId, member.id, boss)).owner?.id).toBe(member.id);
  });
});
