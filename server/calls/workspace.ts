import type { SignedInUser } from '../access/route.ts';
import { formatPhone } from '../clients/phone-number.ts';
import type { Me, OwedClient, Workspace } from '../contract/schemas.ts';
import type { UserId } from '../kernel/ids.ts';
import { startOfDay } from '../routing/work-schedule.ts';
import type { CallsContext } from './context.ts';
import { callsSince } from './history.ts';
import { readPop } from './pop.ts';
import { isMine } from './rights.ts';
import type { TestCallResult } from './test-call.ts';
import { interactionView } from './views.ts';

/** What the snapshot needs beyond the calls' own context. */
export interface WorkspaceSources {
  me(user: SignedInUser): Promise<Me>;
  seq(userId: UserId): number;
  owed(userId: UserId): Promise<OwedClient[]>;
  /** Waiting for him, by time left. */
  conversations(userId: UserId): Promise<Workspace['conversations']>;
  testCall(user: SignedInUser): Promise<TestCallResult>;
}

/** Everything an agent's browser needs when it connects. */
export async function workspaceOf(
  context: CallsContext,
  sources: WorkspaceSources,
  user: SignedInUser,
): Promise<Workspace> {
  const { live, setup, clock, presence, roster, db } = context;
  // The sequence number comes first: a push during the reading is applied again, never lost.
  const seq = sources.seq(user.id);
  const mine = [...live.all()].filter((call) => isMine(call, user.id));
  const timeZone = setup.schedules.get(user.id)?.timeZone ?? 'UTC';
  const [me, owed, conversations, callsToday, pops] = await Promise.all([
    sources.me(user),
    sources.owed(user.id),
    sources.conversations(user.id),
    callsSince(db, user.id, new Date(startOfDay(timeZone, clock.now()))),
    Promise.all(mine.map((call) => readPop(context, call))),
  ]);
  return {
    seq,
    serverTime: new Date(clock.now()).toISOString(),
    me,
    presence: presence.view(user.id),
    interactions: mine.map((call) => interactionView(context, call)),
    pops,
    owed,
    conversations,
    counters: { callsToday, missedClients: owed.length },
    lines: setup.lines.map(({ id, name, number }) => ({ id, name, number, display: formatPhone(number) })),
    dispositions: setup.dispositions.map(({ id, hotkey, nameRu, nameEn }) => ({ id, hotkey, nameRu, nameEn })),
    users: [...roster.all()].map((agent) => ({ id: agent.id, name: agent.row.name })),
  };
}
