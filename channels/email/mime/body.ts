import { escapeHtml } from '../html/entities.ts';
import { htmlToText } from '../html/html-text.ts';
import { limits } from '../limits.ts';
import { charsetNamed, decodeBytes } from './charset.ts';
import { atMost, manyLines } from './clean.ts';
import { contentOf, type Entity } from './entity.ts';
import { joinFlowed } from './flowed.ts';
import type { ReportPart } from './mail.ts';
import type { Notes } from './notes.ts';
import { takeUuencoded } from './uuencode.ts';

/** A file before it has a safe name. */
export interface RawFile {
  readonly name: string;
  readonly type: string;
  readonly contentId: string | null;
  readonly bytes: Buffer;
}

/** One stretch of the message: a text, an HTML, or both as alternatives. */
interface Stretch {
  readonly text: string | null;
  readonly html: string | null;
}

export interface Body {
  readonly text: string;
  readonly originalAt: number | null;
  readonly html: string | null;
  readonly files: readonly RawFile[];
  readonly reports: readonly ReportPart[];
}

interface Walk {
  readonly hint: string | null;
  readonly notes: Notes;
  readonly files: RawFile[];
  readonly reports: ReportPart[];
}

/** For machines; readers have the text beside them. RFC 3464, 5965, 8098, 6522, 6533. */
const reportTypes = new Set([
  'message/delivery-status',
  'message/global-delivery-status',
  'message/feedback-report',
  'message/disposition-notification',
  'message/global-disposition-notification',
  'text/rfc822-headers',
  'message/global-headers',
]);
/** An original in full is kept for reports and is an attachment besides. */
const messageTypes = new Set(['message/rfc822', 'message/global']);

const metaCharset = /<meta[^>]{1,300}charset\s{0,20}=\s{0,20}["']?\s{0,20}([\w:.-]{1,60})/i;

/** The charset of a leaf; HTML without one may name it inside (HTML section 13.2.3.2). */
function labelOf(entity: Entity, bytes: Buffer): string | undefined {
  const label = entity.parameters.get('charset');
  if (entity.type !== 'text/html' || charsetNamed(label) !== null) return label;
  return metaCharset.exec(bytes.toString('latin1', 0, limits.charsetSampleBytes))?.[1] ?? label;
}

function textOf(entity: Entity, { hint, notes }: Walk): string {
  const most = entity.type === 'text/html' ? limits.htmlLength : limits.textLength;
  const whole = contentOf(entity);
  // four bytes are the longest character; a text that is cut here is cut again below, at a character
  const bytes = whole.subarray(0, most * 4);
  const decoded = decodeBytes(bytes, { label: labelOf(entity, bytes), hint, notes });
  const text = manyLines(decoded).replace(/^\ufeff/, '');
  if (decoded.includes('\u0000')) notes.defects.add('control-characters');
  if (bytes.length < whole.length || text.length > most)
    notes.truncated.add(entity.type === 'text/html' ? 'html' : 'text');
  return atMost(text, most);
}

const nameOf = ({ parameters, dispositionParameters }: Entity): string =>
  dispositionParameters.get('filename') || parameters.get('name') || '';

/** RFC 2183: only `inline` and none are shown; what has a file name was meant as a file. */
function isFile(entity: Entity): boolean {
  if (entity.type !== 'text/plain' && entity.type !== 'text/html') return true;
  return nameOf(entity) !== '' || (entity.disposition !== '' && entity.disposition !== 'inline');
}

function addFile({ files, notes }: Walk, file: RawFile): void {
  if (files.length < limits.parts) files.push(file);
  else notes.truncated.add('parts');
}

function plainText(entity: Entity, walk: Walk): Stretch {
  const raw = textOf(entity, walk);
  const flowed = /flowed/i.test(entity.parameters.get('format') ?? '');
  const delSp = /yes/i.test(entity.parameters.get('delsp') ?? '');
  const { text, files } = takeUuencoded(flowed ? joinFlowed(raw, delSp) : raw);
  for (const { name, bytes } of files) {
    const type = /\.txt$/i.test(name) ? 'text/plain' : 'application/octet-stream';
    addFile(walk, { name, type, contentId: null, bytes });
  }
  return { text, html: null };
}

function leaf(entity: Entity, walk: Walk): Stretch[] {
  const { type, contentId } = entity;
  if (reportTypes.has(type) || messageTypes.has(type)) {
    walk.reports.push({ type, bytes: contentOf(entity).subarray(0, limits.reportBytes) });
    if (reportTypes.has(type)) return [];
  }
  if (!isFile(entity)) {
    return type === 'text/html' ? [{ text: null, html: textOf(entity, walk) }] : [plainText(entity, walk)];
  }
  const name = nameOf(entity) || (messageTypes.has(type) ? 'message.eml' : '');
  addFile(walk, { name, type, contentId, bytes: contentOf(entity) });
  return [];
}

/** RFC 2046 section 5.1.4: one thing in several forms. The first text and all HTML (an image between two halves). */
function alternatives(stretches: readonly Stretch[]): Stretch {
  const html = stretches.flatMap((stretch) => stretch.html ?? []);
  return {
    text: stretches.find(({ text }) => text !== null)?.text ?? null,
    html: html.length > 0 ? html.join('') : null,
  };
}

function stretchesOf(entity: Entity, walk: Walk): Stretch[] {
  if (entity.children.length === 0) return leaf(entity, walk);
  const stretches = entity.children.flatMap((child) => stretchesOf(child, walk));
  return entity.type === 'multipart/alternative' ? [alternatives(stretches)] : stretches;
}

/** Without empty lines at either end. The blank of a signature line ("-- ") is inside and stays. */
const trimmed = (text: string): string => text.replace(/^(?:[ \t\u00a0]*\n)+/, '').trimEnd();

/** All stretches as one text, and where the HTML of one of them says that the original begins. */
function joinTexts(stretches: readonly Stretch[]): { text: string; originalAt: number | null } {
  const texts: string[] = [];
  let length = 0;
  let originalAt: number | null = null;
  for (const { text, html } of stretches) {
    const usesHtml = html !== null && (text === null || text.trim() === '');
    const derived = usesHtml ? htmlToText(html) : { text: trimmed(text ?? ''), originalAt: null };
    if (derived.text.trim() === '') continue;
    if (originalAt === null && derived.originalAt !== null) originalAt = length + derived.originalAt;
    texts.push(derived.text);
    length += derived.text.length + 2;
  }
  return { text: texts.join('\n\n'), originalAt };
}

const asHtml = ({ text, html }: Stretch): string =>
  html ?? (text?.trim() ? `<pre style="white-space:pre-wrap">${escapeHtml(text)}</pre>` : '');

/** Text, HTML, files and reports of a message. `hint` is the charset for bytes that nothing names. */
export function readBody(root: Entity, hint: string | null, notes: Notes): Body {
  const walk: Walk = { hint, notes, files: [], reports: [] };
  const stretches = stretchesOf(root, walk);
  const { text, originalAt } = joinTexts(stretches);
  if (text.length > limits.textLength) notes.truncated.add('text');
  const hasHtml = stretches.some(({ html }) => html !== null);
  const html = hasHtml ? stretches.map(asHtml).join('\n') : null;
  if ((html?.length ?? 0) > limits.htmlLength) notes.truncated.add('html');
  return {
    text: atMost(text, limits.textLength),
    originalAt: originalAt !== null && originalAt < limits.textLength ? originalAt : null,
    html: html === null ? null : atMost(html, limits.htmlLength),
    files: walk.files,
    reports: walk.reports,
  };
}
