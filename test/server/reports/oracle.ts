import type { AgentDay, DayFigures } from '../../../server/contract/board.ts';
import type { TestDatabase } from '../../support/database.ts';
import type { Notes } from './walk.ts';

/**
 * The same figures from other rows: those of calls and of offers, as a person would ask for them by hand. What these
 * rows do not say comes from the notes of whoever made the calls. Nothing here reads the journal.
 */

/** Whoever arrived from here on came to a closed queue. */
export async function figuresByRows(db: TestDatabase, notes: Notes, closedFrom: number): Promise<DayFigures> {
  const [row] = await db.run<Omit<DayFigures, 'longestWaitMs' | 'talks' | 'talkMs' | 'rescued' | 'returned'>>({
    name: 'oracle_figures',
    text: `
      WITH calls AS (
        SELECT i.*, i.direction = 'in' AND i.arrived_at < $1 AS queued, i.id = ANY($2::text[]) AS diverted,
          i.id = ANY($3::text[]) AS crashed,
          (extract(epoch FROM answered_at - arrived_at) * 1000)::bigint AS answer_ms,
          (extract(epoch FROM ended_at - arrived_at) * 1000)::bigint AS end_ms,
          (extract(epoch FROM closed_at - ended_at) * 1000)::bigint AS wrap_up_ms
        FROM interactions i
      ), fates AS (
        SELECT *, CASE WHEN NOT queued THEN NULL
            WHEN answered_at IS NOT NULL THEN 'answered'
            WHEN diverted OR result IN ('callback_requested', 'timeout') THEN 'flowed out'
            WHEN result IN ('abandoned', 'short_abandoned') THEN 'abandoned'
            ELSE 'open' END AS fate,
          -- a talk, or a try to reach somebody, was wrapped up
          state = 'closed' AND NOT crashed AND result IN ('client_hung_up', 'agent_hung_up', 'media_lost', 'system_error',
            'no_answer', 'busy', 'rejected', 'invalid_number', 'congestion') AS wrapped
        FROM calls
      )
      SELECT count(*) FILTER (WHERE queued) AS "offered",
        count(*) FILTER (WHERE fate = 'answered') AS "answered",
        count(*) FILTER (WHERE fate = 'answered' AND answer_ms <= 20000) AS "answeredInTime",
        count(*) FILTER (WHERE fate = 'abandoned') AS "abandoned",
        count(*) FILTER (WHERE fate = 'abandoned' AND result = 'short_abandoned' AND NOT crashed) AS "shortAbandoned",
        count(*) FILTER (WHERE fate = 'flowed out') AS "flowedOut",
        count(*) FILTER (WHERE fate = 'open') AS "open",
        count(*) FILTER (WHERE direction = 'in' AND NOT queued) AS "closedHours",
        count(*) FILTER (WHERE result = 'voicemail') AS "voicemails",
        count(*) FILTER (WHERE result = 'callback_requested') AS "callbacksRequested",
        coalesce(sum(answer_ms) FILTER (WHERE fate = 'answered'), 0)::bigint AS "answeredWaitMs",
        coalesce(sum(end_ms) FILTER (WHERE fate = 'abandoned' AND NOT crashed), 0)::bigint AS "abandonedWaitMs",
        count(*) FILTER (WHERE wrapped) AS "wrapUps",
        coalesce(sum(wrap_up_ms) FILTER (WHERE wrapped), 0)::bigint AS "wrapUpMs",
        count(*) FILTER (WHERE direction = 'out') AS "dialled",
        count(*) FILTER (WHERE direction = 'out' AND answered_at IS NOT NULL) AS "reached",
        (SELECT count(*) FROM offers) AS "rings",
        (SELECT count(*) FROM offers WHERE result = 'accepted') AS "ringsTaken",
        (SELECT count(*) FROM offers WHERE result = 'not_delivered') AS "phantomRings"
      FROM fates`,
    values: [new Date(closedFrom), [...notes.diverted.keys()], [...notes.crashed]],
  });
  if (!row) throw new Error('an aggregate has a row');
  const all = await talks(db, notes);
  return {
    ...row,
    longestWaitMs: await longestWait(db, notes, closedFrom),
    talks: all.length,
    talkMs: all.reduce((sum, { ms }) => sum + ms, 0),
    rescued: notes.rescued.length,
    returned: notes.returned.length,
  };
}

