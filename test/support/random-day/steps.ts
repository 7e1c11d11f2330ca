import { eq } from 'drizzle-orm';
import type { CallArrived, LegEndReason } from '../../../channels/channel.ts';
import { queueAgents, queues, users } from '../../../db/schema/index.ts';
import type { SignedInUser } from '../../../server/access/route.ts';
import type { LiveCall } from '../../../server/calls/live-call.ts';
import type { OperationKey } from '../../../server/contract/api.ts';
import { type CallId, type LegId, newId } from '../../../server/kernel/ids.ts';
import { callers, everyDay, lineNumbers, type QueueRules } from './company.ts';
import type { Day } from './day.ts';
import type { WireLeg } from './wire.ts';

/** What may happen; `n` and `m` choose to whom and how. */
type Act = (day: Day, n: number, m: number) => Promise<string | null> | string | null;

const pick = <T>(items: readonly T[], n: number): T | undefined => items[n % items.length];
const some = <const T>(items: readonly [T, ...T[]], n: number): T => items[n % items.length] ?? items[0];

const live = (day: Day): LiveCall[] => [...day.house.context.live.all()];
const name = (day: Day, call: LiveCall | undefined): string =>
  call ? `call ${day.calls.indexOf(call) + 1}` : 'no call';
const callOfLeg = (day: Day, leg: WireLeg): string => name(day, day.house.context.live.byCallId(leg.callId));
function hangUpOf(day: Day, call: LiveCall): void {
  const leg = day.house.wire.leg(call.clientLeg);
  if (leg) day.house.wire.end(leg, 'hung_up');
}

const people = ({ company }: Day): SignedInUser[] => [...company.agents, company.olga];

function arrival(day: Day, n: number, m: number): CallArrived {
  return {
    channel: 'voice',
    type: 'call.arrived',
    sourceId: newId(),
    at: day.clock.now(),
    callId: newId<CallId>(),
    legId: newId<LegId>(),
    trunkId: day.company.trunkId,
    from: { raw: some(callers, n), displayName: '' },
    to: { raw: [some(lineNumbers, m)] },
    facts: {},
  };
}

/** As the voice channel does: what is not taken is refused on the wire. */
function receive(day: Day, event: CallArrived): void {
  const { house } = day;
  house.wire.arrive(event.callId, event.legId);
  const refuse = () => house.wire.voice.release(event.callId);
  const received = house.calls.receive(event).then(
    ({ accepted }) => {
      if (!accepted) refuse();
    },
    (error: unknown) => {
      refuse();
      throw error;
    },
  );
  day.begin('a call arrives', received);
}

/** Somebody's click on a call in hand; whose it is not may be refused. */
function click(day: Day, who: SignedInUser, call: LiveCall, key: OperationKey, body: object = {}): string {
  day.begin(key, day.house.ask(key, who, { params: { id: call.id }, body }));
  return `${who.login}: ${key} of ${name(day, call)} (${call.state})`;
}

/** His user, for a call that somebody has in his hands. */
const holder = (day: Day, call: LiveCall): SignedInUser | undefined =>
  day.company.agents.find(({ id }) => id === (call.offer?.userId ?? call.userId));

function clickOwn(key: OperationKey, states: readonly LiveCall['state'][], body: object = {}): Act {
  return (day, n) => {
    const call = pick(
      live(day).filter(({ state }) => states.includes(state)),
      n,
    );
    const who = call && holder(day, call);
    return call && who ? click(day, who, call, key, body) : null;
  };
}

const agentEnds: readonly [LegEndReason, ...LegEndReason[]] = ['hung_up', 'media_lost', 'unreachable', 'failed'];
const refusals: readonly [LegEndReason, ...LegEndReason[]] = ['rejected', 'busy', 'no_answer', 'failed', 'cancelled'];
const waits = [100, 700, 1_500, 5_000, 8_000, 15_000, 20_000, 30_000, 60_000, 600_000] as const;

/** The setting is changed by hand, and followed. */
async function change(day: Day, what: string, work: () => Promise<unknown>): Promise<string> {
  await work();
  day.begin(what, day.house.applySetting());
  return what;
}

