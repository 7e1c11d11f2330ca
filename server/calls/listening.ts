import type { LegEvent } from '../../channels/channel.ts';
import type { SignedInUser } from '../access/route.ts';
import { AppError } from '../kernel/errors.ts';
import { type InteractionId, type LegId, newId } from '../kernel/ids.ts';
import { type CallsContext, journalEvent } from './context.ts';
import type { LiveCall } from './live-call.ts';
import { requireSteering } from './rights.ts';

/**
 * A supervisor hears a call; client and agent notice nothing. Who listened to what is in the journal.
 * @throws AppError `not_found`, `forbidden` for an agent whom he does not steer, `conflict` for his own, `no_phone`
 */
export async function listen(context: CallsContext, id: InteractionId, user: SignedInUser): Promise<void> {
  const { live, voice, db, journal } = context;
  const call = live.get(id);
  if (!call || (call.state !== 'active' && call.state !== 'held'))
    throw new AppError('not_found', 'nobody talks there now');
  if (call.userId !== null) requireSteering(context, user, call.userId);
  if (call.userId === user.id) throw new AppError('conflict', 'this is your own call');
  if (voice.phoneKind(user.login) === null) throw new AppError('no_phone', 'no phone of yours is registered');
  if ([...call.listeners.values()].includes(user.id)) return;
  const legId = newId<LegId>();
  call.listeners.set(legId, user.id);
  const event = journalEvent(call, { type: 'interaction.listened', userId: user.id });
  journal.published(await journal.append(db, [event]));
  voice.ringAgent({
    callId: call.callId,
    legId,
    aor: user.login,
    caller: { displayName: call.client.name || call.peer.display, number: call.peer.number },
    headers: { 'X-Switchroom-Interaction': call.id, 'X-Switchroom-Answer': 'auto', 'X-Switchroom-Role': 'listener' },
  });
}

export function stopListening({ live, voice }: CallsContext, id: InteractionId, user: SignedInUser): void {
  const call = live.get(id);
  for (const [legId, userId] of call?.listeners ?? [])
    if (call && userId === user.id) voice.hangUp(call.callId, legId, 'hung_up');
}

/** The listener's phone answered, or he has left. */
export async function listenerEvent({ voice }: CallsContext, call: LiveCall, event: LegEvent): Promise<void> {
  if (event.type === 'ended') call.listeners.delete(event.legId);
  if (event.type !== 'answered') return;
  const others = [call.clientLeg, call.agentLeg].filter((legId) => legId !== null);
  voice.listen(call.callId, event.legId, others);
}
