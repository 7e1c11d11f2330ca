import { domainToASCII } from 'node:url';
import { limits } from '../limits.ts';
import { decodeBytes } from './charset.ts';
import { atMost } from './clean.ts';
import { decodeWords, encodedWordAt } from './encoded-words.ts';
import type { MailAddress } from './mail.ts';
import type { Notes } from './notes.ts';

/** Marks of direction and width that make one address look like another. */
const invisible = /[\s\p{Cc}\p{Bidi_Control}\u200b-\u200d\u2060\ufeff]+/gu;

/**
 * Domain in lower case and in its ASCII form (RFC 5890), so that it can be matched; the local part as sent, as its case may matter
 * to its host (RFC 5321 section 2.4). `raw` has one character per byte (RFC 6532: UTF-8).
 */
export function normalAddress(raw: string): string {
  const text = decodeBytes(Buffer.from(raw, 'latin1'))
    .replace(/^mailto:/i, '')
    .replace(invisible, '')
    .toWellFormed();
  if (text.length > limits.addressLength) return '';
  const at = text.lastIndexOf('@');
  if (at < 0) return text;
  const domain = text
    .slice(at + 1)
    .replace(/\.$/, '')
    .toLowerCase();
  return `${text.slice(0, at)}@${domainToASCII(domain) || domain}`;
}

/** `Support+TOKEN@shop.example` is `support@shop.example` (RFC 5233). */
export const withoutDetail = (address: string): string => address.toLowerCase().replace(/\+[^@]*@/, '@');

/** What has been read of the address in hand. */
interface Draft {
  phrase: string;
  bracketed: string | null;
  comment: string;
}

const emptyDraft = (): Draft => ({ phrase: '', bracketed: null, comment: '' });
const isEmpty = ({ phrase, bracketed, comment }: Draft): boolean =>
  bracketed === null && comment === '' && phrase.trim() === '';

/** `Name user@host` without brackets: the last word is the address. */
function unbracketed(phrase: string): { name: string; address: string } {
  const space = phrase.lastIndexOf(' ');
  const last = phrase.slice(space + 1);
  return /^[^@]+@[^@]+$/.test(last)
    ? { name: phrase.slice(0, Math.max(space, 0)), address: last.replace(/[<>]/g, '') }
    : { name: phrase, address: '' };
}

function finished({ phrase, bracketed, comment }: Draft, hint: string | null): MailAddress | null {
  const words = phrase.replace(/\s+/g, ' ').trim();
  const written = bracketed === null ? unbracketed(words) : { name: words, address: bracketed };
  const normal = normalAddress(written.address);
  // `<MAILER-DAEMON>` and `<undisclosed>` are names
  const address = normal.includes('@') ? normal : '';
  const raw = written.name || (address === '' ? written.address : comment);
  const name = decodeWords(raw, hint)
    .replace(/^(["'])(.*)\1$/, '$2')
    .trim();
  return name === '' && address === '' ? null : { name: atMost(name, limits.displayNameLength), address };
}

/** Index of the character that closes what `open` opened at `at`; the end of the text when nothing does. */
function closing(text: string, at: number, close: string): number {
  const found = text.indexOf(close, at + 1);
  return found < 0 ? text.length : found;
}

/** A quoted string (RFC 5322 section 3.2.4) without its quotes. */
function quoted(text: string, at: number): { value: string; next: number } {
  let value = '';
  let next = at + 1;
  while (next < text.length && text.charAt(next) !== '"') {
    if (text.charAt(next) === '\\' && next + 1 < text.length) next++;
    value += text.charAt(next++);
  }
  return { value, next: next + 1 };
}

/** A comment (RFC 5322 section 3.2.2), which may nest, without its parentheses. */
function comment(text: string, at: number): { value: string; next: number } {
  let depth = 0;
  let value = '';
  let next = at;
  for (; next < text.length; next++) {
    const character = text.charAt(next);
    if (character === '\\') next++;
    else if (character === '(') depth++;
    else if (character === ')') {
      if (--depth === 0) break;
    } else value += character;
  }
  return { value, next: next + 1 };
}

/** One step of the scanner: eats something at `at` into the draft and says where to go on. */
function step(text: string, at: number, draft: Draft): number {
  const word = encodedWordAt(text, at);
  if (word !== '') {
    draft.phrase += word;
    return at + word.length;
  }
  const character = text.charAt(at);
  if (character === '(') {
    const { value, next } = comment(text, at);
    draft.comment = value;
    return next;
  }
  if (character === '"') {
    const { value, next } = quoted(text, at);
    draft.phrase += value;
    return next;
  }
  if (character === '<') {
    const end = closing(text, at, '>');
    draft.bracketed = text.slice(at + 1, end).replaceAll('<', '');
    return end + 1;
  }
  // `Team: a@x, b@y;` is a group (RFC 5322 section 3.4): its name is no address
  if (character === ':' && draft.bracketed === null && !draft.phrase.includes('@')) draft.phrase = '';
  else if (character !== '>') draft.phrase += character;
  return at + 1;
}

/**
 * The addresses of a field value, one character per byte, groups dissolved. It works on the undecoded text: nothing inside an
 * encoded-word can become a bracket or a comma (RFC 2047 section 5 rule 3).
 */
export function readAddresses(raw: string | null, hint: string | null, notes: Notes): MailAddress[] {
  const text = raw ?? '';
  const addresses: MailAddress[] = [];
  let draft = emptyDraft();
  /** Also those that turn out to be none: looking at one takes its time. */
  let looked = 0;
  for (let at = 0; at <= text.length; ) {
    const character = text.charAt(at);
    if (at < text.length && character !== ',' && character !== ';') {
      at = step(text, at, draft);
      // the end comes once more, to finish the last one
      if (at > text.length) at = text.length;
      continue;
    }
    at++;
    const entry = draft;
    draft = emptyDraft();
    if (isEmpty(entry)) continue;
    if (looked++ >= limits.addresses) {
      notes.truncated.add('addresses');
      break;
    }
    const address = finished(entry, hint);
    if (address) addresses.push(address);
  }
  return addresses;
}
