import type { CallResult } from '../contract/words.ts';
import { canTransition } from '../kernel/transition.ts';
import { type CallsContext, inLine, move, save } from './context.ts';
import { leave, leftQueue } from './finishing.ts';
import { interactionTransitions } from './interaction.ts';
import type { LiveCall } from './live-call.ts';
import { messageSounds, type PromptText, prompt } from './prompts.ts';
import { finishRecording, startRecording } from './recording.ts';

/** Why a caller leaves the queue without having spoken to anybody. */
export type PartReason = NonNullable<LiveCall['waiting']['choosing']>;

/** A voice message: long enough to tell one's trouble, and over when nothing more is said. */
const messageBounds = { maxMs: 180_000, silenceMs: 6_000 };
/** Shorter ones hold a breath and a click. */
const shortestMessageMs = 1_500;
/** From the prompt to the end, whatever the wire says of it: a message that cannot be recorded tells no end of its own. */
const longestVisitMs = messageBounds.maxMs + 60_000;
/** Longest time for a last word: then the line is closed whatever was heard of it. */
const lastWordMs = 20_000;

const results: Readonly<Record<PartReason, CallResult>> = {
  timeout: 'timeout',
  asked: 'abandoned',
  closed: 'out_of_hours',
  nobody: 'out_of_hours',
  callback: 'callback_requested',
};

const lastWords: Readonly<Record<PartReason, PromptText>> = {
  timeout: 'goodbye',
  asked: 'goodbye',
  closed: 'closed',
  nobody: 'nobody',
  callback: 'callback-confirmed',
};

/** Past these he is owed something else than after a missed call. */
const events: Readonly<Partial<Record<CallResult, string>>> = {
  voicemail: 'interaction.voicemail',
  callback_requested: 'interaction.callback_requested',
};

/** The call is over for the queue: stored as such, told in words, then hung up. */
export async function part(context: CallsContext, call: LiveCall, reason: PartReason): Promise<void> {
  await close(context, call, results[reason]);
  await sayAndHangUp(context, call, lastWords[reason]);
}

/** Prompt and tone; what the caller says then is a piece of work for us. */
export async function takeMessage(context: CallsContext, call: LiveCall, reason: PartReason): Promise<void> {
  if (call.clientLeg === null || !canTransition(interactionTransitions, call.state, 'divert')) return;
  context.dispatcher.remove(call.id);
  call.waiting.timer?.cancel();
  call.waiting.choosing = reason;
  const left = leftQueue(call, context.clock.now());
  move(context, call, 'divert');
  call.waiting.timer = context.clock.after(longestVisitMs, () => {
    void inLine(context, call, 'message-too-long', () => messageDone(context, call));
  });
  await save(context, call, { type: 'interaction.diverted', data: { to: 'voicemail', reason, ...left } });
  const why = reason === 'closed' || reason === 'nobody' ? reason : 'other';
  await context.voice.answer(call.callId, call.clientLeg, messageSounds(context, call, why));
}

/** The tone has sounded: from here on it is recorded. He is sent silence meanwhile, or his carrier would hang up. */
export function recordMessage(context: CallsContext, call: LiveCall): Promise<void> {
  if (call.clientLeg !== null) context.voice.play(call.callId, call.clientLeg, { names: [], thenLoop: 'silence' });
  return startRecording(context, call, messageBounds);
}

/** Hash, silence, a full recording or the end of the call: the message is complete. */
export async function messageDone(context: CallsContext, call: LiveCall): Promise<void> {
  if (call.state !== 'voicemail') return;
  const length = await finishRecording(context, call);
  const isMessage = length >= shortestMessageMs;
  await close(context, call, isMessage ? 'voicemail' : results[call.waiting.choosing ?? 'asked']);
  await sayAndHangUp(context, call, isMessage ? 'voicemail-saved' : 'goodbye');
}

/** Stores the end. The line stays open for a last word. */
async function close(context: CallsContext, call: LiveCall, result: CallResult): Promise<void> {
  if (!canTransition(interactionTransitions, call.state, 'part')) return;
  context.dispatcher.remove(call.id);
  call.waiting.timer?.cancel();
  const now = context.clock.now();
  const left = leftQueue(call, now);
  move(context, call, 'part');
  call.endedAt = now;
  call.closedAt = call.endedAt;
  call.result = result;
  await save(context, call, { type: events[result] ?? 'interaction.abandoned', data: { result, ...left } });
}

async function sayAndHangUp(context: CallsContext, call: LiveCall, text: PromptText): Promise<void> {
  if (call.clientLeg === null) return leave(context, call);
  call.waiting.timer = context.clock.after(lastWordMs, () => leave(context, call));
  await context.voice.answer(call.callId, call.clientLeg, { names: [prompt(context, call, text)] });
}
