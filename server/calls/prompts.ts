import type { SoundPlan } from '../../channels/channel.ts';
import type { CallsContext } from './context.ts';
import type { LiveCall } from './live-call.ts';

/** Spoken words that ship with the house; see channels/voice/media/prompts. */
export type PromptText =
  | 'please-wait'
  | 'callback-offer'
  | 'callback-confirmed'
  | 'voicemail'
  | 'voicemail-saved'
  | 'closed'
  | 'nobody'
  | 'reconnecting'
  | 'goodbye';

type Language = Pick<CallsContext, 'setup'>;

/** A prompt in the client's language where we know it, else in the company's. */
export function prompt({ setup }: Language, call: LiveCall, text: PromptText): string {
  const language = call.client.language === '' ? setup.company.language : call.client.language;
  return `${language}/${text}`;
}

/** A sound of the company's own; null = none was chosen. */
const own = (soundId: number | null): string | null => (soundId === null ? null : `file:${soundId}`);

/** Greeting and a word, once a call; then the queue's music. */
export function waitingSounds(context: Language, call: LiveCall): SoundPlan {
  const thenLoop = own(call.queue.musicSoundId) ?? 'music';
  if (call.waiting.greeted) return { names: [], thenLoop };
  call.waiting.greeted = true;
  const greeting = own(call.queue.greetingSoundId);
  return { names: [...(greeting === null ? [] : [greeting]), prompt(context, call, 'please-wait')], thenLoop };
}

/** Why somebody is asked for a message, and the tone. */
export function messageSounds(context: Language, call: LiveCall, why: 'closed' | 'nobody' | 'other'): SoundPlan {
  const closed = own(call.queue.closedSoundId) ?? prompt(context, call, 'closed');
  const said = {
    closed: [closed],
    nobody: [prompt(context, call, 'nobody')],
    other: [prompt(context, call, 'voicemail')],
  };
  return { names: [...said[why], 'beep'] };
}
