import * as path from 'node:path';
import type { Database } from '../../db/client.ts';
import { type Routes, type SignedInUser, seesAll } from '../access/route.ts';
import type { TimelineEntry } from '../contract/schemas.ts';
import { type TimelineKind, timelineKinds } from '../contract/words.ts';
import type { Clock } from '../kernel/clock.ts';
import { AppError } from '../kernel/errors.ts';
import { type ClientId, type EntryId, type InteractionId, newId, type RecordingId } from '../kernel/ids.ts';
import type { Journal } from '../kernel/journal.ts';
import { type Comment, cursorOf, parseCursor, writtenText } from './entry.ts';
import { readFacts } from './facts.ts';
import { timelineRoutes } from './routes.ts';
import * as store from './store.ts';

export interface TimelineOptions {
  readonly db: Database;
  readonly clock: Clock;
  readonly journal: Pick<Journal, 'append' | 'published'>;
  readonly clients: {
    /** @throws AppError `not_found` when this user must not see the card, or there is none */
    requireVisible(id: ClientId, user: SignedInUser): Promise<unknown>;
    isVisible(id: ClientId, user: SignedInUser): Promise<boolean>;
  };
  /** Folder that the paths of recordings are relative to. */
  readonly recordingsDir: string;
  /** Called after the commit of a note or a comment, for pushes. */
  readonly onEntry?: (entry: TimelineEntry) => void;
}

const kindOf = (kind: string | undefined): TimelineKind | null => {
  if (kind === undefined || kind === '' || kind === 'all') return null;
  const known = timelineKinds.find((candidate) => candidate === kind);
  if (!known) throw new AppError('bad_request', `there are no entries of kind "${kind}"`);
  return known;
};

/** What was said and written with each client: reading for everybody, notes and comments; calls write their own entries. */
export function createTimeline(options: TimelineOptions) {
  const { db, clock, journal, clients, recordingsDir, onEntry = () => {} } = options;

  async function entryView(id: EntryId): Promise<TimelineEntry> {
    const entry = await store.readEntry(db, id);
    if (!entry) throw new AppError('not_found', `there is no timeline entry ${id}`);
    return entry;
  }

  const listTimeline = async (
    clientId: ClientId,
    page: { before?: string | undefined; limit: number; kind?: string | undefined },
  ): Promise<{ items: TimelineEntry[]; before: string | null }> => {
    const before = page.before ? parseCursor(page.before) : null;
    // one more than asked for tells whether there is a next page
    const found = await store.readEntries(db, clientId, { before, limit: page.limit + 1, kind: kindOf(page.kind) });
    const items = found.slice(0, page.limit);
    const last = items.at(-1);
    return { items, before: found.length > page.limit && last ? cursorOf(last) : null };
  };

  const writeNote = async (clientId: ClientId, note: string, user: SignedInUser): Promise<TimelineEntry> => {
    await clients.requireVisible(clientId, user);
    const id = newId<EntryId>();
    const text = writtenText(note);
    const entries = await db.transaction(async (tx) => {
      await store.insertNote(tx, { id, clientId, at: new Date(clock.now()), userId: user.id, note: text });
      return journal.append(tx, [{ type: 'note.written', clientId, userId: user.id, data: { entryId: id } }]);
    });
    journal.published(entries);
    const entry = await entryView(id);
    onEntry(entry);
    return entry;
  };

  const writeComment = async (entryId: EntryId, body: string, user: SignedInUser): Promise<Comment> => {
    const { clientId } = await entryView(entryId);
    await clients.requireVisible(clientId as ClientId, user);
    const comment = { entryId, authorId: user.id, at: new Date(clock.now()), body: writtenText(body) };
    const { id, entries } = await db.transaction(async (tx) => {
      const commentId = await store.insertComment(tx, comment);
      const event = { type: 'comment.written', clientId: clientId as ClientId, userId: user.id };
      return { id: commentId, entries: await journal.append(tx, [{ ...event, data: { entryId, commentId } }]) };
    });
    journal.published(entries);
    onEntry(await entryView(entryId));
    const { at, body: written } = comment;
    return { id, author: { id: user.id, name: user.name }, at: at.toISOString(), body: written };
  };

  /** null = it failed. Idempotent: the first result stays. */
  const finishRecording = async (
    id: RecordingId,
    result: { durationMs: number; bytes: number; sha256: string } | null,
  ): Promise<void> => {
    await store.finishRecording(db, id, result);
    const entryId = await store.entryOfRecording(db, id);
    if (entryId) onEntry(await entryView(entryId));
  };

  return {
    /** @throws AppError `not_found` */
    entryView,
    /** A page of a card's timeline, newest first; `before` is null on the last page. @throws AppError `bad_request` */
    listTimeline,
    writeNote,
    writeComment,
    /** What whoever is about to talk to this client should know; the interaction in hand is no earlier contact. */
    facts: (clientId: ClientId, except: InteractionId | null) => readFacts(db, clientId, except),
    /** @param recording `path` relative to the recordings folder */
    insertRecording: (recording: Parameters<typeof store.insertRecording>[1]) => store.insertRecording(db, recording),
    finishRecording,
    /**
     * Where a recording lies: an absolute path, and whose call it is; null when there is none. `isHidden` when this user
     * must not see the card that its call stands on; a call that stands on no card is for those who see all of them.
     */
    async recordingFile(id: string, user: SignedInUser) {
      const recording = await store.readRecording(db, id as RecordingId);
      if (!recording) return null;
      const { clientId, state } = recording;
      const isHidden = clientId === null ? !seesAll(user) : !(await clients.isVisible(clientId, user));
      return { path: path.resolve(recordingsDir, recording.path), state, clientId, isHidden };
    },
    routes: timelineRoutes({ clients, listTimeline, writeNote, writeComment }) satisfies Routes,
  };
}
