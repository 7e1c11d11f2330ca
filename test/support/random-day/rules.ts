import { interactionTransitions } from '../../../server/calls/interaction.ts';
import type { LiveCall } from '../../../server/calls/live-call.ts';
import type { InteractionState } from '../../../server/contract/words.ts';
import type { UserId } from '../../../server/kernel/ids.ts';
import type { Agent } from '../../../server/routing/roster.ts';
import type { Day } from './day.ts';

/** A sentence for everything that is not as it must be. */
type Broken = string[];

type Exit = (day: Day, call: LiveCall) => boolean;

const clientIsThere: Exit = ({ house }, call) => house.wire.leg(call.clientLeg) !== undefined;
const agentIsThere: Exit = ({ house }, call) => house.wire.leg(call.agentLeg) !== undefined;
const waitingTimer: Exit = ({ house }, call) => house.callClock.isPending(call.waiting.timer);
const isInLine: Exit = ({ house }, call) =>
  house.context.dispatcher.waiting(call.queue.id).some(({ interactionId }) => interactionId === call.id);
const waitsOrChooses: Exit = (day, call) =>
  isInLine(day, call) || (call.waiting.choosing !== null && waitingTimer(day, call));
const isInHands: Exit = ({ house }, call) =>
  call.userId !== null && house.context.roster.agent(call.userId)?.work?.interactionId === call.id;

/** What each state rests on, all of it: so that it is left some day, whatever anybody does or omits. */
const rests: Readonly<Record<InteractionState, Readonly<Record<string, Exit>>>> = {
  queued: { 'a caller on the line': clientIsThere, 'a place in the queue, or a choice with an end': waitsOrChooses },
  offered: {
    'a caller on the line': clientIsThere,
    'a place in the queue': isInLine,
    'an offer that runs out': ({ house }, call) => house.callClock.isPending(call.offer?.timer ?? null),
    'a phone that rings': agentIsThere,
  },
  voicemail: { 'a caller on the line': clientIsThere, 'an end of the message': waitingTimer },
  dialing: {
    'an agent': isInHands,
    'a phone on the line': agentIsThere,
    'an end of the ringing': ({ house }, call) =>
      house.callClock.isPending(call.dialTimer) || house.wire.leg(call.clientLeg)?.state === 'cancelling',
  },
  active: { 'an agent': isInHands, 'a client on the line': clientIsThere, 'an agent on the line': agentIsThere },
  held: { 'an agent': isInHands, 'a client on the line': clientIsThere, 'an agent on the line': agentIsThere },
  reconnecting: {
    'an agent': isInHands,
    'a client on the line': clientIsThere,
    'an end of the patience': waitingTimer,
  },
  wrap_up: {
    'an agent': isInHands,
    'an end of the wrap-up': ({ house }, call) =>
      call.queue.wrapUpMode === 'mandatory_discretionary' || house.callClock.isPending(call.wrapUpTimer),
  },
  // in hand after its end: a last word is being spoken
  closed: { 'a client who listens': clientIsThere, 'an end of the last word': waitingTimer },
};

const numberOf = (day: Day, call: LiveCall): string => `call ${day.calls.indexOf(call) + 1} (${call.state})`;

function checkExits(day: Day, broken: Broken): void {
  for (const call of day.house.context.live.all())
    for (const [what, holds] of Object.entries(rests[call.state]))
      if (!holds(day, call)) broken.push(`${numberOf(day, call)} is without ${what}`);
}

const workKind: Readonly<Partial<Record<InteractionState, NonNullable<Agent['work']>['kind']>>> = {
  offered: 'ringing',
  dialing: 'on_call',
  active: 'on_call',
  held: 'on_call',
  reconnecting: 'on_call',
  wrap_up: 'wrap_up',
};

const workerOf = ({ state, offer, userId }: LiveCall): UserId | null =>
  workKind[state] === undefined ? null : (offer?.userId ?? userId);

/** Nobody has two calls, and the roster knows what everybody has. */
function checkHands(day: Day, broken: Broken): void {
  const { live, roster } = day.house.context;
  const calls = Map.groupBy(live.all(), workerOf);
  for (const agent of roster.all()) {
    const mine = calls.get(agent.id) ?? [];
    if (mine.length > 1) broken.push(`${agent.row.login} has ${mine.map((call) => numberOf(day, call)).join(' and ')}`);
    const [call] = mine;
    const should = call ? `${workKind[call.state]} ${call.id}` : 'nothing';
    const is = agent.work ? `${agent.work.kind} ${agent.work.interactionId}` : 'nothing';
    if (should !== is) broken.push(`the roster says that ${agent.row.login} does ${is}, he does ${should}`);
  }
  for (const call of live.all())
    if (call.state !== 'offered' && call.offer) broken.push(`${numberOf(day, call)} has an offer`);
}

