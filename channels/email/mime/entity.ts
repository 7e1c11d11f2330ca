import { limits } from '../limits.ts';
import { guessBoundary, type Pieces, piecesBetween } from './boundaries.ts';
import { oneLine } from './clean.ts';
import { fieldOf, type HeaderField, readHead } from './header-fields.ts';
import type { Notes } from './notes.ts';
import { type ParameterField, readParameters } from './parameters.ts';
import { decodeTransfer } from './transfer.ts';

/** One node of the MIME tree (RFC 2045 section 2.4). Its body shares memory with the message. */
export interface Entity {
  readonly fields: readonly HeaderField[];
  /** `type/subtype`, lower case. */
  readonly type: string;
  readonly parameters: ReadonlyMap<string, string>;
  /** Lower case; '' when there is none (RFC 2183). */
  readonly disposition: string;
  readonly dispositionParameters: ReadonlyMap<string, string>;
  readonly encoding: string;
  readonly contentId: string | null;
  readonly body: Buffer;
  readonly children: readonly Entity[];
}

interface Reading {
  readonly notes: Notes;
  parts: number;
  /** Of limits.boundaryScanBytes. */
  scanned: number;
}

const none: ParameterField = { value: '', parameters: new Map() };
const knownEncodings = new Set(['', '7bit', '8bit', 'binary', 'quoted-printable', 'base64']);

/** RFC 2045 section 5.2: what cannot be read is text/plain; RFC 2046 section 5.1.5: a digest consists of messages. */
function typeOf(value: string | null, inDigest: boolean, notes: Notes): string {
  if (value === null) return inDigest ? 'message/rfc822' : 'text/plain';
  if (/^[\w.+-]{1,100}\/[\w.+-]{1,100}$/.test(value)) return value;
  notes.defects.add('type-unreadable');
  return value.startsWith('multipart') ? 'multipart/mixed' : 'text/plain';
}

function encodingOf(fields: readonly HeaderField[], notes: Notes): string {
  const raw = (fieldOf(fields, 'content-transfer-encoding') ?? '').slice(0, 200).toLowerCase();
  const encoding = raw.replace(/\([^)]*\)/g, '').replace(/[^a-z0-9-]/g, '');
  if (!knownEncodings.has(encoding)) notes.defects.add('encoding-unknown');
  return encoding;
}

function contentIdOf(fields: readonly HeaderField[]): string | null {
  const raw = (fieldOf(fields, 'content-id') ?? '').slice(0, limits.messageIdLength);
  return oneLine(raw.replace(/[<>]/g, '')) || null;
}

function piecesOf(body: Buffer, boundary: string | undefined, { notes, parts }: Reading): Pieces {
  const most = Math.max(0, limits.parts - parts);
  const named = (boundary ?? '').trimEnd().slice(0, limits.boundaryLength);
  if (named === '') notes.defects.add('boundary-missing');
  else {
    const pieces = piecesBetween(body, named, most);
    if (pieces.bodies.length > 0 || pieces.closed) return pieces;
  }
  const guessed = guessBoundary(body);
  if (guessed === null) return { bodies: [], closed: true, more: false };
  notes.defects.add('boundary-guessed');
  return piecesBetween(body, guessed, most);
}

function childrenOf(entity: Entity, depth: number, reading: Reading): Entity[] {
  const { notes } = reading;
  const { bodies, closed, more } = piecesOf(entity.body, entity.parameters.get('boundary'), reading);
  if (!closed) notes.defects.add('boundary-unclosed');
  const children: Entity[] = [];
  for (const body of bodies) {
    if (reading.parts >= limits.parts) break;
    children.push(readPart(body, depth + 1, entity.type === 'multipart/digest', reading));
  }
  if (more || children.length < bodies.length) notes.truncated.add('parts');
  return children;
}

function readPart(bytes: Buffer, depth: number, inDigest: boolean, reading: Reading): Entity {
  reading.parts++;
  const { fields, bodyAt } = readHead(bytes, reading.notes);
  const contentType = fieldOf(fields, 'content-type');
  const content = contentType === null ? none : readParameters(contentType);
  const disposition = readParameters(fieldOf(fields, 'content-disposition') ?? '');
  const entity: Entity = {
    fields,
    type: typeOf(contentType === null ? null : content.value, inDigest, reading.notes),
    parameters: content.parameters,
    disposition: disposition.value,
    dispositionParameters: disposition.parameters,
    encoding: encodingOf(fields, reading.notes),
    contentId: contentIdOf(fields),
    body: bytes.subarray(bodyAt),
    children: [],
  };
  if (!entity.type.startsWith('multipart/')) return entity;
  reading.scanned += entity.body.length;
  if (depth >= limits.depth || reading.scanned > limits.boundaryScanBytes) {
    reading.notes.truncated.add('depth');
    return { ...entity, type: 'application/octet-stream' };
  }
  const children = childrenOf(entity, depth, reading);
  // no boundary works: the whole of it is readable as text at least
  return children.length > 0 ? { ...entity, children } : { ...entity, type: 'text/plain' };
}

/** The tree of a message. Depth, parts and header are bounded by limits.ts; every malformed thing has a reading. */
export const readEntity = (bytes: Buffer, notes: Notes): Entity =>
  readPart(bytes, 0, false, { notes, parts: 0, scanned: 0 });

/** The octets of a leaf. */
export const contentOf = (entity: Entity): Buffer => decodeTransfer(entity.body, entity.encoding);

/** The charset that the first text of a message names: the best guess for header bytes that nothing names. */
export function charsetOfTexts(entity: Entity): string | null {
  const own = entity.type.startsWith('text/') ? entity.parameters.get('charset') : undefined;
  if (own) return own;
  for (const child of entity.children) {
    const charset = charsetOfTexts(child);
    if (charset !== null) return charset;
  }
  return null;
}
