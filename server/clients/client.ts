import { type SignedInUser, seesAll } from '../access/route.ts';
import type { ClientCard, ClientChange, ContactPoint, ContactPointInput } from '../contract/schemas.ts';
import { AppError } from '../kernel/errors.ts';
import type { ClientId, UserId } from '../kernel/ids.ts';
import { clientLimits } from './limits.ts';
import { formatPhone, parsePhoneNumber, regionOf } from './phone-number.ts';
import { timeZoneOf } from './time-zone.ts';

/** A contact point as stored. */
export interface StoredContactPoint {
  readonly id: number;
  readonly kind: 'phone' | 'email';
  readonly value: string;
  readonly extension: string;
  readonly label: string;
  readonly isPrimary: boolean;
}

/** A card as stored, with its contact points: the primary one first. */
export interface StoredCard {
  readonly id: ClientId;
  readonly version: number;
  readonly kind: ClientCard['kind'];
  readonly name: string;
  readonly company: string;
  readonly position: string;
  readonly responsible: { readonly id: UserId; readonly name: string } | null;
  readonly language: 'ru' | 'en' | '';
  readonly timeZone: string;
  readonly stage: ClientCard['stage'];
  readonly vip: boolean;
  readonly source: string;
  readonly tags: readonly string[];
  readonly warning: string;
  readonly contactPoints: readonly StoredContactPoint[];
  readonly createdAt: Date;
}

/** A contact point in canonical form, ready to be stored. */
export interface NewContactPoint {
  readonly kind: 'phone' | 'email';
  readonly value: string;
  readonly raw: string;
  readonly extension: string;
  readonly label: string;
  readonly isPrimary: boolean;
  /** Why this value: goes to the identity ledger. */
  readonly evidence: string;
}

/** Columns of a card that people change. */
export type CardFields = Partial<{
  kind: StoredCard['kind'];
  name: string;
  company: string;
  position: string;
  responsibleId: UserId | null;
  language: StoredCard['language'];
  timeZone: string;
  stage: StoredCard['stage'];
  vip: boolean;
  source: string;
  tags: string[];
  warning: string;
}>;

/** What of a user decides which cards he sees. */
export type Viewer = Pick<SignedInUser, 'id' | 'role' | 'sees'>;

/** What of a card decides who sees it. */
export type SeenCard = Pick<StoredCard, 'id' | 'responsible'>;

/** What the house knows of a viewer besides his account. */
export interface ViewerFacts {
  /** His team and those that he leads. */
  readonly mates: ReadonlySet<UserId>;
  /** Clients whom he works with now: whoever rings him, talks to him or waits for him is no secret to him. */
  readonly works: ReadonlySet<ClientId>;
}

/**
 * Whether a user may see a card. The one rule: lists say it in SQL (visibility.ts), everything else asks here.
 * What nobody is responsible for is everybody's.
 */
export function canSee(user: Viewer, { id, responsible }: SeenCard, { mates, works }: ViewerFacts): boolean {
  if (seesAll(user) || responsible === null || responsible.id === user.id) return true;
  return (user.sees === 'team' && mates.has(responsible.id)) || works.has(id);
}

/** A card that is not there and one that must not be seen look alike. */
export const noCard = (id: ClientId): AppError => new AppError('not_found', `there is no card ${id}`);

/** How a number or address is shown to people. */
export const displayOf = (point: { kind: string; value: string }): string =>
  point.kind === 'phone' ? formatPhone(point.value) : point.value;

/** The card as the browser gets it: spellings for people, and region and time zone by the first number. */
export function cardView(card: StoredCard): ClientCard {
  const { timeZone, createdAt, tags, contactPoints, ...same } = card;
  const number = contactPoints.find((point) => point.kind === 'phone')?.value ?? '';
  return {
    ...same,
    tags: [...tags],
    timeZone: timeZone || timeZoneOf(number),
    region: regionOf(number),
    contactPoints: contactPoints.map((point): ContactPoint => ({ ...point, display: displayOf(point) })),
    createdAt: createdAt.toISOString(),
  };
}

const oneLine = (text: string): string => text.replace(/[\s\p{Cc}]+/gu, ' ').trim();