const queueChanges: readonly [QueueRules, ...QueueRules[]] = [
  { ringSeconds: 5 },
  { ringSeconds: 30, responsibleSeconds: 0 },
  { maxWaitSeconds: 10, afterMaxWait: 'hang_up' },
  { maxWaitSeconds: null },
  { hours: { timeZone: 'UTC', weekly: {}, exceptions: [] } },
  { hours: { timeZone: 'UTC', weekly: everyDay('08:00', '12:00'), exceptions: [] }, outOfHours: 'callback' },
  { hours: null },
  { wrapUpSeconds: 0, wrapUpMode: 'mandatory_timeboxed' },
];

/** Everything that happens on random days, by what it is called in their scripts. */
export const acts = {
  'a caller arrives': (day, n, m) => {
    receive(day, arrival(day, n, m));
    return `a caller arrives: ${some(callers, n)} on line ${(m % lineNumbers.length) + 1}`;
  },
  'the same caller twice': (day, n, m) => {
    for (const line of [m, m + 1]) receive(day, arrival(day, n, line));
    return `${some(callers, n)} calls both lines at once`;
  },
  'an arrival is repeated': (day, n, m) => {
    const event = arrival(day, n, m);
    receive(day, event);
    receive(day, { ...event, callId: newId<CallId>(), legId: newId<LegId>() });
    return `an INVITE of ${some(callers, n)} comes twice`;
  },
  'time passes': async (day, n) => {
    const ms = some(waits, n);
    await day.pass(ms);
    return `${ms / 1000} s pass`;
  },
  'time is lost': (day, n) => {
    // the process slept: everything falls due at once
    const ms = some(waits, n);
    day.clock.advance(ms);
    return `the process sleeps for ${ms / 1000} s`;
  },
  'hours pass': async (day, n) => {
    const hours = 1 + (n % 12);
    for (const call of live(day)) if (call.state === 'queued' || call.state === 'offered') hangUpOf(day, call);
    await day.pass(hours * 3_600_000);
    return `whoever waits hangs up, and ${hours} h pass: ${new Date(day.clock.now()).toISOString()}`;
  },
  'a phone is picked up': (day, n) => {
    const leg = pick(
      day.house.wire.legs(({ kind, state }) => kind === 'agent' && state === 'ringing'),
      n,
    );
    if (!leg) return null;
    const line = `${leg.aor} picks up, ${callOfLeg(day, leg)}`;
    day.house.wire.answer(leg);
    return line;
  },
  'a phone refuses': (day, n, m) => {
    const leg = pick(
      day.house.wire.legs(({ kind, state }) => kind === 'agent' && state === 'ringing'),
      n,
    );
    if (!leg) return null;
    const reason = some(refusals, m);
    const line = `${leg.aor}'s phone: ${reason}, ${callOfLeg(day, leg)}`;
    day.house.wire.end(leg, reason);
    return line;
  },
  'a ring is proved': (day, n) => {
    const call = pick(
      live(day).filter(({ offer }) => offer),
      n,
    );
    if (!call?.offer) return null;
    day.house.calls.offerSeen(call.offer.userId, call.offer.id);
    return `the screen shows ${name(day, call)}`;
  },
  'an agent declines': clickOwn('POST /api/v1/interactions/:id/decline', ['offered']),
  'a client hangs up': (day, n, m) => {
    const leg = pick(
      day.house.wire.legs(({ kind }) => kind !== 'agent'),
      n,
    );
    if (!leg) return null;
    const reason = some(['hung_up', 'hung_up', 'media_lost', 'cancelled'], m);
    const line = `the client of ${callOfLeg(day, leg)} is gone: ${reason}`;
    day.house.wire.end(leg, reason);
    return line;
  },
  'a caller hangs up at once': (day, n, m) => {
    const event = arrival(day, n, m);
    receive(day, event);
    const leg = day.house.wire.leg(event.legId);
    if (leg) day.house.wire.end(leg, 'cancelled');
    return `${some(callers, n)} calls and hangs up at once`;
  },
  "an agent's line ends": (day, n, m) => {
    const leg = pick(
      day.house.wire.legs(({ kind, state }) => kind === 'agent' && state === 'up'),
      n,
    );
    if (!leg) return null;
    const reason = some(agentEnds, m);
    const line = `the line of ${leg.aor} ends: ${reason}, ${callOfLeg(day, leg)}`;
    day.house.wire.end(leg, reason);
    return line;
  },
  'hang up by click': clickOwn('POST /api/v1/interactions/:id/hang-up', [
    'offered',
    'dialing',
    'active',
    'held',
    'reconnecting',
  ]),
  'a supervisor ends it': (day, n) => {
    const call = pick(live(day), n);
    return call ? click(day, day.company.olga, call, 'POST /api/v1/interactions/:id/hang-up') : null;
  },
  hold: clickOwn('POST /api/v1/interactions/:id/hold', ['active', 'held']),
  resume: clickOwn('POST /api/v1/interactions/:id/resume', ['held', 'active']),
  'a key is pressed': (day, n, m) => {
    const leg = pick(
      day.house.wire.legs(({ kind, state }) => kind !== 'agent' && state === 'up'),
      n,
    );
    if (!leg) return null;
    const digit = some(['1', '2', '*', '#'], m);
    day.house.wire.tell(leg.callId, { type: 'dtmf', legId: leg.id, digit });
    return `the client of ${callOfLeg(day, leg)} presses ${digit}`;
  },
  'a sound ends': (day, n) => {
    const leg = pick(
      day.house.wire.legs(({ isToldSomething }) => isToldSomething),
      n,
    );
    if (!leg) return null;
    leg.isToldSomething = false;
    const line = `what the client of ${callOfLeg(day, leg)} is told ends`;
    day.house.wire.tell(leg.callId, { type: 'sound-ended', legId: leg.id });
    return line;
  },
  'a message ends': (day, n, m) => {
    const leg = pick(
      day.house.wire.legs(
        ({ callId, kind }) => kind === 'caller' && day.house.wire.recording(callId)?.bounds.maxMs !== undefined,
      ),
      n,
    );
    if (!leg) return null;
    const type = some(['silence', 'recording-full'], m);
    const line = `the message of ${callOfLeg(day, leg)} ends: ${type}`;
    day.house.wire.tell(leg.callId, { type, legId: leg.id });
    return line;
  },
  'a phone goes': (day, n, m) => {
    const { wire } = day.house;
    const who = pick(
      people(day).filter(({ login }) => wire.phones.has(login)),
      n,
    );
    if (!who) return null;
    wire.phones.delete(who.login);
    // a lost socket leaves the sound as it is, a reload does not
    const isReload = m % 2 === 0;
    for (const leg of wire.legs(({ aor }) => aor === who.login)) leg.isSending = !isReload;
    wire.voice.onRegistration?.(who.login, false);
    return `${who.login}'s phone is gone${isReload ? ', with its sound' : ''}`;
  },
  'a phone comes': (day, n, m) => {
    const { wire } = day.house;
    const who = pick(
      people(day).filter(({ login }) => !wire.phones.has(login)),
      n,
    );
    if (!who) return null;
    wire.phones.set(who.login, some(['browser', 'desk'], m));
    wire.voice.onRegistration?.(who.login, true);
    return `${who.login}'s phone is there`;
  },
  'an agent takes a break': (day, n) => presence(day, n, 'not_ready', null),
  'an agent is ready': (day, n) => presence(day, n, 'available', null),
  'a supervisor sets a status': (day, n, m) => presence(day, n, some(['available', 'not_ready'], m), day.company.olga),
  'a wrap-up is finished': clickOwn('POST /api/v1/interactions/:id/finish', ['wrap_up'], { note: 'done' }),
  'a wrap-up is finished twice': (day, n, m) => {
    const finish = clickOwn('POST /api/v1/interactions/:id/finish', ['wrap_up'], { notReady: 'lunch' });
    void finish(day, n, m);
    return finish(day, n, m);
  },
  'a call is edited': (day, n, m) => {
    const call = pick(live(day), n);
    const body: object = some<object>(
      [{ note: 'red ones' }, { dispositionId: 1 }, { clientId: 3 }, { clientId: 99 }, { dispositionId: 9 }],
      m,
    );
    return call
      ? `${click(day, day.company.olga, call, 'PATCH /api/v1/interactions/:id', body)} ${JSON.stringify(body)}`
      : null;
  },
  'an agent calls out': (day, n, m) => {
    const who = some(day.company.agents as [SignedInUser], n);
    const number = some(['+79160000001', '+79160000003', '+79160000009', 'nonsense'], m);
    day.begin('calls out', day.house.ask('POST /api/v1/calls', who, { body: { number } }));
    return `${who.login} calls ${number}`;
  },
  'a client picks up': (day, n) => {
    const leg = dialled(day, n);
    if (!leg) return null;
    day.house.wire.answer(leg);
    return `the client of ${callOfLeg(day, leg)} picks up`;
  },
  'a client rings': (day, n, m) => {
    const leg = dialled(day, n);
    if (!leg) return null;
    day.house.wire.tell(leg.callId, { type: 'ringing', legId: leg.id, earlyMedia: m % 2 === 0 });
    return `the client of ${callOfLeg(day, leg)} rings`;
  },
  'a client is not reached': (day, n, m) => {
    const leg = dialled(day, n);
    if (!leg) return null;
    const reason = some(['busy', 'no_answer', 'rejected', 'invalid_number', 'congestion', 'unreachable'], m);
    const line = `the client of ${callOfLeg(day, leg)}: ${reason}`;
    day.house.wire.end(leg, reason);
    return line;
  },
  'a supervisor listens': (day, n) => {
    const call = pick(live(day), n);
    return call ? click(day, day.company.olga, call, 'POST /api/v1/interactions/:id/listen') : null;
  },
  'a supervisor leaves': (day, n) => {
    const call = pick(live(day), n);
    return call ? click(day, day.company.olga, call, 'POST /api/v1/interactions/:id/leave') : null;
  },
  'a queue is changed': (day, n, m) => {
    const id = (n % 2) + 1;
    const rules = some(queueChanges, m);
    return change(day, `queue ${id} is changed: ${JSON.stringify(rules)}`, () =>
      day.db.orm
        .update(queues)
        .set(rules)
        .where(eq(queues.id, id as never)),
    );
  },
  'a queue has other members': (day, n, m) => {
    const queueId = ((n % 2) + 1) as never;
    const kept = day.company.agents.filter((_, index) => ((m + 1) >> index) % 2 === 1);
    return change(day, `queue ${queueId} is of ${kept.map(({ login }) => login).join(', ') || 'nobody'}`, async () => {
      await day.db.orm.delete(queueAgents).where(eq(queueAgents.queueId, queueId));
      for (const [position, { id }] of kept.entries())
        await day.db.orm.insert(queueAgents).values({ queueId, userId: id, position });
    });
  },
  'somebody is disabled': (day, n, m) => {
    const who = some(day.company.agents as [SignedInUser], n);
    const disabledAt = m % 2 === 0 ? new Date(day.clock.now()) : null;
    return change(day, `${who.login} is ${disabledAt ? 'disabled' : 'enabled'}`, () =>
      day.db.orm.update(users).set({ disabledAt }).where(eq(users.id, who.id)),
    );
  },
  'the database fails': (day, n) => {
    const count = 1 + (n % 3);
    day.house.gate.failNext(count, 'before');
    return `the next ${count} statements of calls fail`;
  },
  'an answer is lost': (day) => {
    day.house.gate.failNext(1, 'after');
    return 'the next statement of a call is carried out, and its answer is lost';
  },
  'the wire repeats itself': (day, n) => {
    const event = day.house.wire.repeat(n);
    return event && `the wire says again: ${event.type}`;
  },
  'the far ends confirm': (day) => {
    day.house.wire.confirmCancels();
    return 'cancelled rings are confirmed';
  },
  'the server is stopped': async (day) => {
    await day.restart('close');
    return 'the server is stopped in order and started again';
  },
  'the server is killed': async (day) => {
    await day.restart('kill');
    return 'the server is killed and started again';
  },
} as const satisfies Record<string, Act>;

export type ActName = keyof typeof acts;

const dialled = (day: Day, n: number): WireLeg | undefined =>
  pick(
    day.house.wire.legs(({ kind, state }) => kind === 'dialled' && state === 'ringing'),
    n,
  );

function presence(day: Day, n: number, status: 'available' | 'not_ready', by: SignedInUser | null): string {
  const who = some(day.company.agents as [SignedInUser], n);
  const body = { status, reason: 'break' };
  const work = by
    ? day.house.ask('PUT /api/v1/agents/:id/presence', by, { params: { id: who.id }, body })
    : day.house.ask('PUT /api/v1/presence', who, { body });
  day.begin('presence', work);
  return `${by ? 'olga sets' : ''} ${who.login}: ${status}`;
}
