import type { LegEvent } from '../../../channels/channel.ts';
import { holdCall, resumeCall } from '../../../server/calls/actions.ts';
import type { LiveCall } from '../../../server/calls/live-call.ts';
import { cancelOutgoing, startOutgoing } from '../../../server/calls/outgoing.ts';
import { closeLeftCalls } from '../../../server/calls/recovery.ts';
import type { LegId } from '../../../server/kernel/ids.ts';
import type { TestDatabase } from '../../support/database.ts';
import type { openHouse } from '../../support/house.ts';

type House = Awaited<ReturnType<typeof openHouse>>;
type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

/** Steps of a random day at the wire. Which call, and what exactly, the numbers choose among what is possible then. */
export interface Step {
  readonly kind: 'arrive' | 'dial' | 'act' | 'wait';
  readonly which: number;
  readonly choice: number;
  readonly ms: number;
}

/** What the rows of a call do not say, written down as it happened. */
export interface Notes {
  /** Calls that were put to a voice message: how long they had been in their queue; null = not in it (any more). */
  readonly diverted: Map<string, number | null>;
  /** Calls that came back to their queue: who had talked, and when that was over. */
  readonly returned: { id: string; userId: number; at: number }[];
  readonly rescued: { id: string }[];
  /** Calls that were in hand when the house fell, and those of them whose talk was over then. */
  readonly crashed: Set<string>;
  readonly wrappingUp: Set<string>;
}

const over = { status: 200, text: '' } as const;

