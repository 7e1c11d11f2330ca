import type { DayAccount } from './account.ts';
import type { Row } from './compare.ts';
import { type Kind, type Story, wasDeaf } from './story.ts';

const wide = 22;
const narrow = 10;

const shown = (value: number | null, unit: Row['unit']): string => {
  if (value === null) return '.';
  return unit === 'ms' ? (value / 1000).toFixed(3) : String(value);
};

const line = (name: string, cells: readonly string[], verdict: string): string =>
  `  ${name.padEnd(wide)}${cells.map((cell) => cell.padStart(narrow)).join('')}  ${verdict}`.trimEnd();

/** What the script did, by kind: `known 12 (11 answered, 1 abandoned)`. */
function deeds(stories: readonly Story[]): string[] {
  const kinds = new Map<Kind, Map<string, number>>();
  for (const { kind, outcome, arrivedAt } of stories) {
    if (arrivedAt === null) continue;
    const outcomes = kinds.get(kind) ?? new Map<string, number>();
    const word = outcome ?? 'unfinished';
    kinds.set(kind, outcomes.set(word, (outcomes.get(word) ?? 0) + 1));
  }
  return [...kinds].map(([kind, outcomes]) => {
    const parts = [...outcomes].map(([word, count]) => `${count} ${word}`);
    return `  ${kind.padEnd(wide)}${parts.join(', ')}`;
  });
}

function heardIn(stories: readonly Story[]): string {
  const talks = stories.filter(({ answeredAt }) => answeredAt !== null);
  const deaf = talks.filter(wasDeaf);
  if (deaf.length === 0)
    return `Both sides heard each other in all ${talks.length} talks that were long enough to tell.`;
  return `DIFFERS: somebody heard nothing in ${deaf.length} of ${talks.length} talks (${deaf.map(({ kind }) => kind).join(', ')})`;
}

/** The day in words and figures, as it is printed at its end. */
export function tableOf({
  asked: { stories, toleranceMs },
  rows,
  differences,
  largestMs,
  strangers,
}: DayAccount): string {
  const head = line('', ['script', 'board', 'journal', 'timelines'], '');
  const body = rows.map((row) => {
    const { name, unit, agrees } = row;
    const cells = [row.script, row.board, row.journal, row.timelines].map((value) => shown(value, unit));
    return line(unit === 'ms' ? name.replace(/Ms$/, ', s') : name, cells, agrees ? '' : 'DIFFERS');
  });
  const troubles = stories.flatMap(({ kind, trouble }) => (trouble === null ? [] : [`  ${kind}: ${trouble}`]));
  return [
    'What the script did:',
    ...deeds(stories),
    ...(troubles.length > 0 ? ['What went wrong in the script itself:', ...troubles] : []),
    '',
    head,
    ...body,
    `  Board and journal to the millisecond; the script's own watch within ${toleranceMs} ms in each call (${largestMs} at most).`,
    `  ${heardIn(stories)}`,
    ...differences.map((words) => `  DIFFERS: ${words}`),
    ...(strangers.length > 0 ? ['', `Figures cannot be compared: ${strangers.join('; ')}.`] : []),
  ].join('\n');
}

/** Whether the day proves that all agree: true also when nothing can be compared. */
export const isGood = ({ asked: { stories }, rows, differences, strangers }: DayAccount): boolean =>
  strangers.length > 0 ||
  (rows.every(({ agrees }) => agrees) &&
    differences.length === 0 &&
    stories.every((story) => story.trouble === null && !wasDeaf(story)));
