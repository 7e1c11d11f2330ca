import { decodeWords } from './mime/encoded-words.ts';
import { fieldOf, fieldsOf } from './mime/header-fields.ts';
import type { ReadMail } from './mime/mail.ts';

/**
 * Where the address stands that a message was delivered to. The envelope says it best; a forwarder may leave it only in the others.
 * A reply-to address of ours becomes the To of the answer.
 */
const recipientFields = ['delivered-to', 'x-original-to', 'envelope-to', 'x-forwarded-to', 'to', 'cc'];
const plusDetail = /\+([a-z0-9]{20,64})@/gi;
const subjectMark = /\[#([a-z0-9]{20,64})\]/i;
/** More candidates than a real message has. */
const most = 50;

/**
 * Words of a message that may be tokens of ours, likeliest first: details of plus addresses (RFC 5233), then `[#TOKEN]` in the
 * subject, which some ticket systems keep alone. Whether one is genuine only the signer knows.
 */
export function tokensOf(mail: ReadMail): string[] {
  const tokens = new Set<string>();
  for (const name of recipientFields) {
    for (const value of fieldsOf(mail.headers, name)) {
      for (const match of value.matchAll(plusDetail))
        if (tokens.size < most) tokens.add((match[1] ?? '').toLowerCase());
    }
  }
  const marked = subjectMark.exec(decodeWords(fieldOf(mail.headers, 'subject') ?? ''))?.[1];
  if (marked) tokens.add(marked.toLowerCase());
  return [...tokens];
}

/** The first of the tokens that `check` knows, and what it stands for. */
export function genuineToken(mail: ReadMail, check: (token: string) => string | null): string | null {
  for (const token of tokensOf(mail)) {
    const id = check(token);
    if (id !== null) return id;
  }
  return null;
}
