import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ClientId } from '../../../server/kernel/ids.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { openTimeline, storeEntry } from './house.ts';

let db: TestDatabase;
let house: Awaited<ReturnType<typeof openTimeline>>;
beforeAll(async () => {
  db = await openTestDatabase();
  house = await openTimeline(db);
});
afterAll(() => db.close());

/** One letter a call, a minute apart: what happened last stands last. */
const letters = {
  m: { direction: 'in', status: 'missed', waitSeconds: 30 },
  b: { direction: 'in', status: 'abandoned', waitSeconds: 3 },
  v: { kind: 'voicemail', direction: 'in', status: 'missed', waitSeconds: 60 },
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

describe('calls that nobody answered', () => {
  test.each([
    ['', 0],
    ['m', 1],
    ['b', 1],
    ['mmb', 3],
    ['v', 1],
    ['mv', 2],
    ['va', 0],
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
    const { missedCalls, lastMissedAt } = (await house.timeline.facts(clientId, null)).open;
    expect(missedCalls).toBe(times);
    const last = Math.max(...['m', 'b', 'v'].map((letter) => history.lastIndexOf(letter)));
    expect(lastMissedAt).toBe(times === 0 ? null : new Date(start + last * 60_000).toISOString());
  });

  test.each(['anonymous', ''])('of a caller "%s" whom nobody can call back do not count', async (peer) => {
    expect((await house.timeline.facts(await happened('m', peer), null)).open.missedCalls).toBe(0);
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
