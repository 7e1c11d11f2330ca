import type { QueueId, UserId } from '../../kernel/ids.ts';
import type { Agent } from '../../routing/roster.ts';
import { shiftAt } from '../../routing/work-schedule.ts';
import type { MessagesContext } from '../context.ts';
import type { Book } from './book.ts';
import type { AssignmentQuestion, Taker } from './decide.ts';
import { assignmentLimits } from './limits.ts';
import type { OpenConversation } from './store.ts';

/** Who could have what: the roster, the browsers and the book seen together. */
export interface People {
  /** Looks who is online. @returns whether that is different from the last look */
  look(): boolean;
  /** @param reserved those whose room somebody waits for who came before: they are given nothing else */
  question(conversation: OpenConversation, reserved: ReadonlySet<UserId>): AssignmentQuestion;
  /** Whether its owner is gone for so long, or so surely, that somebody else is to have it. */
  isLost(conversation: OpenConversation): boolean;
  isOnShift(id: UserId): boolean;
}

type Options = Pick<MessagesContext, 'roster' | 'setup' | 'clock' | 'isOnline'> & { readonly book: Book };

export function createPeople({ roster, setup, clock, isOnline, book }: Options): People {
  /** Who is away, since when. */
  const offlineSince = new Map<UserId, number>();

  function takerOf(agent: Agent, reserved: ReadonlySet<UserId>): Taker {
    const { shift, status, work, id } = agent;
    const now = clock.now();
    return {
      id,
      isOnShift: shift !== null && shift.startsAt <= now && now < shift.endsAt,
      isOnline: isOnline(id),
      isAvailable: status === 'available',
      work: work?.kind ?? null,
      load: reserved.has(id) ? Number.POSITIVE_INFINITY : book.load(id),
      lastGivenAt: book.lastGivenAt(id),
    };
  }

  const members = (queueId: QueueId): readonly Agent[] => roster.members(queueId);

  /** Since when he does not do what he would have to: off shift, not ready or offline; null = he is there. */
  function goneFor(agent: Agent, conversation: OpenConversation): { since: number; patienceMs: number } | null {
    const givenAt = conversation.assignedAt ?? conversation.waitingSince;
    if (!agent.shift) {
      const schedule = setup.schedules.get(agent.id);
      const isTakenOff = conversation.because === 'taken' && !(schedule && shiftAt(schedule, givenAt));
      return { since: givenAt, patienceMs: isTakenOff ? assignmentLimits.takenOffShiftMs : 0 };
    }
    const since = offlineSince.get(agent.id);
    if (since !== undefined) return { since: Math.max(since, givenAt), patienceMs: assignmentLimits.offlineMs };
    if (agent.status === 'available' || agent.work) return null;
    return { since: Math.max(agent.presence.since.getTime(), givenAt), patienceMs: assignmentLimits.notReadyMs };
  }

  return {
    look() {
      let isDifferent = false;
      for (const { id } of roster.all()) {
        if (isOnline(id) ? offlineSince.delete(id) : !offlineSince.has(id)) isDifferent = true;
        if (!isOnline(id) && !offlineSince.has(id)) offlineSince.set(id, clock.now());
      }
      return isDifferent;
    },
    question({ channel, queueId, ownerId, responsibleId }, reserved) {
      const own = members(queueId);
      const isMember = (id: UserId): boolean => own.some((agent) => agent.id === id);
      const asked = [...new Set([ownerId, responsibleId])].filter((id): id is UserId => id !== null && !isMember(id));
      const others = asked.flatMap((id) => roster.agent(id) ?? []);
      return {
        channel,
        takers: [...own, ...others].map((agent) => takerOf(agent, reserved)),
        formerOwnerId: ownerId,
        responsibleId,
        outsiders: new Set(others.map(({ id }) => id)),
        capacity: book.capacity,
      };
    },
    isLost(conversation) {
      const agent = conversation.ownerId === null ? undefined : roster.agent(conversation.ownerId);
      const isServing = agent !== undefined && setup.agents.some(({ id }) => id === agent.id);
      if (!isServing) return true;
      const gone = goneFor(agent, conversation);
      return gone !== null && clock.now() - gone.since >= gone.patienceMs;
    },
    isOnShift: (id) => (roster.agent(id)?.shift ?? null) !== null,
  };
}
