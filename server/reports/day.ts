import type { QueueId, UserId } from '../kernel/ids.ts';
import type { JournalEntry } from '../kernel/journal.ts';
import { localDays, localTime } from '../tasks/local-time.ts';
import { countedEvent } from './counted.ts';
import { add, type Counted, isOfAgent, noFigures } from './figures.ts';
import { addMessages, countedMessage, type MessageSums, noMessages } from './message-figures.ts';
import { createRecent, type Recent, recentSince } from './recent.ts';
import { createSeen } from './seen.ts';

/** A local day of the company. */
export interface LocalDay {
  /** YYYY-MM-DD. */
  readonly day: string;
  readonly timeZone: string;
  /** Its first moment, and the first of the next day. */
  readonly from: number;
  readonly to: number;
}

/** @param day YYYY-MM-DD; 23 to 25 hours long where clocks are changed */
export const localDay = (timeZone: string, day: string): LocalDay => ({
  day,
  timeZone,
  ...localDays(timeZone, day, 1),
});

/** The day in which an instant lies. */
export const localDayAt = (timeZone: string, at: number): LocalDay =>
  localDay(timeZone, localTime(timeZone, at).slice(0, 10));

/** The figures of one day, folded from the journal. */
export interface Day extends LocalDay {
  readonly queues: ReadonlyMap<QueueId, Counted>;
  readonly agents: ReadonlyMap<UserId, Counted>;
  readonly messages: ReadonlyMap<QueueId, MessageSums>;
  /** Calls of the last half an hour, those before midnight among them. */
  readonly recent: Recent;
  /** Of the last event in the figures; 0 = none yet. */
  readonly seq: number;
  /**
   * Takes an event into the figures. Each event counts once however often it is told, and in any order.
   * @returns whether any figure may be different now
   */
  count(entry: JournalEntry, now: number): boolean;
}

function of<Id, Sum>(sums: Map<Id, Sum>, id: Id, none: () => Sum): Sum {
  const sum = sums.get(id) ?? none();
  sums.set(id, sum);
  return sum;
}

export function createDay(bounds: LocalDay): Day {
  const queues = new Map<QueueId, Counted>();
  const agents = new Map<UserId, Counted>();
  const messages = new Map<QueueId, MessageSums>();
  const recent = createRecent();
  const seen = createSeen();
  let last = 0;
  const isOfDay = (at: number): boolean => bounds.from <= at && at < bounds.to;

  function countMessage(entry: JournalEntry): boolean {
    const event = countedMessage(entry);
    if (!event || !isOfDay(event.at) || !seen.add(event.seq)) return false;
    last = Math.max(last, event.seq);
    addMessages(of(messages, event.queueId, noMessages), event.part);
    return true;
  }

  return {
    ...bounds,
    queues,
    agents,
    messages,
    recent,
    get seq() {
      return last;
    },
    count(entry, now) {
      const event = countedEvent(entry);
      if (!event) return countMessage(entry);
      const { seq, arrivedAt, queueId, userId, part } = event;
      const isToday = isOfDay(arrivedAt);
      const isRecent = arrivedAt >= recentSince(now);
      if ((!isToday && !isRecent) || !seen.add(seq)) return false;
      last = Math.max(last, seq);
      if (isRecent) recent.add(arrivedAt, queueId, part, now);
      if (!isToday) return true;
      add(of(queues, queueId, noFigures), part);
      if (userId !== undefined && isOfAgent(part)) add(of(agents, userId, noFigures), part);
      return true;
    },
  };
}
