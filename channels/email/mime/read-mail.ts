import { createHash } from 'node:crypto';
import { decodedContentId } from '../html/attributes.ts';
import { limits } from '../limits.ts';
import { readAddresses } from './addresses.ts';
import { type RawFile, readBody } from './body.ts';
import { atMost } from './clean.ts';
import { readDate } from './dates.ts';
import { decodeWords } from './encoded-words.ts';
import { charsetOfTexts, readEntity } from './entity.ts';
import { safeFileName } from './file-name.ts';
import { fieldOf, fieldsOf, type HeaderField } from './header-fields.ts';
import type { Attachment, ReadMail } from './mail.ts';
import { readMessageIds } from './message-ids.ts';
import type { Notes } from './notes.ts';

const once = ['from', 'subject', 'date', 'message-id', 'to', 'reply-to', 'content-type', 'in-reply-to'];

/** The message without its byte order mark, at most limits.messageBytes, with line ends that have a line feed. */
function prepared(bytes: Uint8Array, notes: Notes): Buffer {
  let buffer = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, limits.messageBytes));
  if (bytes.byteLength > limits.messageBytes) notes.truncated.add('bytes');
  if (buffer[0] === 0xef && buffer[1] === 0xbb && buffer[2] === 0xbf) buffer = buffer.subarray(3);
  const head = buffer.subarray(0, limits.fieldBytes);
  if (head.includes(10) || !head.includes(13)) return buffer;
  notes.defects.add('bare-cr');
  const copy = Buffer.from(buffer);
  for (let at = copy.indexOf(13); at >= 0; at = copy.indexOf(13, at + 1)) copy[at] = 10;
  return copy;
}

/** Content-IDs that the HTML uses. Looked for once: asking the HTML for every attachment would be quadratic. */
function usedContentIds(html: string | null): Set<string> {
  const ids = (html ?? '').matchAll(/cid:([^"'\s<>)]{1,998})/gi);
  return new Set([...ids].map((match) => decodedContentId(match[1] ?? '')));
}

function attachmentsOf(files: readonly RawFile[], html: string | null): Attachment[] {
  const used = usedContentIds(html);
  return files.map(({ name, type, contentId, bytes }, index) => ({
    name: safeFileName(name, index + 1, type),
    type,
    size: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    contentId,
    inline: contentId !== null && used.has(contentId),
    bytes,
  }));
}

function subjectOf(fields: readonly HeaderField[], hint: string | null, notes: Notes): string | null {
  const subject = decodeWords(fieldOf(fields, 'subject') ?? '', hint);
  if (subject.length > limits.subjectLength) notes.truncated.add('subject');
  return atMost(subject, limits.subjectLength) || null;
}

function referencesOf(fields: readonly HeaderField[], notes: Notes): string[] {
  const references = readMessageIds(fieldOf(fields, 'references'));
  if (references.length > limits.references) notes.truncated.add('references');
  // the newest say most
  return references.slice(-limits.references);
}

function dateOf(fields: readonly HeaderField[], notes: Notes): Date | null {
  const raw = fieldOf(fields, 'date');
  const date = readDate(raw);
  if (raw && !date) notes.defects.add('date-unreadable');
  return date;
}

/**
 * Reads a message as it arrived (RFC 5322, 2045-2049, 2047, 2231, 6532). Never throws, whatever the bytes are; size, parts, depth
 * and time are bounded by limits.ts. Of duplicate fields the first counts. Attachments may share memory with `bytes`.
 */
export function readMail(bytes: Uint8Array): ReadMail {
  const notes: Notes = { truncated: new Set(), defects: new Set() };
  const root = readEntity(prepared(bytes, notes), notes);
  const { fields } = root;
  const hint = charsetOfTexts(root);
  const addresses = (name: string) => readAddresses(fieldOf(fields, name), hint, notes);
  const from = addresses('from');
  if (!from.some(({ address }) => address !== '')) notes.defects.add('no-from');
  if (once.some((name) => fieldsOf(fields, name).length > 1)) notes.defects.add('field-twice');
  const { text, originalAt, html, files, reports } = readBody(root, hint, notes);
  return {
    headers: fields,
    from,
    replyTo: addresses('reply-to'),
    to: addresses('to'),
    cc: addresses('cc'),
    bcc: addresses('bcc'),
    subject: subjectOf(fields, hint, notes),
    date: dateOf(fields, notes),
    messageId: readMessageIds(fieldOf(fields, 'message-id'))[0] ?? null,
    inReplyTo: readMessageIds(fieldOf(fields, 'in-reply-to')).find((id) => id.includes('@')) ?? null,
    references: referencesOf(fields, notes),
    text,
    originalAt,
    html,
    attachments: attachmentsOf(files, html),
    reports,
    truncated: [...notes.truncated],
    defects: [...notes.defects],
  };
}
