import type { AgentDay, BoardView } from '../contract/board.ts';
import type { RoutingSetup } from '../routing/store.ts';
import type { Day } from './day.ts';
import { add, agentFiguresOf, type Counted, figuresOf, noFigures } from './figures.ts';
import { formula, serviceLevel } from './service-level.ts';

/** What the board needs of the setting: names, and who is to have a row. */
export type ReportsSetup = Pick<RoutingSetup, 'queues' | 'agents' | 'company'>;

export interface BoardParts {
  readonly day: Day;
  readonly setup: ReportsSetup;
  readonly owed: BoardView['owed'];
  readonly now: number;
}

interface Named<Id> {
  readonly id: Id;
  readonly name: string;
}

/** Names of the setting, and a number for what it no longer has but what was counted today. */
function named<Id extends number>(known: Iterable<Named<Id>>, counted: Iterable<Id>): Named<Id>[] {
  const names = new Map<Id, string>();
  for (const id of counted) names.set(id, `#${id}`);
  for (const { id, name } of known) names.set(id, name);
  return [...names].map(([id, name]) => ({ id, name })).sort((a, b) => a.id - b.id);
}

function agentRows({ day, setup }: BoardParts): AgentDay[] {
  const known = setup.agents.filter(({ id, role }) => role === 'agent' || day.agents.has(id));
  return named(known, day.agents.keys()).map((user) => ({
    user,
    ...agentFiguresOf(day.agents.get(user.id) ?? noFigures()),
  }));
}

const figuresWithShares = (sum: Counted, recent: Counted) => ({
  figures: figuresOf(sum),
  serviceLevel: serviceLevel(sum),
  recentServiceLevel: serviceLevel(recent),
});

/** The board: figures with names. Sums of the queues are the total. */
export function boardView(parts: BoardParts): BoardView {
  const { day, setup, owed, now } = parts;
  const total = noFigures();
  for (const sum of day.queues.values()) add(total, sum);
  return {
    seq: day.seq,
    at: new Date(now).toISOString(),
    day: day.day,
    timeZone: day.timeZone,
    formula,
    total: figuresWithShares(total, day.recent.sum(now)),
    queues: named(setup.queues, day.queues.keys()).map(({ id, name }) => ({
      id,
      name,
      ...figuresWithShares(day.queues.get(id) ?? noFigures(), day.recent.sum(now, id)),
    })),
    agents: agentRows(parts),
    owed,
  };
}
