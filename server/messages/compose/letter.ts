import type { MailAddress, MessageInput } from '../../contract/messages-schemas.ts';
import { AppError } from '../../kernel/errors.ts';
import { canonicalAddresses } from '../addressing.ts';
import { mailText, subjectOf } from './mail-text.ts';
import type { StoredLetter } from './store.ts';

/** Message-IDs that a mail names: the first and the latest ones (RFC 5322 3.6.4 has no limit, header lines do). */
const maxReferences = 30;

/** What is known besides what was written. */
export interface LetterContext {
  /** The message that is answered or forwarded. */
  readonly answered: StoredLetter | null;
  /** Where it goes when nothing else says so: the conversation's peer, else the card's first address. */
  readonly fallback: string | null;
  readonly own: ReadonlySet<string>;
  readonly region: string;
  readonly signature: string;
  readonly language: 'ru' | 'en';
  readonly timeZone: string;
}

/** A message as it is stored and will be sent. */
export interface Letter {
  readonly to: MailAddress[];
  readonly cc: MailAddress[];
  readonly subject: string;
  readonly text: string;
  readonly html: string | null;
  readonly references: string[];
}

/** Who gets an answer when the writer named nobody. */
function answerTo({ mode }: MessageInput, answered: StoredLetter): { to: MailAddress[]; cc: MailAddress[] } {
  if (answered.direction === 'out') return { to: [...answered.to], cc: mode === 'reply_all' ? [...answered.cc] : [] };
  const replyTo = answered.facts['replyTo'];
  const to = [replyTo ? { address: replyTo, name: answered.from.name } : answered.from];
  return { to, cc: mode === 'reply_all' ? [...answered.to, ...answered.cc] : [] };
}

function recipientsOf(input: MessageInput, context: LetterContext): { to: MailAddress[]; cc: MailAddress[] } {
  const { answered, own, region, fallback } = context;
  const isAnswer = answered !== null && (input.mode === 'reply' || input.mode === 'reply_all');
  const proposed = isAnswer ? answerTo(input, answered) : { to: [], cc: [] };
  const to = canonicalAddresses(input.channel, input.to.length > 0 ? input.to : proposed.to, region);
  const known =
    to.length === 0 && fallback !== null && input.mode !== 'forward' ? [{ address: fallback, name: '' }] : to;
  // whoever is written to directly needs no copy, and neither do we
  const taken = new Set([...own, ...known.map(({ address }) => address)]);
  const cc = canonicalAddresses(input.channel, input.cc.length > 0 ? input.cc : proposed.cc, region);
  return { to: known, cc: cc.filter(({ address }) => !taken.has(address)) };
}

const dateOf = (at: Date, timeZone: string, language: 'ru' | 'en'): string =>
  new Intl.DateTimeFormat(language === 'ru' ? 'ru-RU' : 'en-GB', {
    dateStyle: 'medium',
    timeStyle: 'short',
    timeZone,
  }).format(at);

/**
 * What was written, as it goes out: canonical recipients, one `Re:`, the signature and the quotation of a mail, references.
 * @throws AppError `invalid_number`, `invalid_email`, `bad_request` when nobody or too many would get it, or nothing is in it
 */
export function letterOf(input: MessageInput, context: LetterContext): Letter {
  const { answered, signature, language, timeZone } = context;
  const { to, cc } = recipientsOf(input, context);
  if (to.length === 0) throw new AppError('bad_request', 'there is nobody to write to');
  if (input.channel !== 'email' && to.length + cc.length > 1)
    throw new AppError('bad_request', 'this channel takes one recipient');
  const text = input.text.replaceAll('\0', '');
  if (text.trim() === '' && input.attachmentIds.length === 0 && input.mode !== 'forward')
    throw new AppError('bad_request', 'there is nothing in it');
  if (input.channel !== 'email') return { to, cc: [], subject: '', text, html: null, references: [] };
  const mode = input.mode === 'forward' ? ('forward' as const) : ('reply' as const);
  const message = answered && { ...answered, date: dateOf(answered.at, timeZone, language) };
  const quoted = message && input.mode !== 'new' ? { message, mode } : null;
  const isAnswer = answered !== null && (input.mode === 'reply' || input.mode === 'reply_all');
  return {
    to,
    cc,
    subject: subjectOf(input.mode, input.subject, answered?.subject ?? '').slice(0, 500),
    ...mailText({ text, signature, quoted, language }),
    references: isAnswer ? referencesOf(answered) : [],
  };
}

function referencesOf({ references, wireId }: StoredLetter): string[] {
  const all = [...references, ...(wireId ? [wireId] : [])];
  return all.length <= maxReferences ? all : [...all.slice(0, 1), ...all.slice(1 - maxReferences)];
}
