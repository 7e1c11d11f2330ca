import type { QueueExit } from '../contract/setup-words.ts';
import { isOpen } from '../routing/opening-hours.ts';
import { type CallsContext, inLine } from './context.ts';
import type { LiveCall } from './live-call.ts';
import { type PartReason, part, takeMessage } from './parting.ts';
import { prompt } from './prompts.ts';

/**
 * What a caller may choose, and what becomes of him, while nobody can be rung for him: after the queue's longest wait, out
 * of hours or with nobody on shift there is a way out. He is never dropped in silence.
 */

/** Time to press a key after the offer of a call back. */
const choiceMs = 8_000;
/** A wire that does not say when the offer was spoken is waited for no longer than this. */
const longestOfferMs = 60_000;

/** Why this caller has to go another way at once; null = he waits for an agent. */
export function closedReason({ setup, roster, clock }: CallsContext, call: LiveCall): 'closed' | 'nobody' | null {
  const now = clock.now();
  if (!isOpen(setup, call.queue.id, now)) return 'closed';
  const onShift = roster
    .members(call.queue.id)
    .some(({ shift }) => shift !== null && shift.startsAt <= now && now < shift.endsAt);
  return onShift ? null : 'nobody';
}

/** The queue is closed or empty of people: told so, then by its rule for that. */
export const turnAway = (context: CallsContext, call: LiveCall, reason: 'closed' | 'nobody'): Promise<void> =>
  inLine(context, call, 'turn-away', () => leaveBy(context, call, call.queue.outOfHours, reason));

/** The longest wait of the queue begins to run. */
export function limitWait(context: CallsContext, call: LiveCall): void {
  const { maxWaitSeconds } = call.queue;
  if (maxWaitSeconds === null) return;
  call.waiting.timer = context.clock.after(maxWaitSeconds * 1000, () => {
    call.waiting.overdue = true;
    void inLine(context, call, 'max-wait', () => leaveIfOverdue(context, call));
  });
}

/** A caller who waited too long goes his way, unless an agent is being rung for him just now. */
export async function leaveIfOverdue(context: CallsContext, call: LiveCall): Promise<void> {
  if (call.waiting.overdue && call.state === 'queued') await leaveBy(context, call, call.queue.afterMaxWait, 'timeout');
}

async function leaveBy(context: CallsContext, call: LiveCall, exit: QueueExit, reason: PartReason): Promise<void> {
  if (call.state !== 'queued' || call.clientLeg === null) return;
  if (exit === 'hang_up') return part(context, call, reason);
  if (exit === 'voicemail' || call.peer.number === '') return takeMessage(context, call, reason);
  await offerCallback(context, call, reason);
}

/** "Press 1 and we call you back": he keeps his place meanwhile; whoever presses nothing may leave a message. */
async function offerCallback(context: CallsContext, call: LiveCall, reason: PartReason): Promise<void> {
  if (call.clientLeg === null) return;
  const told = reason === 'closed' || reason === 'nobody' ? [prompt(context, call, reason)] : [];
  call.waiting.choosing = reason;
  awaitChoice(context, call, longestOfferMs);
  const names = [...told, prompt(context, call, 'callback-offer')];
  await context.voice.answer(call.callId, call.clientLeg, { names, thenLoop: 'music' });
}

/** The offer has been spoken: some seconds to choose. */
export function awaitChoice(context: CallsContext, call: LiveCall, ms = choiceMs): void {
  const { waiting } = call;
  const reason = waiting.choosing;
  if (reason === null) return;
  waiting.timer?.cancel();
  waiting.timer = context.clock.after(ms, () => {
    void inLine(context, call, 'no-choice', async () => {
      if (waiting.choosing === reason && call.state === 'queued') await takeMessage(context, call, reason);
    });
  });
}

/** A key pressed while waiting: 1 asks for a call back, 2 leaves a message. */
export async function chosen(context: CallsContext, call: LiveCall, digit: string): Promise<void> {
  if (call.state !== 'queued') return;
  if (digit === '1' && call.peer.number !== '') return part(context, call, 'callback');
  if (digit === '2') await takeMessage(context, call, 'asked');
}