/** The end of the wait of whoever was put to a voice message stands in the timeline of his screen only: it is noted. */
async function longestWait(db: TestDatabase, notes: Notes, closedFrom: number): Promise<number> {
  const rows = await db.run<{ ms: number }>({
    name: 'oracle_longest',
    text: `SELECT (extract(epoch FROM coalesce(answered_at, ended_at) - arrived_at) * 1000)::bigint AS ms FROM interactions
           WHERE direction = 'in' AND arrived_at < $1 AND coalesce(answered_at, ended_at) IS NOT NULL
             AND (answered_at IS NOT NULL OR NOT (id = ANY($2::text[]) OR id = ANY($3::text[])))`,
    values: [new Date(closedFrom), [...notes.diverted.keys()], [...notes.crashed]],
  });
  const waits = [...rows.map(({ ms }) => ms), ...[...notes.diverted.values()].filter((ms) => ms !== null)];
  return Math.max(0, ...waits);
}

interface TalkRow {
  readonly id: string;
  readonly userId: number;
  readonly startedAt: number;
}

/** Each talk that is over, by agent: from when he took it until it was over or given back. */
async function talks(db: TestDatabase, notes: Notes): Promise<{ userId: number; ms: number }[]> {
  const started = await db.run<{ id: string; user_id: number; at: Date }>({
    name: 'oracle_talks',
    text: `SELECT interaction_id AS id, user_id, ended_at AS at FROM offers WHERE result = 'accepted'
           UNION ALL SELECT id, user_id, answered_at FROM interactions WHERE direction = 'out' AND answered_at IS NOT NULL
           ORDER BY at`,
    values: [],
  });
  const ends = await db.run<{ id: string; at: Date; result: string }>({
    name: 'oracle_ends',
    text: `SELECT id, ended_at AS at, result FROM interactions WHERE ended_at IS NOT NULL AND answered_at IS NOT NULL
             AND NOT (id = ANY($1::text[])) AND result IN ('client_hung_up', 'agent_hung_up', 'media_lost', 'system_error')
           UNION ALL SELECT id, ended_at, result FROM interactions WHERE id = ANY($2::text[])`,
    values: [[...notes.crashed], [...notes.wrappingUp]],
  });
  const byCall = Map.groupBy(
    started.map(({ id, user_id, at }): TalkRow => ({ id, userId: user_id, startedAt: at.getTime() })),
    ({ id }) => id,
  );
  return [...byCall].flatMap(([id, all]) => {
    const back = notes.returned.filter((each) => each.id === id);
    const over = [...back.map(({ at }) => at), ...ends.filter((end) => end.id === id).map(({ at }) => at.getTime())];
    return all.flatMap(({ userId, startedAt }, index) => {
      const endedAt = over[index];
      // the row of a call that we made names who had it last
      const who = back[index]?.userId ?? userId;
      return endedAt === undefined ? [] : [{ userId: who, ms: endedAt - startedAt }];
    });
  });
}

export async function agentsByRows(db: TestDatabase, notes: Notes): Promise<Omit<AgentDay, 'user'>[]> {
  const all = await talks(db, notes);
  const rows = await db.run<Omit<AgentDay, 'user'> & { id: number }>({
    name: 'oracle_agents',
    text: `
      SELECT u.id, (SELECT count(*) FROM offers o WHERE o.user_id = u.id) AS "rings",
        (SELECT count(*) FROM offers o WHERE o.user_id = u.id AND result = 'accepted') AS "ringsTaken",
        (SELECT count(*) FROM offers o WHERE o.user_id = u.id AND result = 'not_delivered') AS "phantomRings",
        coalesce((SELECT sum((extract(epoch FROM closed_at - ended_at) * 1000)::bigint) FROM interactions i
          WHERE i.user_id = u.id AND state = 'closed' AND NOT (i.id = ANY($1::text[])) AND result IN ('client_hung_up',
            'agent_hung_up', 'media_lost', 'system_error', 'no_answer', 'busy', 'rejected', 'invalid_number', 'congestion')
          ), 0)::bigint AS "wrapUpMs"
      FROM users u ORDER BY u.id`,
    values: [[...notes.crashed]],
  });
  return rows.map(({ id, ...row }) => {
    const own = all.filter(({ userId }) => userId === id);
    return { ...row, talks: own.length, talkMs: own.reduce((sum, { ms }) => sum + ms, 0) };
  });
}
