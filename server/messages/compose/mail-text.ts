import type { MailAddress } from '../../contract/messages-schemas.ts';

/** What of an answered message stands under the answer. */
export interface QuotedMessage {
  readonly from: MailAddress;
  readonly to: readonly MailAddress[];
  /** Local time of the writer, in words. */
  readonly date: string;
  readonly subject: string;
  readonly text: string;
}

export interface MailTextInput {
  /** As it was written. */
  readonly text: string;
  readonly signature: string;
  readonly quoted: { readonly message: QuotedMessage; readonly mode: 'reply' | 'forward' } | null;
  readonly language: 'ru' | 'en';
}

/** Longest quotation, characters. */
const quotedText = 50_000;

const words = {
  ru: {
    wrote: (date: string, name: string) => `${date}, ${name} пишет:`,
    forwarded: 'Пересланное сообщение',
    from: 'От',
    date: 'Дата',
    subject: 'Тема',
    to: 'Кому',
  },
  en: {
    wrote: (date: string, name: string) => `On ${date}, ${name} wrote:`,
    forwarded: 'Forwarded message',
    from: 'From',
    date: 'Date',
    subject: 'Subject',
    to: 'To',
  },
} as const;

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text that means nothing but itself in HTML. */
export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (character) => escapes[character] ?? '');

/** Addresses that open with a click. Nothing but http, https and mail; the end of a sentence is not part of them. */
const link = /\bhttps?:\/\/[^\s<>"']{1,2000}[^\s<>"'.,;:!?)\]}]|\b[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+/gi;
const picture = /\bcid:([\w.@-]{1,200})/g;

function inlineHtml(line: string): string {
  let html = '';
  let from = 0;
  for (const found of line.matchAll(link)) {
    const [target] = found;
    const href = target.includes('://') ? target : `mailto:${target}`;
    html += `${escapeHtml(line.slice(from, found.index))}<a href="${escapeHtml(href)}">${escapeHtml(target)}</a>`;
    from = found.index + target.length;
  }
  return html + escapeHtml(line.slice(from));
}

/** Pasted pictures stand where they were pasted, as `cid:ID`. */
function lineHtml(line: string): string {
  let html = '';
  let from = 0;
  for (const found of line.matchAll(picture)) {
    html += `${inlineHtml(line.slice(from, found.index))}<img src="cid:${escapeHtml(found[1] ?? '')}" alt="">`;
    from = found.index + found[0].length;
  }
  return html + inlineHtml(line.slice(from));
}

/** Paragraphs are parted by empty lines; single line ends stay. */
export const htmlOfText = (text: string): string =>
  text
    .replaceAll('\r\n', '\n')
    .split(/\n{2,}/)
    .map((paragraph) => paragraph.replace(/^\n+|\n+$/g, ''))
    .filter((paragraph) => paragraph !== '')
    .map((paragraph) => `<p>${paragraph.split('\n').map(lineHtml).join('<br>\n')}</p>`)
    .join('\n');

const nameOf = ({ address, name }: MailAddress): string => (name ? `${name} <${address}>` : address);

function headLines(message: QuotedMessage, language: 'ru' | 'en'): string[] {
  const say = words[language];
  return [
    `${say.from}: ${nameOf(message.from)}`,
    `${say.date}: ${message.date}`,
    `${say.subject}: ${message.subject}`,
    `${say.to}: ${message.to.map(nameOf).join(', ')}`,
  ];
}

function quotation(quoted: NonNullable<MailTextInput['quoted']>, language: 'ru' | 'en') {
  const { message, mode } = quoted;
  const text = message.text.slice(0, quotedText).trimEnd();
  if (mode === 'forward') {
    const title = `---------- ${words[language].forwarded} ----------`;
    const head = [title, ...headLines(message, language)];
    return {
      text: [...head, '', text].join('\n'),
      html: `<p>${head.map(escapeHtml).join('<br>\n')}</p>\n${htmlOfText(text)}`,
    };
  }
  const attribution = words[language].wrote(message.date, nameOf(message.from));
  const lines = text.split('\n').map((line) => (line.startsWith('>') ? `>${line}` : `> ${line}`));
  return {
    text: [attribution, ...lines].join('\n'),
    html: `<div class="gmail_quote"><p>${escapeHtml(attribution)}</p>\n<blockquote type="cite" style="margin:0 0 0 8px;border-left:1px solid #ccc;padding-left:8px">\n${htmlOfText(text)}\n</blockquote></div>`,
  };
}

/** A mail as plain text and as HTML: what was written, the signature behind its mark (RFC 3676 4.3), the quotation below. */
export function mailText({ text, signature, quoted, language }: MailTextInput): { text: string; html: string } {
  const signed = signature.trim();
  const quote = quoted && quotation(quoted, language);
  const plain = text.replace(picture, '').trimEnd();
  return {
    text: [plain, ...(signed ? [`-- \n${signed}`] : []), ...(quote ? [quote.text] : [])].join('\n\n'),
    html: [
      htmlOfText(text),
      ...(signed ? [`<div class="signature">-- <br>\n${signed.split('\n').map(lineHtml).join('<br>\n')}</div>`] : []),
      ...(quote ? [quote.html] : []),
    ].join('\n'),
  };
}

const marks = /^\s*(?:(?:re|aw|sv|vs|ref|fwd?|wg|tr|отв|ответ|на|пер|переслано|fw)\s*(?:\[\d+\])?\s*:\s*)+/i;

/** `Re:` or `Fwd:` once, whatever stood there; a subject that a person wrote for a new mail stays as it is. */
export function subjectOf(mode: 'new' | 'reply' | 'reply_all' | 'forward', written: string, answered: string): string {
  if (mode === 'new') return written.trim();
  const base = (written.trim() || answered).replace(marks, '').trim();
  return `${mode === 'forward' ? 'Fwd' : 'Re'}: ${base}`.trim();
}
