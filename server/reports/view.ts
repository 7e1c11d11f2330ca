import type { AgentDay, BoardView, MessagesWaiting, QueueMessages } from '../contract/board.ts';
import type { QueueId } from '../kernel/ids.ts';
import type { MessagesNow } from '../messages/assignment/now.ts';
import type { RoutingSetup } from '../routing/store.ts';
import type { Day } from './day.ts';
import { add, agentFiguresOf, type Counted, figuresOf, noFigures } from './figures.ts';
import { addMessages, type MessageSums, noMessages } from './message-figures.ts';
import { formula, responseFormula, responseLevel, serviceLevel } from './service-level.ts';

/** What the board needs of the setting: names, and who is to have a row. */
export type ReportsSetup = Pick<RoutingSetup, 'queues' | 'agents' | 'company'>;

export interface BoardParts {
  readonly day: Day;
  readonly setup: ReportsSetup;
  readonly owed: BoardView['owed'];
  readonly messages: MessagesNow;
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

function agentRows({ day, setup, messages }: BoardParts): AgentDay[] {
  const known = setup.agents.filter(
    ({ id, role }) => role === 'agent' || day.agents.has(id) || messages.agents.has(id),
  );
  return named(known, day.agents.keys()).map((user) => ({
    user,
    ...agentFiguresOf(day.agents.get(user.id) ?? noFigures()),
    ...(messages.agents.get(user.id) ?? { conversations: 0, points: 0 }),
  }));
}

const figuresWithShares = (sum: Counted, recent: Counted) => ({
  figures: figuresOf(sum),
  serviceLevel: serviceLevel(sum),
  recentServiceLevel: serviceLevel(recent),
});

type Waiting = Omit<MessagesWaiting, 'firstDueAt'> & { readonly firstDueAt: number | null };

const nobodyWaits: Waiting = { waiting: 0, unassigned: 0, overdue: 0, firstDueAt: null };

const earlier = (one: number | null, other: number | null): number | null =>
  one === null || other === null ? (one ?? other) : Math.min(one, other);

const bothWaiting = (one: Waiting, other: Waiting): Waiting => ({
  waiting: one.waiting + other.waiting,
  unassigned: one.unassigned + other.unassigned,
  overdue: one.overdue + other.overdue,
  firstDueAt: earlier(one.firstDueAt, other.firstDueAt),
});

const messagesOf = (figures: MessageSums, now: Waiting): QueueMessages => ({
  figures,
  now: { ...now, firstDueAt: now.firstDueAt === null ? null : new Date(now.firstDueAt).toISOString() },
  responseLevel: responseLevel(figures),
});

function totalMessages({ day, messages }: BoardParts): QueueMessages {
  const total = noMessages();
  for (const sum of day.messages.values()) addMessages(total, sum);
  return messagesOf(total, [...messages.queues.values()].reduce(bothWaiting, nobodyWaits));
}

/** The board: figures with names. Sums of the queues are the total. */
export function boardView(parts: BoardParts): BoardView {
  const { day, setup, owed, messages, now } = parts;
  const total = noFigures();
  for (const sum of day.queues.values()) add(total, sum);
  const messagesOfQueue = (id: QueueId): QueueMessages =>
    messagesOf(day.messages.get(id) ?? noMessages(), messages.queues.get(id) ?? nobodyWaits);
  return {
    seq: day.seq,
    at: new Date(now).toISOString(),
    day: day.day,
    timeZone: day.timeZone,
    formula,
    responseFormula,
    capacity: messages.capacity,
    total: { ...figuresWithShares(total, day.recent.sum(now)), messages: totalMessages(parts) },
    queues: named(setup.queues, [...day.queues.keys(), ...day.messages.keys(), ...messages.queues.keys()]).map(
      ({ id, name }) => ({
        id,
        name,
        ...figuresWithShares(day.queues.get(id) ?? noFigures(), day.recent.sum(now, id)),
        messages: messagesOfQueue(id),
      }),
    ),
    agents: agentRows(parts),
    owed,
  };
}
