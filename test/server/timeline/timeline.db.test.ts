import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dispositions, timelineEntries } from '../../../db/schema/index.ts';
import type { ClientId, EntryId } from '../../../server/kernel/ids.ts';
import { type InteractionId, newId, type RecordingId } from '../../../server/kernel/ids.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { openTimeline, storeEntry } from './house.ts';

let db: TestDatabase;
let house: Awaited<ReturnType<typeof openTimeline>>;
beforeAll(async () => {
  db = await openTestDatabase();
  house = await openTimeline(db);
});
afterAll(() => db.close());

const at = (minutes: number) => new Date(Date.UTC(2026, 0, 12, 8, minutes));

async function walk(clientId: ClientId, limit: number, kind?: string): Promise<string[]> {
  const ids: string[] = [];
  let before: string | undefined;
  for (let pages = 0; pages < 100; pages++) {
    const page = await house.timeline.listTimeline(clientId, { before, limit, kind });
    ids.push(...page.items.map((entry) => entry.id));
    if (page.before === null) return ids;
    before = page.before;
  }
  throw new Error('the timeline does not end');
}

describe('a page of a timeline', () => {
  test('entries of one instant are neither lost nor repeated, whatever the page', async () => {
    const clientId = await house.makeClient('+79160001000');
    for (let index = 0; index < 12; index++) await storeEntry(db, { clientId, at: at(Math.floor(index / 6)) });
    const all = await walk(clientId, 200);
    expect(new Set(all).size).toBe(12);
    for (const limit of [1, 2, 5, 11, 12]) expect(await walk(clientId, limit)).toEqual(all);
  });

  test('entries that differ by microseconds are not lost at a page border', async () => {
    const clientId = await house.makeClient('+79160001001');
    for (let index = 0; index < 6; index++) {
      const id = await storeEntry(db, { clientId, at: at(0) });
      await db.run({
        name: 'shift',
        text: `UPDATE timeline_entries SET at = at + make_interval(secs => $2 / 1e6) WHERE id = $1`,
        values: [id, index * 100],
      });
    }
    expect(await walk(clientId, 2)).toEqual(await walk(clientId, 200));
    expect(await walk(clientId, 2)).toHaveLength(6);
  });

  test('is newest first and holds one card and one kind', async () => {
    const clientId = await house.makeClient('+79160001002');
    const other = await house.makeClient('+79160001003');
    const old = await storeEntry(db, { clientId, at: at(1) });
    const young = await storeEntry(db, { clientId, at: at(9) });
    await storeEntry(db, { clientId: other, at: at(5) });
    const note = await house.timeline.writeNote(clientId, 'Просил перезвонить', house.anna);
    expect(await walk(clientId, 50)).toEqual([note.id, young, old]);
    expect(await walk(clientId, 50, 'call')).toEqual([young, old]);
    expect(await walk(clientId, 1, 'note')).toEqual([note.id]);
    const message = await storeEntry(db, { clientId, at: at(5), kind: 'voicemail', status: 'missed' });
    expect(await walk(clientId, 1, 'call')).toEqual([young, message, old]);
    expect(await walk(clientId, 50, 'voicemail')).toEqual([message]);
  });

  test.each(['yesterday', '2026-01-12T08:00:00.000Z', ',', 'x,y', '2026-01-12T08:00:00.000Z,a,b'])(
    'before=%s is refused',
    async (before) => {
      const clientId = await house.makeClient('+79160001004');
      await expect(house.timeline.listTimeline(clientId, { before, limit: 5 })).rejects.toMatchObject({
        code: 'bad_request',
      });
    },
  );

  test('a kind that does not exist is refused', async () => {
    const clientId = await house.makeClient('+79160001004');
    await expect(house.timeline.listTimeline(clientId, { limit: 5, kind: 'fax' })).rejects.toMatchObject({
      code: 'bad_request',
    });
  });
});

