import type { BoardView } from '../../server/contract/board.ts';
import type { ApiClient } from '../actors/api-client.ts';
import { callByCall } from './call-by-call.ts';
import { compare, type Row } from './compare.ts';
import { difference, figureNames, noFigures, ownFigures } from './figures.ts';
import { expectedOwed, type Ledger, owedBetween, readLedger } from './owed.ts';
import { lastSeq, type Query, type Records, readRecords, recordedFigures } from './records.ts';
import type { Story, StrayRing } from './story.ts';
import { strangersIn } from './strangers.ts';
import { expectedSeconds, readTimelines, timelineFigures } from './timelines.ts';

/** The day's beginning, to which everything is compared: other calls may have been made before. */
export interface Snapshot {
  readonly board: BoardView;
  /** The journal's last event. */
  readonly seq: number;
  readonly ledger: Ledger;
}

export async function snapshot(admin: ApiClient, query: Query): Promise<Snapshot> {
  const board = await admin.call('GET /api/v1/board');
  return { board, seq: await lastSeq(query), ledger: await readLedger(query) };
}

/** What everybody says of the day. */
export interface DayAccount {
  readonly asked: Accounting;
  readonly rows: readonly Row[];
  /** Queues whose own figures differ between board and journal, and calls that were not as their rows say; in words. */
  readonly differences: readonly string[];
  /** The most by which the script's watch and a row are apart. */
  readonly largestMs: number;
  /** Why the figures cannot be compared, in words; empty when they can. */
  readonly strangers: readonly string[];
}

export interface Accounting {
  readonly before: Snapshot;
  readonly stories: readonly Story[];
  /** Rings that nobody could tell whose they were. */
  readonly strays: readonly StrayRing[];
  /** Users who are played by the script. */
  readonly scripted: ReadonlySet<number>;
  /** What the script's watch may be wrong by in each wait and talk. */
  readonly toleranceMs: number;
  readonly admin: ApiClient;
  readonly query: Query;
}

/**
 * Asks everybody what happened since `before` and compares. May be asked again and again.
 * @param cards whether the timelines of all callers are read too
 */
export async function account(asked: Accounting, cards = true): Promise<DayAccount> {
  const { before, stories, strays, scripted, toleranceMs, admin, query } = asked;
  const records = await readRecords(query, before.seq);
  const strangers = strangersIn({ records, stories, scripted });
  giveBack(strays, stories);
  const ledger = await readLedger(query);
  const board = await admin.call('GET /api/v1/board');
  const timelines = cards ? timelineFigures(await readTimelines(admin, records)) : null;
  const { formula } = board;
  const taken = new Set(
    stories.flatMap(({ interactionId, answeredAt }) => (answeredAt !== null && interactionId ? [interactionId] : [])),
  );
  const rows = compare({
    script: ownFigures(stories, formula, toleranceMs),
    board: difference(board.total.figures, before.board.total.figures),
    journal: recordedFigures(records, formula),
    timelines,
    seconds: expectedSeconds(records),
    owed: {
      script: expectedOwed(before.ledger, records, (id) => taken.has(id)),
      board: board.owed.open - before.board.owed.open,
      ledger: owedBetween(before.ledger, ledger),
    },
  });
  if (board.day !== before.board.day) strangers.push('midnight passed: the board shows another day');
  const calls = callByCall(stories, records, toleranceMs);
  const differences = [...queueDifferences(before.board, board, records), ...calls.differences];
  return { asked, rows, differences, largestMs: calls.largestMs, strangers };
}

/** The rows have told whose call it was: the ring belongs to its story. */
function giveBack(strays: readonly StrayRing[], stories: readonly Story[]): void {
  for (const stray of strays) {
    const story = stories.find(({ interactionId }) => interactionId === stray.interactionId);
    if (story && !story.rings.some(({ offerId }) => offerId === stray.offerId)) story.rings.push(stray);
  }
}

/** Each queue by itself: what the board says against the rows of its calls. */
function queueDifferences(before: BoardView, after: BoardView, records: Records): string[] {
  return after.queues.flatMap(({ id, name, figures }) => {
    const calls = records.calls.filter(({ queueId }) => queueId === id);
    const ids = new Set(calls.map((call) => call.id));
    const journal = recordedFigures(
      {
        calls,
        offers: records.offers.filter(({ interactionId }) => ids.has(interactionId)),
        events: records.events.filter(({ interactionId }) => ids.has(interactionId)),
      },
      after.formula,
    );
    const earlier = before.queues.find((queue) => queue.id === id)?.figures;
    const board = difference(figures, earlier ?? { ...figures, ...noFigures() });
    return figureNames
      .filter((figure) => board[figure] !== journal[figure])
      .map((figure) => `queue ${name}: ${figure} is ${board[figure]} on the board, ${journal[figure]} in the journal`);
  });
}
