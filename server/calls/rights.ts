import { reachIn } from '../access/index.ts';
import { type SignedInUser, seesAll } from '../access/route.ts';
import { canSee } from '../clients/client.ts';
import { AppError } from '../kernel/errors.ts';
import type { InteractionId, UserId } from '../kernel/ids.ts';
import type { CallsContext } from './context.ts';
import type { CallClient, LiveCall } from './live-call.ts';

/** Whether the call is in this user's hands now, ringing or further. */
export const isMine = (call: LiveCall, userId: UserId): boolean =>
  call.userId === userId || call.offer?.userId === userId;

type Teams = Pick<CallsContext, 'teams'>;

/**
 * Whether a supervisor may listen to this agent, end his calls and set his status: he is of his teams, or the supervisor
 * sees the whole house.
 */
export function steers({ teams }: Teams, user: SignedInUser, agentId: UserId): boolean {
  if (user.role === 'agent') return false;
  return seesAll(user) || reachIn(teams, user)(agentId);
}

/** @throws AppError `forbidden` */
export function requireSteering(context: Teams, user: SignedInUser, agentId: UserId): void {
  if (!steers(context, user, agentId)) throw new AppError('forbidden', 'this agent is not in a team of yours');
}

/** A call that nobody has yet is any supervisor's. */
function mayAct(context: Teams, call: LiveCall, user: SignedInUser): boolean {
  const agentId = call.userId ?? call.offer?.userId ?? null;
  return agentId === null ? user.role !== 'agent' : steers(context, user, agentId);
}

function inHand({ live }: Pick<CallsContext, 'live'>, id: string): LiveCall {
  const call = live.get(id as InteractionId);
  if (!call) throw new AppError('not_found', 'this contact is over');
  return call;
}

/**
 * A call in hand that this user may act on: his own, or one of an agent whom he steers.
 * @throws AppError `not_found` when it is over (or never was), `forbidden` when it is somebody else's
 */
export function callFor(context: CallsContext, id: string, user: SignedInUser): LiveCall {
  const call = inHand(context, id);
  if (!isMine(call, user.id) && !mayAct(context, call, user))
    throw new AppError('forbidden', 'this contact is not yours');
  return call;
}

/**
 * A call in hand that this user may look at: one that he may act on, or one with a client whose card he sees.
 * @throws AppError `not_found` when it is over (or never was), or not for him
 */
export async function callToRead(context: CallsContext, id: string, user: SignedInUser): Promise<LiveCall> {
  const call = inHand(context, id);
  if (!isMine(call, user.id) && !mayAct(context, call, user))
    await context.clients.requireVisible(call.client.id, user);
  return call;
}

/** Whether a list may name this client to this user: by what is in memory, without the question whom he works with. */
export function mayName({ teams }: Teams, { id, responsibleId }: CallClient, user: SignedInUser): boolean {
  const responsible = responsibleId === null ? null : { id: responsibleId, name: '' };
  return canSee(user, { id, responsible }, { mates: teams.mates(user.id), works: new Set() });
}