describe('an entry', () => {
  test('shows agent, disposition, recording and comments', async () => {
    const clientId = await house.makeClient('+79160002000');
    const [disposition] = await db.orm
      .insert(dispositions)
      .values({ hotkey: 1, nameRu: 'Заказ', nameEn: 'Order' })
      .returning();
    const recordingId = newId<RecordingId>();
    const interactionId = newId<InteractionId>();
    await house.timeline.insertRecording({ id: recordingId, interactionId, path: 'a/b.wav', startedAt: at(0) });
    const id = await storeEntry(db, {
      clientId,
      at: at(0),
      interactionId,
      userId: house.anna.id,
      dispositionId: disposition?.id ?? null,
      recordingId,
      waitSeconds: 4,
      talkSeconds: 61,
      lineName: 'Sales',
      note: 'Взял диван',
      result: 'client_hung_up',
    });
    await house.timeline.finishRecording(recordingId, { durationMs: 61_000, bytes: 9, sha256: 'ab' });
    const comment = await house.timeline.writeComment(id, ' Позвонить в мае ', house.anna);
    expect(await house.timeline.entryView(id)).toEqual({
      id,
      clientId,
      kind: 'call',
      direction: 'in',
      status: 'answered',
      result: 'client_hung_up',
      at: at(0).toISOString(),
      user: { id: house.anna.id, name: 'Anna' },
      peer: '+79160000001',
      lineName: 'Sales',
      queueName: '',
      waitSeconds: 4,
      talkSeconds: 61,
      disposition: { id: disposition?.id, nameRu: 'Заказ', nameEn: 'Order' },
      message: null,
      note: 'Взял диван',
      recording: { id: recordingId, state: 'ready', durationMs: 61_000 },
      interactionId,
      comments: [comment],
    });
    expect(comment).toMatchObject({ body: 'Позвонить в мае', author: { id: house.anna.id, name: 'Anna' } });
    expect(house.shown.map((entry) => entry.id)).toEqual(expect.arrayContaining([id]));
    expect(house.shown.at(-1)?.comments).toHaveLength(1);
    const kinds = house.heard.map(({ type, clientId: about }) => ({ type, about }));
    expect(kinds).toContainEqual({ type: 'comment.written', about: clientId });
  });

  test('a note is kept with its author and told to journal and screens', async () => {
    const clientId = await house.makeClient('+79160002001');
    const note = await house.timeline.writeNote(clientId, 'Любит тишину', house.anna);
    expect(note).toMatchObject({ kind: 'note', status: 'done', note: 'Любит тишину', user: { name: 'Anna' } });
    expect(house.shown).toContainEqual(note);
    expect(house.heard.at(-1)).toMatchObject({ type: 'note.written', clientId, data: { entryId: note.id } });
  });

  test('nothing can be written on a card or an entry that is not there', async () => {
    const code = { code: 'not_found' };
    await expect(house.timeline.writeNote(999_999 as ClientId, 'x', house.anna)).rejects.toMatchObject(code);
    await expect(house.timeline.writeComment('none' as EntryId, 'x', house.anna)).rejects.toMatchObject(code);
    expect(await db.orm.$count(timelineEntries, eq(timelineEntries.note, 'x'))).toBe(0);
  });
});

describe('a recording', () => {
  test('has its file, and the first result stays', async () => {
    const id = newId<RecordingId>();
    await house.timeline.insertRecording({ id, interactionId: newId(), path: '2026/01/a.wav', startedAt: at(0) });
    expect(await house.timeline.recordingFile(id, house.anna)).toEqual({
      path: '/recordings/2026/01/a.wav',
      state: 'recording',
      clientId: null,
      isHidden: false,
    });
    await house.timeline.finishRecording(id, null);
    await house.timeline.finishRecording(id, { durationMs: 1, bytes: 1, sha256: '' });
    expect(await house.timeline.recordingFile(id, house.anna)).toMatchObject({ state: 'failed' });
    expect(await house.timeline.recordingFile(newId(), house.anna)).toBeNull();
  });
});
