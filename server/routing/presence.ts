import type { Executor } from '../../db/client.ts';
import type { PresenceView } from '../contract/schemas.ts';
import type { RoutingStatus } from '../contract/words.ts';
import type { Clock } from '../kernel/clock.ts';
import { AppError } from '../kernel/errors.ts';
import type { UserId } from '../kernel/ids.ts';
import type { Journal } from '../kernel/journal.ts';
import type { Agent, Roster } from './roster.ts';
import { type PresenceRow, type RoutingSetup, savePresence } from './store.ts';

/** Who or what changed a status; every change is written with it. */
export type PresenceCause = 'agent' | 'supervisor' | 'rule' | 'connection' | 'shift';

export interface Presence {
  /**
   * Changes the status at once, or after the contact in hand (next status).
   * @param reason code of one of the company's not-ready reasons; undefined = the first of them
   * @throws AppError `not_found` for the agent, `bad_request` for a reason that there is not, or no longer
   */
  set(userId: UserId, status: RoutingStatus, reason: string | undefined, cause: PresenceCause): Promise<PresenceView>;
  /** The contact is done: the next status, if one was chosen, becomes the status. */
  applyNext(userId: UserId): Promise<void>;
  view(userId: UserId): PresenceView;
}

export interface PresenceOptions {
  readonly db: Executor & { transaction<T>(work: (tx: Executor) => Promise<T>): Promise<T> };
  readonly setup: Pick<RoutingSetup, 'presenceReasons'>;
  readonly roster: Roster;
  readonly journal: Journal;
  readonly clock: Clock;
}

const iso = (ms: number): string => new Date(ms).toISOString();

function viewOf(agent: Agent): PresenceView {
  const { presence, shift } = agent;
  return {
    status: presence.status,
    reason: presence.reason,
    nextStatus: presence.nextStatus,
    nextReason: presence.nextReason,
    since: presence.since.toISOString(),
    cause: presence.cause,
    shift: shift && { startsAt: iso(shift.startsAt), endsAt: iso(shift.endsAt) },
    nextShiftAt: agent.nextShiftAt === null ? null : iso(agent.nextShiftAt),
    phone: agent.phone,
  };
}

/** Agents' own statuses: changed on the server only, each change in the journal with its cause. */
export function createPresence({ db, setup, roster, journal, clock }: PresenceOptions): Presence {
  function agentOf(userId: UserId): Agent {
    const agent = roster.agent(userId);
    if (!agent) throw new AppError('not_found', 'no such agent');
    return agent;
  }

  /** The reason as it is kept: none while available. */
  function reasonOf(status: RoutingStatus, wanted: string | undefined): string {
    if (status === 'available') return '';
    const codes = setup.presenceReasons.map(({ code }) => code);
    if (wanted !== undefined && !codes.includes(wanted))
      throw new AppError('bad_request', `there is no not-ready reason "${wanted}"`, { details: { codes } });
    return wanted ?? codes[0] ?? '';
  }

  async function write(row: PresenceRow): Promise<void> {
    const { status, reason, nextStatus, cause } = row;
    const entries = await db.transaction(async (tx) => {
      await savePresence(tx, row);
      return journal.append(tx, [
        { type: 'presence.changed', userId: row.userId, data: { status, reason, nextStatus, cause } },
      ]);
    });
    // The roster changes after the commit: routing never acts on a status that a crash would take back.
    roster.setPresence(row);
    journal.published(entries);
  }

  return {
    async set(userId, status, wanted, cause) {
      const { presence, work } = agentOf(userId);
      const reason = reasonOf(status, wanted);
      const isBusy = work !== null && work.kind !== 'ringing';
      if (isBusy && status !== presence.status) {
        await write({ ...presence, nextStatus: status, nextReason: reason, cause });
      } else {
        const since = status === presence.status && reason === presence.reason ? presence.since : new Date(clock.now());
        await write({ userId, status, reason, nextStatus: null, nextReason: '', since, cause });
      }
      return viewOf(agentOf(userId));
    },
    async applyNext(userId) {
      const presence = roster.agent(userId)?.presence;
      // disabled meanwhile: there is nobody left to have a status
      if (!presence || presence.nextStatus === null) return;
      const { nextStatus: status, nextReason: reason, cause } = presence;
      await write({ userId, status, reason, nextStatus: null, nextReason: '', since: new Date(clock.now()), cause });
    },
    view: (userId) => viewOf(agentOf(userId)),
  };
}