function checkTimeZone(timeZone: string): string {
  if (timeZone === '') return '';
  try {
    new Intl.DateTimeFormat('en', { timeZone });
    return timeZone;
  } catch (cause) {
    throw new AppError('bad_request', `there is no time zone "${timeZone}"`, { cause });
  }
}

const uniqueTags = (tags: readonly string[]): string[] => [...new Set(tags.map(oneLine).filter((tag) => tag !== ''))];

/**
 * What a change really changes: fields that differ from the card, tidied. Naming an unknown caller makes a person of
 * him, unless the change says what he is.
 * @throws AppError `bad_request` for an empty name or a time zone that does not exist
 */
export function changedFields(card: StoredCard, change: Omit<ClientChange, 'version'>): CardFields {
  const { responsibleId, tags, timeZone, name, ...rest } = change;
  const wanted: CardFields = { ...rest };
  for (const field of ['company', 'position', 'source', 'warning'] as const) {
    const text = rest[field];
    if (text !== undefined) wanted[field] = field === 'warning' ? text.trim() : oneLine(text);
  }
  if (name !== undefined) wanted.name = nameOf(name);
  if (tags) wanted.tags = uniqueTags(tags);
  if (timeZone !== undefined) wanted.timeZone = checkTimeZone(timeZone);
  if (responsibleId !== undefined) wanted.responsibleId = responsibleId as UserId | null;
  const present: Required<CardFields> = { ...card, tags: [...card.tags], responsibleId: card.responsible?.id ?? null };
  const differing = Object.entries(wanted).filter(
    ([field, value]) => JSON.stringify(present[field as keyof CardFields]) !== JSON.stringify(value),
  );
  const changed: CardFields = Object.fromEntries(differing);
  if (changed.name !== undefined && card.kind === 'unknown' && wanted.kind === undefined) changed.kind = 'person';
  return changed;
}

/** A name as stored. @throws AppError `bad_request` when nothing but spaces is left */
export function nameOf(written: string): string {
  const name = oneLine(written);
  if (name === '') throw new AppError('bad_request', 'a name must not be empty');
  return name;
}

const email =
  /^[^\s@<>()",;:\\[\]]{1,64}@[^\s@<>()",;:\\[\].](?:[^\s@<>()",;:\\[\]]{0,250})\.[^\s@<>()",;:\\[\].]{2,63}$/u;

/**
 * A number or address as a person wrote it, in its canonical form.
 * @param region whose habits decide how bare numbers are read
 * @throws AppError `invalid_number` with the reason in details, `invalid_email`
 */
export function contactPointOf(input: ContactPointInput, region: string): NewContactPoint {
  const common = { label: oneLine(input.label ?? ''), isPrimary: input.isPrimary ?? false, raw: input.value };
  if (input.kind === 'email') {
    const value = input.value
      .trim()
      .replace(/^mailto:/i, '')
      .toLowerCase();
    if (!email.test(value) || value.length > clientLimits.emailText || value.includes('..'))
      throw new AppError('invalid_email', `"${value}" is not an e-mail address`);
    return { ...common, kind: 'email', value, extension: '', evidence: `e-mail written as "${input.value}"` };
  }
  const number = parsePhoneNumber(input.value, region);
  if (number.reason !== null && number.reason !== 'short')
    throw new AppError('invalid_number', `"${input.value}" is not a phone number: ${number.reason}`, {
      details: { reason: number.reason },
    });
  const evidence = `number written as "${number.raw}", read by rule ${number.rule}`;
  return { ...common, kind: 'phone', value: number.value, extension: number.extension, evidence };
}

/**
 * The name of a card made by a call: what the caller's equipment says he is, when that is a name and not his number
 * again, otherwise the number.
 */
export function callerName(hint: string | undefined, number: string): string {
  const name = oneLine((hint ?? '').replace(/[\p{Cf}"<>]/gu, '')).slice(0, clientLimits.nameText);
  const letters = name.match(/\p{L}/gu)?.length ?? 0;
  if (letters < 2 || letters * 2 < name.replace(/\s/g, '').length) return number;
  return parsePhoneNumber(name, '').reason === 'hidden' ? number : name;
}
