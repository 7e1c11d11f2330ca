import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { MessageFigures } from '../../../server/contract/board.ts';
import type { ClientId, ConversationId, MessageId, QueueId } from '../../../server/kernel/ids.ts';
import type { JournalEntry, JournalEvent } from '../../../server/kernel/journal.ts';
import { noMessagesNow } from '../../../server/messages/assignment/now.ts';
import {
  answeredEvents,
  closedEvents,
  messageEvent,
  overdueEvent,
  waitingEvent,
} from '../../../server/messages/conversation-events.ts';
import type { ConversationRow } from '../../../server/messages/conversation-store.ts';
import { createDay, localDay } from '../../../server/reports/day.ts';
import { noMessages } from '../../../server/reports/message-figures.ts';
import { recount } from '../../../server/reports/recount.ts';
import { boardView } from '../../../server/reports/view.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';

const minute = 60_000;
const day = localDay('Europe/Moscow', '2026-03-29');

let db: TestDatabase;
beforeAll(async () => {
  db = await openTestDatabase();
});
afterAll(() => db?.close());

/** One wait: when he wrote, how long there was time, how it ended after how long. */
interface Wait {
  readonly at: number;
  readonly queueId: number;
  readonly dueIn: number;
  readonly end: 'answered' | 'by talk' | 'closed' | 'open';
  readonly after: number;
  /** Whether somebody noted that it was overdue before the end did. */
  readonly isWatched: boolean;
  readonly nature: 'human' | 'auto_reply';
}

const waits = fc.array(
  fc.record({
    at: fc.integer({ min: day.from - 3 * 60 * minute, max: day.to + 60 * minute }),
    queueId: fc.integer({ min: 1, max: 3 }),
    dueIn: fc.integer({ min: 0, max: 120 * minute }),
    end: fc.constantFrom('answered' as const, 'by talk' as const, 'closed' as const, 'open' as const),
    after: fc.integer({ min: 0, max: 240 * minute }),
    isWatched: fc.boolean(),
    nature: fc.constantFrom('human' as const, 'auto_reply' as const),
  }),
  { maxLength: 25 },
);

const rowOf = ({ at, queueId, dueIn }: Wait, overdueAt: number | null): ConversationRow =>
  ({
    id: 'c' as ConversationId,
    channel: 'sms',
    clientId: 1 as ClientId,
    queueId: queueId as QueueId,
    ownerId: null,
    state: 'waiting',
    waitingSince: new Date(at),
    dueAt: new Date(at + dueIn),
    overdueAt: overdueAt === null ? null : new Date(overdueAt),
  }) as ConversationRow;

interface Dated {
  readonly at: number;
  readonly event: JournalEvent;
}

/** As the room of messages writes them, each at its time. */
function eventsOf(wait: Wait): Dated[] {
  const { at, dueIn, end, after, isWatched, nature } = wait;
  const row = rowOf(wait, null);
  const message = { id: 'm' as MessageId, direction: 'in' as const, at: new Date(at), origin: 'client' as const };
  const first = [messageEvent(row, { ...message, nature, userId: null }), waitingEvent(row)];
  const endAt = at + after;
  const isLate = after > dueIn || (end === 'open' && dueIn < day.to - at);
  const isNoted = isLate && (isWatched || end === 'open');
  const noted = isNoted ? [{ at: at + dueIn, event: overdueEvent(row) }] : [];
  const before = rowOf(wait, isNoted ? at + dueIn : null);
  const answer = { userId: null, at: endAt };
  const ends: Record<Wait['end'], () => JournalEvent[]> = {
    answered: () => {
      const ours = { ...message, direction: 'out' as const, at: new Date(endAt), origin: 'agent' as const };
      return [
        messageEvent(before, { ...ours, nature: 'human', userId: null }),
        ...answeredEvents(before, { ...answer, messageId: 'm' as MessageId }),
      ];
    },
    'by talk': () => answeredEvents(before, { ...answer, messageId: null }),
    closed: () => closedEvents(before, answer),
    open: () => [],
  };
  return [...first.map((event) => ({ at, event })), ...noted, ...ends[end]().map((event) => ({ at: endAt, event }))];
}

/** What somebody counts on a sheet of paper. */
function sheetOf(all: readonly Wait[]): Map<number, MessageFigures> {
  const sums = new Map<number, ReturnType<typeof noMessages>>();
  const isToday = (at: number): boolean => day.from <= at && at < day.to;
  for (const { at, queueId, dueIn, end, after, nature } of all) {
    const sum = sums.get(queueId) ?? noMessages();
    sums.set(queueId, sum);
    if (isToday(at) && nature === 'human') sum.received++;
    const isAnswered = end === 'answered' || end === 'by talk';
    const isLate = after > dueIn || (end === 'open' && dueIn < day.to - at);
    if (isToday(at + dueIn) && isLate) sum.overdue++;
    if (!isAnswered || !isToday(at + after)) continue;
    if (end === 'answered') sum.written++;
    sum.answered++;
    sum.answerWaitMs += after;
    if (!isLate) sum.answeredInTarget++;
  }
  return sums;
}

const used = (sums: Iterable<readonly [number, MessageFigures]>) =>
  [...sums].filter(([, sum]) => Object.values(sum).some((figure) => figure > 0)).sort(([a], [b]) => a - b);

async function write({ at, event }: Dated): Promise<JournalEntry> {
  const [row] = await db.run<{ seq: number }>({
    name: 'write_dated',
    text: 'INSERT INTO journal (at, type, data) VALUES ($1, $2, $3) RETURNING seq',
    values: [new Date(at), event.type, JSON.stringify(event.data)],
  });
  return { ...event, seq: row?.seq ?? 0 };
}

test('the figures of messages: live, told twice and in disorder, by a recount of the table and by hand are the same', async () => {
  await fc.assert(
    fc.asyncProperty(waits, fc.integer(), async (all, seed) => {
      await db.run({ name: 'no_journal', text: 'DELETE FROM journal', values: [] });
      const live = createDay(day);
      const entries: JournalEntry[] = [];
      for (const dated of all.flatMap(eventsOf).sort((a, b) => a.at - b.at)) entries.push(await write(dated));
      const mixed = [...entries, ...entries].sort((a, b) => ((a.seq * seed) % 7) - ((b.seq * seed) % 7));
      for (const entry of mixed) live.count(entry, day.to);
      const sheet = used(sheetOf(all));
      expect(used(live.messages)).toEqual(sheet);
      const again = await recount(db, day, day.to);
      expect(used(again.messages)).toEqual(sheet);
      const setup = { queues: [], agents: [], company: {} as never };
      const owed = { open: 0, overdue: 0, unowned: 0 };
      const { total, queues } = boardView({ day: again, setup, owed, messages: noMessagesNow, now: day.to });
      for (const key of ['received', 'answered', 'overdue', 'answerWaitMs'] as const)
        expect(total.messages.figures[key]).toBe(queues.reduce((sum, { messages }) => sum + messages.figures[key], 0));
      for (const { messages } of [total, ...queues]) {
        const { numerator, denominator } = messages.responseLevel;
        expect(numerator).toBe(messages.figures.answeredInTarget);
        expect(denominator).toBe(messages.figures.answeredInTarget + messages.figures.overdue);
      }
    }),
    { numRuns: 60 },
  );
});
