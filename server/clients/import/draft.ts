import type { ImportField, ImportReason } from '../../contract/client-imports.ts';
import { type CardFields, contactPointOf } from '../client.ts';
import { matchCandidates, parsePhoneNumber } from '../phone-number.ts';
import { importLimits } from './limits.ts';

/** A number or address of a row, canonical. */
export interface DraftPoint {
  readonly kind: 'phone' | 'email';
  readonly value: string;
  readonly raw: string;
  readonly extension: string;
  /** Further values under which a card may hold the same number. */
  readonly alternates: readonly string[];
  readonly evidence: string;
}

export interface Reason {
  readonly code: ImportReason;
  readonly text: string;
}

/** What one row of the file says, read by the mapping; nothing of the database is known yet. */
export interface Draft {
  /** The first row under the header is 1. */
  readonly row: number;
  /** False: nothing of it can be imported, `reasons` say why. */
  readonly isValid: boolean;
  /** Only what the row says. */
  readonly fields: CardFields & { readonly name?: string };
  /** Its name was not written but made of a number or an address. */
  readonly isNameless: boolean;
  readonly points: readonly DraftPoint[];
  readonly comment: string;
  readonly reasons: readonly Reason[];
  readonly cells: readonly string[];
}

/** How rows are read. */
export interface DraftOptions {
  readonly mapping: readonly (ImportField | null)[];
  readonly region: string;
  /** Id of the user with this login or name, in lower case; null when several have it. */
  readonly users: ReadonlyMap<string, number | null>;
}

const oneLine = (text: string): string => text.replace(/[\s\p{Cc}]+/gu, ' ').trim();

