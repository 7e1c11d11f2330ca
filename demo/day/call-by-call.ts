import type { CallRow, Records } from './records.ts';
import type { Kind, Story } from './story.ts';

/** Each call by itself, so that two wrongs do not make a right sum. */
export interface CallByCall {
  /** What differs between a story and the row of its call, in words. */
  readonly differences: readonly string[];
  /** The most by which the script's watch and a row are apart, in a wait or a talk. */
  readonly largestMs: number;
}

/** How an attempt of this kind stands in its row. */
const failures: Readonly<Partial<Record<Kind, string>>> = {
  'out busy': 'busy',
  'out no answer': 'cancelled',
  'out refused': 'rejected',
  'out wrong number': 'invalid_number',
};

function expectedResults({ kind, outcome, manners }: Story): readonly string[] {
  switch (outcome) {
    case 'answered':
      return [manners.endsBy === 'agent' ? 'agent_hung_up' : 'client_hung_up'];
    case 'abandoned':
      return ['abandoned', 'short_abandoned'];
    case 'voicemail':
      return ['voicemail'];
    case 'callback':
      return ['callback_requested'];
    case 'failed':
      return [failures[kind] ?? 'congestion'];
    case 'refused':
    case null:
      return [];
  }
}

/** Pairs of instants that both have: the script's duration and the row's. */
function durations(story: Story, row: CallRow): { what: string; own: number; stored: number }[] {
  const found: { what: string; own: number; stored: number }[] = [];
  const add = (what: string, [from, to]: readonly (number | null)[], stored: readonly (number | null)[]): void => {
    const [storedFrom, storedTo] = stored;
    if (from == null || to == null || storedFrom == null || storedTo == null) return;
    found.push({ what, own: to - from, stored: storedTo - storedFrom });
  };
  if (story.direction === 'in') add('wait', [story.arrivedAt, story.answeredAt], [row.arrivedAt, row.answeredAt]);
  if (story.outcome === 'abandoned') add('wait', [story.arrivedAt, story.endedAt], [row.arrivedAt, row.endedAt]);
  add('talk', [story.answeredAt, story.endedAt], [row.answeredAt, row.endedAt]);
  return found;
}

/** @param toleranceMs of the script's watch */
export function callByCall(
  stories: readonly Story[],
  { calls }: Pick<Records, 'calls'>,
  toleranceMs: number,
): CallByCall {
  const rows = new Map(calls.map((call) => [call.id, call]));
  const differences: string[] = [];
  let largestMs = 0;
  for (const story of stories) {
    if (story.arrivedAt === null || story.outcome === 'refused') continue;
    const name = `${story.kind} ${story.number || '(hidden)'}`;
    const row = rows.get(story.interactionId ?? '');
    if (!row) {
      differences.push(`${name}: nothing is stored of it`);
      continue;
    }
    if (!expectedResults(story).includes(row.result ?? ''))
      differences.push(`${name}: ${story.outcome ?? 'unfinished'} for the script, ${row.result ?? 'open'} in its row`);
    for (const { what, own, stored } of durations(story, row)) {
      const apart = Math.abs(own - stored);
      largestMs = Math.max(largestMs, apart);
      if (apart > toleranceMs + story.slackMs)
        differences.push(`${name}: a ${what} of ${own} ms for the script, of ${stored} ms in its row`);
    }
  }
  return { differences, largestMs };
}