/** Who waits is in a line, who is in a line waits, and nobody waits for somebody who is free. */
function checkLines(day: Day, broken: Broken): void {
  const { live, setup, dispatcher } = day.house.context;
  for (const { id } of setup.queues)
    for (const { interactionId } of dispatcher.waiting(id)) {
      const call = live.get(interactionId);
      if (!call || (call.state !== 'queued' && call.state !== 'offered'))
        broken.push(`queue ${id} has a place for ${call ? numberOf(day, call) : 'a call that is gone'}`);
      else if (call.state === 'queued' && dispatcher.explain(interactionId)?.kind === 'offer')
        broken.push(`${numberOf(day, call)} waits though somebody is free for it`);
    }
}

/** Every screen shows what its agent has in hand, without ever asking for a snapshot. */
function checkScreens(day: Day, broken: Broken): void {
  const { live, roster } = day.house.context;
  for (const { id, row } of roster.all()) {
    const mine = [...live.all()].filter((call) => call.state !== 'closed' && workerOf(call) === id);
    const is = day.house.screens.of(id).map((shown) => `${shown.id} ${shown.state}`);
    const should = mine.map((call) => `${call.id} ${call.state}`);
    if (is.join() !== should.join())
      broken.push(`${row.login}'s screen shows ${is.join() || 'nothing'}, he has ${should.join() || 'nothing'}`);
  }
}

/** Every leg on the wire belongs to a call that knows it. */
function checkLegs(day: Day, broken: Broken): void {
  const { wire, context } = day.house;
  for (const leg of wire.legs(({ state }) => state !== 'cancelling')) {
    const call = context.live.byCallId(leg.callId);
    const isKnown = call && (call.clientLeg === leg.id || call.agentLeg === leg.id || call.listeners.has(leg.id));
    if (!isKnown) broken.push(`a line of ${leg.aor || `a client (${leg.kind})`} is ${leg.state}, and no call has it`);
  }
  for (const call of context.live.all())
    for (const legId of call.listeners.keys())
      if (!wire.leg(legId)) broken.push(`${numberOf(day, call)} has a listener who is gone`);
}

interface StoredCall {
  id: string;
  direction: string;
  state: InteractionState;
  version: number;
  user_id: UserId | null;
  result: string | null;
  is_answered: boolean;
  is_ended: boolean;
  is_closed: boolean;
  /** Something of it lies in the future. */
  is_ahead: boolean;
  statuses: string[] | null;
  offers: UserId[] | null;
  states: InteractionState[] | null;
  queue_id: number | null;
}

const storedText = `
  SELECT i.id, i.direction, i.state, i.version, i.user_id, i.result, i.queue_id, i.answered_at IS NOT NULL AS is_answered,
    i.ended_at IS NOT NULL AS is_ended, i.closed_at IS NOT NULL AS is_closed,
    greatest(i.arrived_at, i.answered_at, i.ended_at, i.closed_at) > $1 AS is_ahead,
    (SELECT array_agg(t.kind || ' ' || t.status) FROM timeline_entries t WHERE t.interaction_id = i.id) AS statuses,
    (SELECT array_agg(o.user_id) FROM offers o WHERE o.interaction_id = i.id AND o.ended_at IS NULL) AS offers,
    (SELECT array_agg(j.data->>'state' ORDER BY j.seq) FROM journal j
     WHERE j.interaction_id = i.id AND j.data ? 'state') AS states
  FROM interactions i ORDER BY i.arrived_at, i.id`;

const isUnsaved = ({ unsaved, doubt, savedVersion, version }: LiveCall): boolean =>
  doubt !== null || unsaved.events.length > 0 || unsaved.offersEnded.length > 0 || savedVersion !== version;

const statusOf = ({ is_ended, is_answered, user_id, direction, result }: StoredCall): string => {
  if (!is_ended) return 'call ongoing';
  if (result === 'voicemail') return 'voicemail missed';
  // whom a lost agent gave back, and nobody took, is nobody's
  if (is_answered && user_id !== null) return 'call answered';
  return direction === 'in' ? 'call missed' : 'call failed';
};

function checkStored(day: Day, row: StoredCall, broken: Broken): void {
  const call = day.calls.find(({ id }) => id === row.id);
  const inHand = day.house.context.live.get(row.id as LiveCall['id']);
  if (call && isUnsaved(call) && day.house.seen.has(call)) return;
  const name = call ? numberOf(day, call) : `a call that nobody saw`;
  const is = `${row.state} v${row.version} user ${row.user_id}`;
  const should = inHand && `${inHand.state} v${inHand.version} user ${inHand.userId}`;
  if (should ? is !== should : row.state !== 'closed')
    broken.push(`${name} is stored as ${is}, is ${should ?? 'over'}`);
  if ((row.state === 'closed') !== row.is_closed) broken.push(`${name} is stored as ${row.state} with the wrong end`);
  if (row.is_ahead) broken.push(`${name} is stored with a time that has not come`);
  if (row.is_ended && row.result === null) broken.push(`${name} ended without a result`);
  if (row.statuses?.join() !== statusOf(row))
    broken.push(`${name} is on the timeline as ${row.statuses}, not ${statusOf(row)}`);
  const offered = inHand?.offer ? [inHand.offer.userId] : [];
  if ((row.offers ?? []).join() !== offered.join())
    broken.push(`${name} has open offers to ${row.offers}, not ${offered}`);
  checkPath(name, row.states ?? [], broken);
}

