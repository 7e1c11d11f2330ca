import type { SignedInUser } from '../access/route.ts';
import { AppError } from '../kernel/errors.ts';
import type { ClientId, DispositionId } from '../kernel/ids.ts';
import { type CallsContext, inLine, save, tell } from './context.ts';
import { endTalk, finish, giveUp } from './finishing.ts';
import type { LiveCall } from './live-call.ts';
import { endOffer } from './offering.ts';
import { cancelOutgoing } from './outgoing.ts';
import { clientOf } from './receive.ts';
import { hold, resume } from './talking.ts';

const isSupervisor = (user: SignedInUser): boolean => user.role !== 'agent';

export async function decline(context: CallsContext, call: LiveCall, user: SignedInUser): Promise<void> {
  const { offer } = call;
  // Late: the offer is over already, which is what was wanted.
  if (offer?.userId !== user.id) return;
  await endOffer(context, call, offer.id, 'declined');
}

/** Ends the call from our side; while it rings for this agent it is a decline. */
export async function hangUp(context: CallsContext, call: LiveCall, user: SignedInUser): Promise<void> {
  switch (call.state) {
    case 'offered':
      return decline(context, call, user);
    case 'queued':
      return isSupervisor(user) ? giveUp(context, call) : undefined;
    case 'dialing':
      return cancelOutgoing(context, call);
    case 'active':
    case 'held':
    case 'reconnecting':
      return inLine(context, call, 'hang-up', () => endTalk(context, call, 'agent_hung_up'));
    case 'voicemail':
    case 'wrap_up':
    case 'closed':
      return;
  }
}

export const holdCall = (context: CallsContext, call: LiveCall): Promise<void> =>
  inLine(context, call, 'hold', () => (call.state === 'held' ? undefined : hold(context, call)));

export const resumeCall = (context: CallsContext, call: LiveCall): Promise<void> =>
  inLine(context, call, 'resume', () => (call.state === 'active' ? undefined : resume(context, call)));

/** @throws AppError `illegal_transition` when nobody is there to hear them */
export function sendDigits(context: CallsContext, call: LiveCall, digits: string): void {
  if (call.clientLeg === null || (call.state !== 'active' && call.state !== 'held'))
    throw new AppError('illegal_transition', 'digits can be sent during a call only');
  context.voice.sendDtmf(call.callId, call.clientLeg, digits);
}

export interface CallEdit {
  readonly note?: string | undefined;
  readonly dispositionId?: number | null | undefined;
  readonly clientId?: number | undefined;
}

/** Note, disposition, or another client; saved before it is acknowledged. @throws AppError `not_found` */
export async function edit(context: CallsContext, call: LiveCall, change: CallEdit): Promise<void> {
  const card = change.clientId === undefined ? null : await context.clients.card(change.clientId as ClientId);
  await inLine(context, call, 'edit', async () => {
    applyEdit(context, call, change);
    const from = call.client.id;
    if (card) call.client = clientOf(card);
    const fields = Object.keys(change);
    // whose call it was: without this talk he may be owed one
    const data = call.client.id === from ? { fields } : { fields, from };
    if (fields.length > 0) await save(context, call, { type: 'interaction.edited', data });
  });
}

/** Takes over the client's present name, company and manager; the row of the call holds none of them. */
export async function refreshClient(context: CallsContext, call: LiveCall): Promise<void> {
  call.client = clientOf(await context.clients.card(call.client.id));
  call.version++;
  tell(context, call);
}

function applyEdit(context: CallsContext, call: LiveCall, { note, dispositionId }: CallEdit): void {
  if (dispositionId !== undefined && dispositionId !== null)
    if (!context.setup.dispositions.some((row) => row.id === dispositionId))
      throw new AppError('not_found', 'no such disposition');
  if (note !== undefined) call.note = note;
  if (dispositionId !== undefined) call.dispositionId = dispositionId as DispositionId | null;
}

export interface FinishRequest extends Omit<CallEdit, 'clientId'> {
  /** Reason of a pause that follows. */
  readonly notReady?: string | undefined;
}

/** Only a supervisor ends a wrap-up without early exit before its time. */
const mustStay = ({ clock }: CallsContext, call: LiveCall, user: SignedInUser): boolean =>
  call.queue.wrapUpMode === 'mandatory_timeboxed_no_early_exit' &&
  !isSupervisor(user) &&
  call.wrapUpUntil !== null &&
  clock.now() < call.wrapUpUntil;

/** Ends the wrap-up, with the last of note and disposition. @throws AppError `illegal_transition` before the call is over */
export async function finishCall(
  context: CallsContext,
  call: LiveCall,
  user: SignedInUser,
  request: FinishRequest,
): Promise<void> {
  if (call.state !== 'wrap_up') throw new AppError('illegal_transition', 'the call is not over yet');
  if (mustStay(context, call, user)) throw new AppError('illegal_transition', 'this wrap-up lasts its whole time');
  if (request.notReady !== undefined && call.userId !== null)
    await context.presence.set(call.userId, 'not_ready', request.notReady, 'agent');
  await inLine(context, call, 'finish', async () => {
    applyEdit(context, call, request);
    await finish(context, call);
  });
}
