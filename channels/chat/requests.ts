import type { WebhookReply } from '../message-channel.ts';

export type ChatBody = Readonly<Record<string, unknown>>;

/** The body of a request: a JSON object. Browsers send it as text/plain, which asks no permission first. null = it is none. */
export function readBody(body: Buffer): ChatBody | null {
  try {
    const parsed: unknown = JSON.parse(body.toString('utf8'));
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? (parsed as ChatBody) : null;
  } catch {
    return null;
  }
}

/** A text of at most so many characters without characters that nobody can see; empty for everything else. */
export function text(value: unknown, most: number): string {
  if (typeof value !== 'string') return '';
  return value
    .slice(0, most)
    .toWellFormed()
    .replace(/[^\P{Cc}\n\t]/gu, '');
}

export const json = (status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): WebhookReply => ({
  status,
  type: 'application/json; charset=utf-8',
  body: JSON.stringify(value),
  headers: { ...headers, 'cache-control': 'no-store' },
});

export const badRequest = (headers: Readonly<Record<string, string>>): WebhookReply =>
  json(400, { error: 'that is no message of the chat' }, headers);