/** The journal tells a way through the table of states. */
function checkPath(name: string, states: readonly InteractionState[], broken: Broken): void {
  states.forEach((state, index) => {
    const before = states[index - 1];
    if (before === undefined || before === state) return;
    const isLegal = (Object.values(interactionTransitions[before]) as string[]).includes(state);
    if (!isLegal) broken.push(`${name} went from ${before} to ${state} in the journal: ${states.join(' ')}`);
  });
}

interface OwedClient {
  client_id: number;
  must: boolean;
  may: boolean;
  rows: number;
}

/**
 * Calls that nobody took after the end of the last talk, with some slack: a talk that broke off and was taken up by
 * nobody is none. Hidden numbers are owed nothing.
 */
const lostAfterTalk = (slack: string): string => `
  EXISTS (SELECT FROM timeline_entries t WHERE t.client_id = c.id AND t.direction = 'in' AND t.peer ~ '^[+*#0-9]'
    AND (t.status = 'missed' OR t.kind = 'voicemail') AND t.at + interval '${slack}' > coalesce((
      SELECT coalesce(i.ended_at, 'infinity') FROM timeline_entries a JOIN interactions i ON i.id = a.interaction_id
      WHERE a.client_id = c.id AND a.kind = 'call' AND i.answered_at IS NOT NULL
        AND (i.ended_at IS NULL OR i.user_id IS NOT NULL)
      ORDER BY a.at DESC, a.id DESC LIMIT 1
    ), '-infinity'))`;

/** The timeline counts talks in whole seconds: what lies closer together may be seen either way. */
const owedText = `
  SELECT c.id AS client_id, count(o.id)::int AS rows, ${lostAfterTalk('-2 s')} AS must, ${lostAfterTalk('2 s')} AS may
  FROM clients c LEFT JOIN owed o ON o.client_id = c.id AND o.closed_at IS NULL GROUP BY c.id ORDER BY c.id`;

async function checkDatabase(day: Day, broken: Broken): Promise<void> {
  const { db, house } = day;
  const rows = await db.run<StoredCall>({ name: 'day_stored', text: storedText, values: [new Date(day.clock.now())] });
  for (const row of rows) checkStored(day, row, broken);
  const known = new Set(rows.map(({ id }) => id));
  for (const call of house.context.live.all())
    if (!known.has(call.id)) broken.push(`${numberOf(day, call)} is not stored`);
  if ([...house.seen].some(isUnsaved)) return;
  const debts = await db.run<OwedClient>({ name: 'day_owed', text: owedText, values: [] });
  for (const { client_id: id, must, may, rows: open } of debts)
    if (open < Number(must) || open > Number(may))
      broken.push(`client ${id}: ${open} rows of what we owe him, ${must ? 'must' : may ? 'may' : 'must not'} be one`);
}

/** What the log must not hold: a task of a call that failed for another reason than a refused click. */
function checkLog(day: Day, broken: Broken): void {
  const clicks = ['hang-up', 'hold', 'resume', 'edit', 'finish'];
  for (const { msg, task, err } of day.house.logged.splice(0)) {
    if (err?.type === 'DatabaseAway') day.house.hasFailed = true;
    // an offer whose end is not stored yet blocks its agent: the database is right to refuse the next one
    else if (day.house.hasFailed && err?.message.includes('offers_open')) continue;
    else if (err?.type === 'AppError' && clicks.includes(task ?? '')) continue;
    else if (err) broken.push(`the log says: ${msg}${task ? `, ${task}` : ''}: ${err.stack}`);
  }
}

/** Everything that must hold whenever nothing moves. @returns sentences; none = all is well */
export async function brokenRules(day: Day): Promise<string[]> {
  const broken: Broken = day.surprises.splice(0);
  checkLog(day, broken);
  checkExits(day, broken);
  checkHands(day, broken);
  checkLines(day, broken);
  checkLegs(day, broken);
  checkScreens(day, broken);
  await checkDatabase(day, broken);
  return broken;
}

/** What must hold when everybody has gone home. */
export async function leftOver(day: Day): Promise<string[]> {
  const broken = await brokenRules(day);
  const { context, callClock, wire } = day.house;
  for (const call of context.live.all()) broken.push(`${numberOf(day, call)} is still in hand`);
  if (callClock.pending() > 0) broken.push(`${callClock.pending()} timers of calls still run`);
  for (const leg of wire.legs()) broken.push(`a line of ${leg.aor || leg.kind} is still ${leg.state}`);
  return broken;
}
