import { and, asc, eq, isNull } from 'drizzle-orm';
import type { Executor } from '../../db/client.ts';
import { users } from '../../db/schema/index.ts';
import type { ChannelHealthView } from '../contract/messages-schemas.ts';
import type { MessageChannelName } from '../contract/messages-words.ts';
import type { Checklist } from '../contract/setup-schemas.ts';
import type { ChecklistState } from '../contract/setup-words.ts';
import type { QueueRow, RoutingSetup, TrunkRow } from '../routing/store.ts';
import type { Fact, Facts } from './facts.ts';
import { limits } from './limits.ts';
import { coverageOf, shiftsOfAll } from './shifts.ts';

const weekMs = 7 * 24 * 60 * 60_000;

const named = ({ id, name }: { id: number; name: string }) => ({ id, name });
const stateOf = (isMissing: boolean, hasHoles: boolean): ChecklistState =>
  isMissing ? 'open' : hasHoles ? 'warning' : 'done';
/** Queues that callers can reach. */
const withLines = (setup: RoutingSetup): QueueRow[] =>
  setup.queues.filter((queue) => setup.lines.some((line) => line.queueId === queue.id));

function peopleOf(setup: RoutingSetup): Checklist['people'] {
  const placed = new Set([...setup.members.values()].flat());
  const onQueues = setup.agents.filter(({ id }) => placed.has(id));
  const withoutQueue = setup.agents.filter(({ id, role }) => role === 'agent' && !placed.has(id));
  const withoutSchedule = onQueues.filter(({ id }) => !setup.schedules.has(id));
  const present = new Set(setup.agents.map(({ id }) => id));
  const empty = withLines(setup).filter(({ id }) => !(setup.members.get(id) ?? []).some((user) => present.has(user)));
  return {
    state: stateOf(onQueues.length === 0, withoutQueue.length + withoutSchedule.length + empty.length > 0),
    agents: setup.agents.filter(({ role }) => role === 'agent').length,
    onQueues: onQueues.length,
    withoutQueue: withoutQueue.map(named),
    withoutSchedule: withoutSchedule.map(named),
    queuesWithoutMembers: empty.map(named),
  };
}

function coverageItem(setup: RoutingSetup, now: number): Checklist['coverage'] {
  const span = { from: now, to: now + weekMs };
  const shifts = shiftsOfAll(setup, span);
  const placed = new Set([...setup.members.values()].flat());
  const works = setup.agents.filter(({ id }) => placed.has(id) && (shifts.get(id) ?? []).length > 0);
  const holes = withLines(setup).flatMap((queue) =>
    coverageOf(setup, queue, span, (id) => shifts.get(id) ?? []).holes.map((hole) => ({ queue, hole })),
  );
  holes.sort((a, b) => a.hole.startsAt - b.hole.startsAt);
  return {
    state: stateOf(works.length === 0, holes.length > 0),
    onShiftNow: works.filter(({ id }) => shifts.get(id)?.[0]?.startsAt === now).map(named),
    holes: holes.slice(0, limits.holesShown).map(({ queue, hole }) => ({
      queue: named(queue),
      startsAt: new Date(hole.startsAt).toISOString(),
      endsAt: new Date(hole.endsAt).toISOString(),
    })),
  };
}

/** Calls come in from its addresses; its login is for calls out (we do not register at carriers). */
const isReady = ({ addresses }: TrunkRow): boolean => addresses.length > 0;

function linesItem({ lines, trunks }: RoutingSetup): Checklist['lines'] {
  const used = trunks.filter((trunk) => lines.some((line) => line.trunkId === trunk.id));
  const trunksNotReady = used.filter((trunk) => !isReady(trunk)).map(named);
  return {
    state: stateOf(lines.length === 0 || trunksNotReady.length === used.length, trunksNotReady.length > 0),
    lines: lines.length,
    trunksNotReady,
  };
}

function greetingItem(setup: RoutingSetup): Checklist['greeting'] {
  const reached = withLines(setup);
  const queuesWithout = reached.filter((queue) => queue.greetingSoundId === null).map(named);
  return { state: stateOf(queuesWithout.length === reached.length, queuesWithout.length > 0), queuesWithout };
}

async function adminPasswordItem({ orm }: Executor): Promise<Checklist['adminPassword']> {
  const admins = await orm
    .select({ id: users.id, name: users.name, passwordSetAt: users.passwordSetAt })
    .from(users)
    .where(and(eq(users.role, 'admin'), isNull(users.disabledAt)))
    .orderBy(asc(users.id));
  const withFirstPassword = admins.filter((user) => user.passwordSetAt === null).map(named);
  return { state: stateOf(withFirstPassword.length > 0, false), admins: admins.length, withFirstPassword };
}

function accountsItem(health: readonly ChannelHealthView[], channel: MessageChannelName): Checklist['mailbox'] {
  const on = health.filter((account) => account.channel === channel && account.state !== 'off');
  return {
    state: stateOf(on.length === 0, !on.some(({ state }) => state === 'up')),
    accounts: on.map(({ accountId, name }) => ({ id: accountId, name })),
  };
}

const onceDone = (fact: Fact | undefined): ChecklistState => (fact ? 'done' : 'open');

interface ChecklistSources {
  readonly setup: RoutingSetup;
  readonly facts: Facts;
  /** Of the accounts of messages. */
  readonly health: readonly ChannelHealthView[];
  readonly now: number;
}

/** What is still missing before the first call, from the setting as it is now. */
export async function checklistOf(db: Executor, { setup, facts, health, now }: ChecklistSources): Promise<Checklist> {
  const known = await facts.read();
  const phone = known.get('browser_phone');
  const call = known.get('test_call');
  return {
    adminPassword: await adminPasswordItem(db),
    people: peopleOf(setup),
    coverage: coverageItem(setup, now),
    lines: linesItem(setup),
    browserPhone: { state: onceDone(phone), firstAt: phone?.at ?? null, user: phone?.user ?? null },
    greeting: greetingItem(setup),
    mailbox: accountsItem(health, 'email'),
    sms: accountsItem(health, 'sms'),
    testCall: { state: onceDone(call), passedAt: call?.at ?? null, user: call?.user ?? null },
  };
}
