import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clients as cards } from '../../../db/schema/index.ts';
import type { SignedInUser } from '../../../server/access/route.ts';
import type { ClientId } from '../../../server/kernel/ids.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { makeUser } from '../clients/house.ts';
import { openTimeline, storeEntry } from './house.ts';

let db: TestDatabase;
let house: Awaited<ReturnType<typeof openTimeline>>;
let boris: SignedInUser;
beforeAll(async () => {
  db = await openTestDatabase();
  house = await openTimeline(db);
  boris = await makeUser(db, 'boris');
});
afterAll(() => db.close());

/** One letter a call, a minute apart: what happened last stands last. */
const letters = {
  m: { direction: 'in', status: 'missed', waitSeconds: 30 },
  b: { direction: 'in', status: 'abandoned', waitSeconds: 3 },
  a: { direction: 'in', status: 'answered', waitSeconds: 5, talkSeconds: 20, userId: true },
  A: { direction: 'out', status: 'answered', waitSeconds: 5, talkSeconds: 20, userId: true },
  /** Talked for an hour. */
  L: { direction: 'in', status: 'answered', waitSeconds: 5, talkSeconds: 3600, userId: true },
  f: { direction: 'out', status: 'failed', waitSeconds: 20 },
  o: { direction: 'in', status: 'ongoing' },
  n: { kind: 'note', direction: 'out', status: 'done', userId: true },
} as const;

const start = Date.UTC(2026, 0, 12, 8, 0);
let numbers = 0;

async function happened(history: string, peer?: string): Promise<ClientId> {
  const number = `+7916${String(2_000_000 + numbers++)}`;
  const clientId = await house.makeClient(number);
  for (const [minute, letter] of [...history].entries()) {
    const { userId, ...entry } = { userId: false, ...letters[letter as keyof typeof letters] };
    const author = userId ? { userId: house.anna.id } : {};
    await storeEntry(db, {
      clientId,
      at: new Date(start + minute * 60_000),
      peer: peer ?? number,
      ...entry,
      ...author,
    });
  }
  return clientId;
}

const owes = async (user: SignedInUser, clientId: ClientId) =>
  (await house.timeline.owedClients(user.id)).find(({ client }) => client.id === clientId) ?? null;

describe('clients whom we owe an answer', () => {
  test.each([
    ['', 0],
    ['m', 1],
    ['b', 1],
    ['mmb', 3],
    ['ma', 0],
    ['mA', 0],
    ['ba', 0],
    ['am', 1],
    ['ammam', 1],
    ['mf', 1],
    ['mff', 1],
    ['mn', 1],
    ['mo', 1],
    ['a', 0],
    ['A', 0],
    ['o', 0],
    ['f', 0],
    // the second call came while he was being talked to
    ['Lm', 0],
    ['Lmm', 0],
  ])('after "%s" there are %i missed calls', async (history, times) => {
    const clientId = await happened(history);
    const owed = await owes(house.anna, clientId);
    expect(owed?.times ?? 0).toBe(times);
    const { missedCalls, lastMissedAt } = (await house.timeline.facts(clientId, null)).open;
    expect(missedCalls).toBe(times);
    expect(lastMissedAt).toBe(owed?.missedAt ?? null);
  });

  test('are the responsible manager’s, or everybody’s when there is none', async () => {
    const clientId = await happened('m');
    expect(await owes(boris, clientId)).not.toBeNull();
    await db.orm.update(cards).set({ responsibleId: boris.id }).where(eq(cards.id, clientId));
    expect(await owes(boris, clientId)).not.toBeNull();
    expect(await owes(house.anna, clientId)).toBeNull();
  });

  test('stand with the last number and time, who waits longest first', async () => {
    const early = await happened('m');
    const late = await happened('nnnnm');
    const list = await house.timeline.owedClients(house.anna.id);
    const ids = list.map(({ client }) => client.id);
    expect(ids.indexOf(early)).toBeLessThan(ids.indexOf(late));
    expect(list.find(({ client }) => client.id === late)?.missedAt).toBe(new Date(start + 240_000).toISOString());
    expect(await house.timeline.missedClients(house.anna.id)).toBe(list.length);
  });

  test('are not those whom nobody can call back', async () => {
    expect(await owes(house.anna, await happened('m', 'anonymous'))).toBeNull();
    expect(await owes(house.anna, await happened('m', ''))).toBeNull();
  });

  test('are forgotten after a month', async () => {
    const clientId = await happened('m');
    house.clock.advance(31 * 24 * 3600_000);
    expect(await owes(house.anna, clientId)).toBeNull();
    expect((await house.timeline.facts(clientId, null)).open.missedCalls).toBe(1);
  });
});

describe('the last contact', () => {
  test('is not a missed call and not the present one', async () => {
    const clientId = await happened('Am');
    const present = await storeEntry(db, { clientId, at: new Date(start + 600_000), status: 'ongoing' });
    const { interactionId } = await house.timeline.entryView(present);
    const { lastContact, lastSpokenWith } = await house.timeline.facts(clientId, interactionId as never);
    expect(lastContact).toMatchObject({ direction: 'out', status: 'answered' });
    expect(lastSpokenWith).toEqual({
      user: { id: house.anna.id, name: 'Anna' },
      at: new Date(start).toISOString(),
    });
  });

  test('of a new client is none', async () => {
    const clientId = await happened('m');
    expect(await house.timeline.facts(clientId, null)).toMatchObject({ lastContact: null, lastSpokenWith: null });
  });
});