/** Lets the step's work be done: everything in the line of every call. */
async function settle(calls: readonly LiveCall[]): Promise<void> {
  for (let tasks: Promise<void>[] = []; ; ) {
    const now = calls.map((call) => call.tasks);
    if (now.length === tasks.length && now.every((task, index) => task === tasks[index])) return;
    tasks = now;
    await Promise.all(now);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Journal rows are dated by the house's clock from here on, as those of a database with a right clock are. */
export async function runDatabaseClock(db: TestDatabase): Promise<(now: number) => Promise<void>> {
  for (const text of [
    'CREATE TABLE test_clock (now timestamptz NOT NULL)',
    'INSERT INTO test_clock VALUES (now())',
    `CREATE FUNCTION test_date() RETURNS trigger LANGUAGE plpgsql AS
       'BEGIN NEW.at := (SELECT now FROM test_clock); RETURN NEW; END'`,
    'CREATE TRIGGER test_date BEFORE INSERT ON journal FOR EACH ROW EXECUTE FUNCTION test_date()',
  ])
    await db.run({ name: text.slice(0, 30), text, values: [] });
  return async (now) => {
    await db.run({ name: 'test_clock', text: 'UPDATE test_clock SET now = $1', values: [new Date(now)] });
  };
}

export interface Place {
  readonly house: House;
  readonly db: TestDatabase;
  readonly setDatabaseClock: (now: number) => Promise<void>;
  /** From here on the queue is closed. */
  readonly closedFrom: number;
}

/** Walks through the steps at a house; crash at the end, if wanted. */
export async function walk(
  { house, db, setDatabaseClock, closedFrom }: Place,
  steps: readonly Step[],
  crashes: boolean,
): Promise<Notes> {
  const { clock, context, calls: room } = house;
  const calls: LiveCall[] = [];
  const notes: Notes = {
    diverted: new Map(),
    returned: [],
    rescued: [],
    crashed: new Set(),
    wrappingUp: new Set(),
  };

  function tell(call: LiveCall, legId: LegId | null, event: DistributiveOmit<LegEvent, 'legId'>): void {
    if (legId !== null) house.voice.onLeg?.(call.callId, { ...event, legId } as LegEvent);
  }
  const clientGone = (call: LiveCall): void =>
    tell(call, call.clientLeg, { type: 'ended', reason: 'hung_up', ...over });
  const agentEnds = (call: LiveCall, reason: 'rejected' | 'hung_up' | 'media_lost' | 'no_answer'): void =>
    tell(call, call.agentLeg, { type: 'ended', reason, ...over });
  const agentAnswers = (call: LiveCall): void => tell(call, call.agentLeg, { type: 'answered' });

  const actions: Readonly<Record<LiveCall['state'], readonly ((call: LiveCall) => unknown)[]>> = {
    queued: [
      clientGone,
      (call) => tell(call, call.clientLeg, { type: 'dtmf', digit: '1' }),
      (call) => tell(call, call.clientLeg, { type: 'dtmf', digit: '2' }),
      (call) => tell(call, call.clientLeg, { type: 'sound-ended' }),
    ],
    offered: [
      agentAnswers,
      agentAnswers,
      agentAnswers,
      (call) => agentEnds(call, 'rejected'),
      (call) => agentEnds(call, 'no_answer'),
      clientGone,
      (call) => call.offer && room.offerSeen(call.offer.userId, call.offer.id),
    ],
    voicemail: [
      (call) => tell(call, call.clientLeg, { type: 'sound-ended' }),
      (call) => tell(call, call.clientLeg, { type: 'dtmf', digit: '#' }),
      clientGone,
    ],
    dialing: [
      (call) => (call.clientLeg === null ? agentAnswers(call) : tell(call, call.clientLeg, { type: 'answered' })),
      (call) => (call.clientLeg === null ? agentAnswers(call) : tell(call, call.clientLeg, { type: 'answered' })),
      (call) => tell(call, call.clientLeg, { type: 'ended', reason: 'busy', status: 486, text: '' }),
      (call) => cancelOutgoing(context, call),
    ],
    active: [
      clientGone,
      (call) => agentEnds(call, 'hung_up'),
      (call) => agentEnds(call, 'media_lost'),
      (call) => holdCall(context, call),
    ],
    held: [(call) => resumeCall(context, call), clientGone, (call) => agentEnds(call, 'media_lost')],
    reconnecting: [agentAnswers, clientGone],
    wrap_up: [],
    closed: [(call) => tell(call, call.clientLeg, { type: 'sound-ended' })],
  };

  async function take({ kind, which, choice, ms }: Step): Promise<void> {
    if (kind === 'arrive') {
      const arrival = house.arrival(`+7916000${String(calls.length).padStart(4, '0')}`);
      await room.receive(arrival);
      const call = context.live.byCallId(arrival.callId);
      if (call) calls.push(call);
      return;
    }
    if (kind === 'dial') {
      const userId = which % 2 === 0 ? house.anna : house.boris;
      // refused while he has other work: nothing happens then
      const call = await startOutgoing(context, { userId, number: '+79991112233' }).catch(() => null);
      if (call) calls.push(call);
      return;
    }
    if (kind === 'wait') {
      clock.advance(ms);
      await setDatabaseClock(clock.now());
      return;
    }
    const live = [...context.live.all()];
    const call = live[which % Math.max(1, live.length)];
    const possible = call ? actions[call.state] : [];
    house.phones.recorded(choice % 2 === 0 ? 4_000 : 400);
    if (call) await possible[choice % Math.max(1, possible.length)]?.(call);
  }

  await setDatabaseClock(clock.now());
  for (const step of steps) {
    house.phones.phoneKind = step.choice % 3 === 0 ? 'browser' : 'desk';
    const before = calls.map((call) => ({ call, state: call.state, userId: call.userId }));
    await take(step);
    await settle(calls);
    for (const { call, state, userId } of before) {
      if (state === 'reconnecting' && call.state === 'active') notes.rescued.push({ id: call.id });
      if (state === 'reconnecting' && ['queued', 'offered'].includes(call.state) && userId !== null)
        notes.returned.push({ id: call.id, userId, at: clock.now() });
    }
    for (const call of calls)
      if (call.state === 'voicemail' && !notes.diverted.has(call.id)) {
        const wasInQueue = call.answeredAt === null && call.arrivedAt < closedFrom;
        notes.diverted.set(call.id, wasInQueue ? clock.now() - call.arrivedAt : null);
      }
  }
  if (crashes) {
    for (const call of calls) {
      if (call.state !== 'closed') notes.crashed.add(call.id);
      if (call.state === 'wrap_up' && call.answeredAt !== null) notes.wrappingUp.add(call.id);
    }
    await closeLeftCalls(db, context.journal, clock.now());
  }
  return notes;
}
