import type { QueueId, UserId } from '../kernel/ids.ts';
import type { JournalEntry } from '../kernel/journal.ts';
import { localDays, localTime } from '../tasks/local-time.ts';
import { countedEvent } from './counted.ts';
import { add, type Counted, isOfAgent, noFigures } from './figures.ts';
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

const of = <Id>(sums: Map<Id, Counted>, id: Id): Counted => {
  const sum = sums.get(id) ?? noFigures();
  sums.set(id, sum);
  return sum;
};

export function createDay(bounds: LocalDay): Day {
  const queues = new Map<QueueId, Counted>();
  const agents = new Map<UserId, Counted>();
  const recent = createRecent();
  const seen = createSeen();
  let last = 0;
  return {
    ...bounds,
    queues,
    agents,
    recent,
    get seq() {
      return last;
    },
    count(entry, now) {
      const event = countedEvent(entry);
      if (!event) return false;
      const { seq, arrivedAt, queueId, userId, part } = event;
      const isToday = bounds.from <= arrivedAt && arrivedAt < bounds.to;
      const isRecent = arrivedAt >= recentSince(now);
      if ((!isToday && !isRecent) || !seen.add(seq)) return false;
      last = Math.max(last, seq);
      if (isRecent) recent.add(arrivedAt, queueId, part, now);
      if (!isToday) return true;
      add(of(queues, queueId), part);
      if (userId !== undefined && isOfAgent(part)) add(of(agents, userId), part);
      return true;
    },
  };
}
