import type { MessageChannel, OutgoingMessage, SendResult } from '../../../channels/message-channel.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Conversations } from '../rooms.ts';
import type { ClaimedMessage } from './claim-store.ts';
import { patience } from './limits.ts';

/** The message as its wire gets it: the same at every attempt but for the number. */
export function outgoingOf(
  { id, attempt, attachments, ...message }: ClaimedMessage,
  readFile: Conversations['readFile'],
): OutgoingMessage {
  return {
    id,
    attempt,
    conversationId: message.conversationId,
    from: message.from,
    to: message.to,
    cc: message.cc,
    subject: message.subject,
    text: message.text,
    html: message.html,
    attachments: attachments.map(({ sha256, name, type, contentId, isInline }) => ({
      name,
      type,
      contentId,
      isInline,
      read: () => readFile(sha256),
    })),
    references: message.references,
    nature: message.nature,
    unsubscribeUrl: null,
    createdAt: message.createdAt,
    partsDone: message.partsDone,
  };
}

/** It may have been taken. */
const doubtful = (text: string): SendResult => ({ kind: 'unknown', problem: { kind: 'unknown', code: '', text } });

/** How long an adapter may need to end an attempt that was cut off. */
const graceMs = 5_000;

/** One attempt with an end: cut off after its time, and given up as doubtful when even that is not heard. Never throws. */
export function attempt(channel: MessageChannel, message: OutgoingMessage, clock: Clock): Promise<SendResult> {
  const { attemptMs } = patience[channel.channel];
  const abort = new AbortController();
  return new Promise((resolve) => {
    const cut = clock.after(attemptMs, () => abort.abort());
    const deaf = clock.after(attemptMs + graceMs, () => resolve(doubtful('no answer in time')));
    const end = (result: SendResult): void => {
      cut.cancel();
      deaf.cancel();
      resolve(result);
    };
    const failed = (error: unknown): void => end(doubtful(String(error)));
    try {
      channel.send(message, abort.signal).then(end, failed);
    } catch (error) {
      failed(error);
    }
  });
}
