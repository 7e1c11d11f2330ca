import type { DispositionId, EntryId, UserId } from '../../server/kernel/ids.ts';
import type { Orm } from '../client.ts';
import { timelineComments, timelineEntries } from '../schema/index.ts';
import type { SeededCard } from './client-cards.ts';
import type { SeededCompany, SeededUser } from './company.ts';
import type { Random } from './random.ts';
import { englishStories, quantities, russianStories, type Step, unreturned, weekdayEnds, weekdays } from './stories.ts';

export interface SeedHistoriesOptions {
  readonly random: Random;
  readonly company: SeededCompany;
  readonly cards: readonly SeededCard[];
  readonly now: Date;
}

type EntryRow = typeof timelineEntries.$inferInsert;
type CommentRow = typeof timelineComments.$inferInsert;

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
/** Rows of one INSERT: 18 columns each, and a statement takes 65,535 parameters. */
const chunk = 500;

/** A year of calls and notes on every card: busy clients, quiet ones, and some whose last call nobody returned. */
export async function seedHistories(orm: Orm, options: SeedHistoriesOptions): Promise<void> {
  const entries: EntryRow[] = [];
  const comments: CommentRow[] = [];
  for (const [index, card] of options.cards.entries()) {
    const history = createHistory(card, options);
    for (let stories = storyCount(card, index, options.random); stories > 0; stories--) history.tell();
    if (index % 19 === 5) history.leaveUnreturned(index);
    entries.push(...history.entries);
    comments.push(...history.comments);
  }
  for (let at = 0; at < entries.length; at += chunk) {
    await orm.insert(timelineEntries).values(entries.slice(at, at + chunk));
  }
  await orm.insert(timelineComments).values(comments);
}

/** Two clients have a history that does not fit on a page; a few have none. */
function storyCount(card: SeededCard, index: number, random: Random): number {
  if (index === 3 || index === 45) return 22;
  if (card.vip) return random.int(4, 7);
  return random.pick([0, 1, 1, 1, 2, 2, 3]);
}

/** The history of one card, told story by story from its creation to now. */
function createHistory(card: SeededCard, { random, company, now }: SeedHistoriesOptions) {
  const entries: EntryRow[] = [];
  const comments: CommentRow[] = [];
  // Stories of one card follow one another; how far apart depends on how much is still to be told.
  let atMs = card.createdAtMs;

  const add = (step: Step, fill: (text: string, author: SeededUser) => string): void => {
    const agent =
      company.agents.find(({ id }) => id === card.responsibleId && random.chance(0.8)) ?? random.pick(company.agents);
    const row = entryRow(step, { atMs, random, company, agent, card });
    entries.push({ ...row, note: fill(step.note, agent) });
    if (step.comment === undefined) return;
    const commentedAt = Math.min(atMs + random.int(10, 200) * minuteMs, now.getTime());
    comments.push({ entryId: row.id, authorId: company.supervisor.id, at: new Date(commentedAt), body: step.comment });
  };

  return {
    entries,
    comments,
    /** One story, as far as it fits before now. */
    tell(): void {
      const fill = createFill(random, card.language);
      let before: Step | undefined;
      for (const step of random.pick(card.language === 'ru' ? russianStories : englishStories)) {
        atMs = businessHour(atMs + pauseMs(before, random), random);
        if (atMs > now.getTime() - hourMs) return;
        add(step, fill);
        before = step;
      }
    },
    leaveUnreturned(index: number): void {
      atMs = now.getTime() - random.int(5, 55) * minuteMs - (index % 4) * dayMs;
      add(index % 2 === 0 ? unreturned.missed : unreturned.abandoned, (text) => text);
    },
  };
}

/** Who called in vain calls again or is called back soon, who did not answer is tried again next day, the rest takes days. */
function pauseMs(before: Step | undefined, random: Random): number {
  if (before?.status === 'missed' || before?.status === 'abandoned') return random.int(4, 45) * minuteMs;
  if (before?.status === 'failed') return random.int(3 * 60, 30 * 60) * minuteMs;
  return random.int(6 * 60, 9 * 24 * 60) * minuteMs;
}

/** Moves an instant into a working hour of Moscow (9 to 19, Monday to Friday), never back. */
function businessHour(atMs: number, random: Random): number {
  const moscow = new Date(atMs + 3 * hourMs);
  if (moscow.getUTCHours() >= 19) moscow.setUTCHours(24 + 9, random.int(0, 59));
  else if (moscow.getUTCHours() < 9) moscow.setUTCHours(9 + random.int(0, 9), random.int(0, 59));
  while (moscow.getUTCDay() % 6 === 0) moscow.setUTCDate(moscow.getUTCDate() + 1);
  return moscow.getTime() - 3 * hourMs;
}

interface EntryParts {
  readonly atMs: number;
  readonly random: Random;
  readonly company: SeededCompany;
  readonly agent: SeededUser;
  readonly card: SeededCard;
}

function entryRow(step: Step, { atMs, random, company, agent, card }: EntryParts): EntryRow {
  const id = random.uuid(atMs) as EntryId;
  const base = {
    id,
    clientId: card.id,
    at: new Date(atMs),
    kind: step.kind,
    direction: step.direction,
    status: step.status,
  };
  if (step.kind === 'note') return { ...base, userId: agent.id };
  const peer = random.chance(0.85) ? card.phones[0] : random.pick(card.phones);
  return {
    ...base,
    ...callFigures(step, random),
    userId: callUser(step, agent),
    peer: peer ?? '',
    lineName: company.lineName,
    queueName: step.direction === 'in' ? company.queueName : '',
    dispositionId: dispositionOf(step, company),
  };
}

/** A call in that nobody took has no agent. */
function callUser(step: Step, agent: SeededUser): UserId | null {
  return step.direction === 'in' && step.status !== 'answered' ? null : agent.id;
}

function dispositionOf(step: Step, company: SeededCompany): DispositionId | null {
  return (step.disposition !== undefined && company.dispositions.get(step.disposition)) || null;
}

function callFigures(step: Step, random: Random): Pick<EntryRow, 'result' | 'waitSeconds' | 'talkSeconds'> {
  switch (step.status) {
    case 'answered':
      return {
        result: random.pick(['client_hung_up', 'client_hung_up', 'agent_hung_up']),
        waitSeconds: random.int(3, 28),
        talkSeconds: random.chance(0.15) ? random.int(12, 45) : random.int(50, 620),
      };
    case 'missed':
      return { result: 'no_answer', waitSeconds: random.int(45, 120) };
    case 'abandoned':
      return { result: 'abandoned', waitSeconds: random.int(8, 70) };
    default:
      return { result: random.pick(['no_answer', 'no_answer', 'busy', 'rejected']), waitSeconds: random.int(12, 40) };
  }
}

/** Puts figures into a story's texts: the same ones through the whole story. */
function createFill(random: Random, language: 'ru' | 'en'): (text: string, author: SeededUser) => string {
  const pieces = String(random.pick(quantities));
  const sum = language === 'ru' ? money(random.int(60, 900) * 1000, 'ru-RU') : money(random.int(6, 90) * 500, 'en-GB');
  return (text, author) =>
    text
      .replace(/\{([^{}|]*)\|([^{}|]*)\}/g, author.female ? '$2' : '$1')
      .replaceAll('{n}', pieces)
      .replaceAll('{sum}', sum)
      .replace(/\{day\}/g, () => random.pick(weekdays[language]))
      .replace(/\{by\}/g, () => random.pick(weekdayEnds));
}

const money = (amount: number, locale: string): string => amount.toLocaleString(locale);