/** Numbers of one cell. A comma or a slash parts two numbers only when a whole number follows: `..., 12` is an extension. */
const phonesOf = (cell: string): string[] =>
  cell.split(/[;|\r\n]+|[,/](?=\s*\+?[\d(][\d\s().-]{8,})/).filter(holdsText);
const emailsOf = (cell: string): string[] => cell.split(/[;,|\s]+/).filter(holdsText);
const holdsText = (text: string): boolean => text.trim() !== '';

const stages: readonly (readonly ['lead' | 'client' | 'lost', RegExp])[] = [
  ['lead', /^(?:lead|prospect|new|лид|потенциальн\S*|нов\S*)$/],
  ['client', /^(?:client|customer|active|won|клиент|покупатель|действующ\S*|активн\S*|постоянн\S*)$/],
  ['lost', /^(?:lost|closed|inactive|former|churned|потерян\S*|ушел|ушедш\S*|отказ\S*|закрыт\S*|неактивн\S*)$/],
];
const yes = /^(?:1|y|yes|true|x|\+|v|✓|да|д|истина|вип|vip)$/;

/** Cells of a row by field, in the order of the columns; empty ones left out. */
function cellsByField(cells: readonly string[], mapping: DraftOptions['mapping']): Map<ImportField, string[]> {
  const byField = new Map<ImportField, string[]>();
  for (const [column, field] of mapping.entries()) {
    const cell = cells[column]?.replaceAll('\0', '') ?? '';
    if (field === null || cell.trim() === '') continue;
    const same = byField.get(field);
    if (same) same.push(cell);
    else byField.set(field, [cell]);
  }
  return byField;
}

function readPhone(written: string, region: string): DraftPoint | null {
  const number = parsePhoneNumber(written, region);
  // service numbers and internal extensions are many people's: they would make one card of strangers
  if (number.e164 === null) return null;
  const { value, extension, raw, rule } = number;
  const evidence = `number written as "${raw.trim()}", read by rule ${rule}`;
  return { kind: 'phone', value, extension, raw: raw.trim(), alternates: matchCandidates(number).slice(1), evidence };
}

function readEmail(written: string): DraftPoint | null {
  try {
    const { value, raw, evidence } = contactPointOf({ kind: 'email', value: written.trim() }, '');
    return { kind: 'email', value, extension: '', raw, alternates: [], evidence };
  } catch {
    // it throws for nothing else than a wrong address
    return null;
  }
}

/** Numbers and e-mails of a row, each once, and what was wrong with the others. */
function readPoints(byField: Map<ImportField, string[]>, region: string) {
  const reasons: Reason[] = [];
  const points = new Map<string, DraftPoint>();
  const take = (written: readonly string[], kind: 'phone' | 'email', most: number): void => {
    if (written.length > most) reasons.push({ code: 'too_many', text: `${kind}: ${written.length}` });
    for (const text of written.slice(0, most)) {
      const point = kind === 'phone' ? readPhone(text, region) : readEmail(text);
      if (point) points.set(`${kind} ${point.value} ${point.extension}`, point);
      else reasons.push({ code: kind === 'phone' ? 'bad_phone' : 'bad_email', text: text.trim().slice(0, 100) });
    }
  };
  take((byField.get('phone') ?? []).flatMap(phonesOf), 'phone', importLimits.phones);
  take((byField.get('email') ?? []).flatMap(emailsOf), 'email', importLimits.emails);
  return { points: [...points.values()], reasons };
}

/** Fields of the card that the row says, and what could not be read. */
function readFields(text: (field: ImportField) => string, users: DraftOptions['users']) {
  const fields: CardFields = {};
  const reasons: Reason[] = [];
  const parts = [text('lastName'), text('firstName'), text('middleName')].filter(holdsText);
  const name = text('name') || parts.join(' ');
  if (name !== '') fields.name = name;
  for (const field of ['company', 'position', 'source'] as const) if (text(field) !== '') fields[field] = text(field);
  const stage = text('stage').toLowerCase().replaceAll('ё', 'е');
  const known = stages.find(([, pattern]) => pattern.test(stage))?.[0];
  if (known) fields.stage = known;
  else if (stage !== '') reasons.push({ code: 'unknown_stage', text: text('stage').slice(0, 100) });
  const responsible = text('responsible');
  const userId = users.get(responsible.toLowerCase());
  if (userId) fields.responsibleId = userId as NonNullable<CardFields['responsibleId']>;
  else if (responsible !== '') reasons.push({ code: 'unknown_responsible', text: responsible.slice(0, 100) });
  if (yes.test(text('vip').toLowerCase())) fields.vip = true;
  return { fields, reasons };
}

const tagsOf = (cells: readonly string[]): string[] => {
  const tags = cells.flatMap((cell) => cell.split(/[,;|\n]/)).map((tag) => oneLine(tag).slice(0, importLimits.tagText));
  return [...new Set(tags.filter(holdsText))].slice(0, importLimits.tags);
};

const nameLimit = 200;
const tooLong = (fields: CardFields): Reason[] =>
  (['name', 'company', 'position', 'source'] as const)
    .filter((field) => (fields[field]?.length ?? 0) > nameLimit)
    .map((field) => ({ code: 'too_long', text: field }));

/** Reads one row. Never throws. */
export function draftOf(row: number, cells: readonly string[], { mapping, region, users }: DraftOptions): Draft {
  const byField = cellsByField(cells, mapping);
  const text = (field: ImportField): string => oneLine((byField.get(field) ?? []).join(' '));
  const { points, reasons: badPoints } = readPoints(byField, region);
  const { fields, reasons: badFields } = readFields(text, users);
  const tags = tagsOf(byField.get('tags') ?? []);
  if (tags.length > 0) fields.tags = tags;
  const warning = (byField.get('warning') ?? []).join('\n').trim();
  if (warning !== '') fields.warning = warning.slice(0, importLimits.warningText);
  const comment = (byField.get('comment') ?? []).join('\n').trim();
  const isNameless = fields.name === undefined && fields.company === undefined;
  if (fields.name === undefined && fields.company !== undefined) {
    fields.name = fields.company;
    fields.kind = 'company';
  }
  const refused = tooLong(fields);
  if (points.length === 0 && badPoints.length > 0) refused.push({ code: 'no_valid_address', text: '' });
  if (points.length === 0 && badPoints.length === 0 && isNameless) refused.push({ code: 'empty', text: '' });
  const reasons = [...refused, ...badPoints, ...badFields];
  return { row, isValid: refused.length === 0, fields, isNameless, points, comment, reasons, cells };
}
