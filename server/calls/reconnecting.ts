import { type LegId, newId, type UserId } from '../kernel/ids.ts';
import { canTransition } from '../kernel/transition.ts';
import { type CallsContext, inLine, move, save } from './context.ts';
import { talkEnded } from './finishing.ts';
import { interactionTransitions } from './interaction.ts';
import type { LiveCall } from './live-call.ts';
import { playWhileWaiting, returnToQueue } from './offering.ts';
import { prompt } from './prompts.ts';
import { connect } from './talking.ts';
import { interactionView } from './views.ts';

/**
 * Seat-belt calls: the agent's browser reloads, crashes or loses its network; the client hears a word and music, the tab
 * comes back and is put through again. A browser that is gone for good gives the client back to the head of the queue.
 */

/** How long the agent's phone may be away. */
const patienceMs = 30_000;
/** Between two looks at the audio of a phone whose registration is gone. */
const silenceMs = 700;

/** The agent's phone unregistered in mid-call: is his audio still flowing (a lost socket) or is he gone (a reload)? */
export function phoneGone(context: CallsContext, userId: UserId): void {
  const call = callOf(context, userId);
  const legId = call?.agentLeg;
  if (!call || !legId || !canTransition(interactionTransitions, call.state, 'lose')) return;
  void (async () => {
    const before = await context.voice.received(call.callId, legId);
    context.clock.after(silenceMs, () => {
      void inLine(context, call, 'phone-gone', async () => {
        const after = await context.voice.received(call.callId, legId);
        if (call.agentLeg === legId && (after === null || after === before)) await lose(context, call);
      });
    });
  })();
}

const callOf = ({ roster, live }: CallsContext, userId: UserId): LiveCall | undefined => {
  const work = roster.agent(userId)?.work;
  return work ? live.get(work.interactionId) : undefined;
};

/** The client is told that the connection is being restored; the agent's phone is waited for. */
export async function lose(context: CallsContext, call: LiveCall): Promise<void> {
  if (call.clientLeg === null || !canTransition(interactionTransitions, call.state, 'lose')) return;
  const { voice, clock, roster } = context;
  const lost = call.agentLeg;
  call.agentLeg = null;
  if (lost !== null) voice.hangUp(call.callId, lost, 'media_lost');
  move(context, call, 'lose');
  voice.play(call.callId, call.clientLeg, { names: [prompt(context, call, 'reconnecting')], thenLoop: 'music' });
  call.waiting.timer = clock.after(patienceMs, () => {
    void inLine(context, call, 'agent-lost', () => giveBack(context, call));
  });
  await save(context, call, { type: 'interaction.interrupted' });
  if (call.userId !== null && roster.agent(call.userId)?.phone) putThrough(context, call);
}

/** A phone of his is there again: it is rung, answers by itself, and both are joined again. */
export function phoneBack(context: CallsContext, userId: UserId): void {
  const call = callOf(context, userId);
  if (call?.state === 'reconnecting' && call.agentLeg === null)
    void inLine(context, call, 'put-through', () => putThrough(context, call));
}

function putThrough(context: CallsContext, call: LiveCall): void {
  if (call.state !== 'reconnecting' || call.agentLeg !== null || call.userId === null) return;
  const agent = context.roster.agent(call.userId);
  call.agentLeg = newId<LegId>();
  context.voice.ringAgent({
    callId: call.callId,
    legId: call.agentLeg,
    aor: agent?.row.login ?? '',
    caller: { displayName: call.client.name || call.peer.display, number: call.peer.number },
    headers: { 'X-Switchroom-Interaction': call.id, 'X-Switchroom-Answer': 'auto' },
  });
}

/** The agent is back on the line. */
export async function recovered(context: CallsContext, call: LiveCall): Promise<void> {
  call.waiting.timer?.cancel();
  move(context, call, 'recover');
  await connect(context, call);
  await save(context, call, { type: 'interaction.rescued' });
}

/** He did not come back: the client waits at the head of the queue, for anybody, with what is known in the note. */
async function giveBack(context: CallsContext, call: LiveCall): Promise<void> {
  if (call.state !== 'reconnecting' || call.userId === null) return;
  const { roster, voice, clock, pushes } = context;
  const lost = call.userId;
  if (call.agentLeg !== null) voice.hangUp(call.callId, call.agentLeg, 'no_answer');
  call.agentLeg = null;
  move(context, call, 'return');
  call.lastUserId = lost;
  call.userId = null;
  const data = { lostUserId: lost, ...talkEnded(call, clock.now()) };
  await save(context, call, { type: 'interaction.returned', userId: lost, data });
  // His screen may be there without its phone: it lets go of the call.
  pushes.push(lost, { type: 'interaction', interaction: interactionView(context, call) });
  roster.setWork(lost, null);
  returnToQueue(context, call);
  void playWhileWaiting(context, call);
}
