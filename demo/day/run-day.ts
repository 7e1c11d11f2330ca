import { setTimeout as sleep } from 'node:timers/promises';
import type { BoardView } from '../../server/contract/board.ts';
import type { ApiClient } from '../actors/api-client.ts';
import { chooseCast } from './cast.ts';
import { openCompany } from './company.ts';
import { compare, type Row } from './compare.ts';
import { difference, figureNames, noFigures, ownFigures } from './figures.ts';
import { expectedOwed, type Ledger, owedBetween, readLedger } from './owed.ts';
import { planDay } from './plan.ts';
import { play } from './play.ts';
import { lastSeq, type Query, type Records, readRecords, recordedFigures } from './records.ts';
import { createBook, type Story } from './story.ts';
import { strangersIn } from './strangers.ts';
import { expectedSeconds, readTimelines, timelineFigures } from './timelines.ts';

export interface DayOptions {
  /** Of the server, `http://host:port`. */
  readonly url: string;
  /** On 127.0.0.1. */
  readonly sipPort: number;
  readonly password: string;
  readonly minutes: number;
  /** Ordinary calls a minute, besides one of every kind. */
  readonly rate: number;
  readonly seed: number;
  readonly query: Query;
  readonly say: (text: string) => void;
  /** Once a second while the day goes on. */
  readonly progress: (text: string) => void;
  readonly signal: AbortSignal;
}

export interface DayReport {
  readonly stories: readonly Story[];
  /** Empty when the day was stopped. */
  readonly rows: readonly Row[];
  /** Queues whose own figures differ between board and journal, in words. */
  readonly queues: readonly string[];
  /** Why the figures cannot be compared, in words; empty when they can. */
  readonly strangers: readonly string[];
  readonly wasStopped: boolean;
}

/** The day's beginning, to which everything is compared. */
interface Snapshot {
  readonly board: BoardView;
  readonly seq: number;
  readonly ledger: Ledger;
}

/** What is told by a push or the ledger comes after the call: this long is waited for agreement. */
const settleMs = 6_000;
const lookAgainMs = 500;

/** Plays one scripted day against a running demo and compares what everybody says of it. @throws Error in words */
export async function runDay(options: DayOptions): Promise<DayReport> {
  const { url, seed, minutes, rate, say, signal } = options;
  const demo = await fetch(`${url}/api/v1/demo`).catch(() => null);
  if (!demo?.ok) throw new Error(`no demo of Switchroom at ${url}: run "npm start" first, or set --url`);
  const { line } = (await demo.json()) as { line: { number: string } };
  const book = createBook();
  const company = await openCompany({ ...options, line: line.number, book });
  const { admin, agents } = company;
  const ticking = setInterval(() => options.progress(progressOf(book.stories)), 1_000);
  try {
    const cast = await chooseCast(admin, seed);
    const scenes = planDay({ seed, minutes, rate, cast });
    const before = await snapshot(admin, options.query);
    await Promise.all(agents.map((agent) => agent.available()));
    say(
      `A day of ${minutes} minutes, ${scenes.length - 2} calls, with ${agents.map(({ login }) => login).join(', ')}; seed ${seed}.`,
    );
    await play({ scenes, company, book, signal });
    clearInterval(ticking);
    if (signal.aborted) return { stories: book.stories, rows: [], queues: [], strangers: [], wasStopped: true };
    const scripted = new Set(agents.map(({ id }) => id));
    return await settled(() => account({ before, stories: book.stories, scripted, admin, query: options.query }));
  } finally {
    clearInterval(ticking);
    await company.close();
  }
}

async function snapshot(admin: ApiClient, query: Query): Promise<Snapshot> {
  const board = await admin.call('GET /api/v1/board');
  return { board, seq: await lastSeq(query), ledger: await readLedger(query) };
}

function progressOf(stories: readonly Story[]): string {
  const done = stories.filter(({ endedAt }) => endedAt !== null).length;
  const waiting = stories.filter(
    ({ direction, arrivedAt, answeredAt, endedAt }) =>
      direction === 'in' && arrivedAt !== null && answeredAt === null && endedAt === null,
  ).length;
  return `calls now ${stories.length - done}, waiting ${waiting}, done ${done}`;
}

/** Looks again until all agree or the time is over. */
async function settled(look: () => Promise<DayReport>): Promise<DayReport> {
  const deadline = Date.now() + settleMs;
  for (;;) {
    const report = await look();
    const agrees = report.rows.every(({ agrees: does }) => does) && report.queues.length === 0;
    if (agrees || report.strangers.length > 0 || Date.now() > deadline) return report;
    await sleep(lookAgainMs);
  }
}

interface Accounting {
  readonly before: Snapshot;
  readonly stories: readonly Story[];
  /** Users who are played by the script. */
  readonly scripted: ReadonlySet<number>;
  readonly admin: ApiClient;
  readonly query: Query;
}

async function account({ before, stories, scripted, admin, query }: Accounting): Promise<DayReport> {
  const records = await readRecords(query, before.seq);
  const ledger = await readLedger(query);
  const board = await admin.call('GET /api/v1/board');
  const entries = await readTimelines(admin, records);
  const { formula } = board;
  const taken = new Set(
    stories.flatMap(({ interactionId, answeredAt }) => (answeredAt !== null && interactionId ? [interactionId] : [])),
  );
  const rows = compare({
    script: ownFigures(stories, formula),
    board: difference(board.total.figures, before.board.total.figures),
    journal: recordedFigures(records, formula),
    timelines: timelineFigures(entries),
    seconds: expectedSeconds(records),
    owed: {
      script: expectedOwed(before.ledger, records, (id) => taken.has(id)),
      board: board.owed.open - before.board.owed.open,
      ledger: owedBetween(before.ledger, ledger),
    },
  });
  const strangers = strangersIn({ records, stories, scripted });
  if (board.day !== before.board.day) strangers.push('midnight passed: the board shows another day');
  return { stories, rows, queues: queueDifferences(before.board, board, records), strangers, wasStopped: false };
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
      .map((figure) => `${name}: ${figure} is ${board[figure]} on the board, ${journal[figure]} in the journal`);
  });
}
