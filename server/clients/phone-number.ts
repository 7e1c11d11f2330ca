import { type CountryCode, type PhoneNumber, parsePhoneNumberFromString } from 'libphonenumber-js/max';
import type { NumberReason } from '../contract/words.ts';
import { clientLimits } from './limits.ts';
import { readWrittenNumber, type WrittenNumber } from './written-number.ts';

/** By which habit a number was read; kept as evidence when it makes or finds a card. */
export type NumberRule =
  | 'international'
  | 'national'
  | 'country_code_without_plus'
  | 'area_of_line'
  | 'letters'
  | 'legacy_plan'
  | 'service_number'
  | 'hidden'
  | 'as_written';

/** A number from a wire, a person or a file in its one canonical form. */
export interface ParsedNumber {
  /** With plus; null when there is none, and `reason` says why. */
  readonly e164: string | null;
  /** Digits behind the number, or empty. */
  readonly extension: string;
  readonly reason: NumberReason | null;
  /** ISO 3166-1 country, or empty. */
  readonly region: string;
  /** International spelling for people; what was written when there is no E.164 form. */
  readonly display: string;
  /** As it came, cut to the limit. */
  readonly raw: string;
  /** What a contact point stores: E.164, a service number as dialled, `anonymous`, or the text itself. Never empty. */
  readonly value: string;
  readonly rule: NumberRule;
}

interface Found {
  readonly number: PhoneNumber;
  readonly rule: NumberRule;
}

/** All callers without a number share one card under this contact point. */
export const anonymousValue = 'anonymous';

const parse = (text: string, region?: string): PhoneNumber | undefined =>
  parsePhoneNumberFromString(text, { ...(region ? { defaultCountry: region as CountryCode } : {}), extract: false });

/**
 * Numbers written by a plan that its country has left: Brazil's mobiles without the ninth digit (2016), Mexico's
 * mobile 1 after the country code (2019). One person, one number, however old the sender's list is.
 */
function modernise(e164: string): string {
  if (/^\+55[1-9]\d[6-9]\d{7}$/.test(e164)) return `${e164.slice(0, 5)}9${e164.slice(5)}`;
  if (/^\+521\d{10}$/.test(e164)) return `+52${e164.slice(4)}`;
  return e164;
}

function international(digits: string, rule: NumberRule): Found | null {
  const written = `+${digits.replace(/^00+/, '')}`;
  const modern = modernise(written);
  const number = parse(modern);
  return number?.isPossible() ? { number, rule: modern === written ? rule : 'legacy_plan' } : null;
}

/** With a plus. `+8 (916) ...` is a Russian's plus before the trunk prefix. */
function readInternational(digits: string, region: string): Found | null {
  const found = international(digits, 'international');
  if (found?.number.isValid()) return found;
  const national = /^8\d{10}$/.test(digits) ? parse(digits, region) : undefined;
  if (national?.isValid() && national.countryCallingCode === '7') return { number: national, rule: 'national' };
  return found;
}

/** From this length on, digits without a plus are believed to have a country code. */
const fullDigits = 11;

/** Without a plus: the region's habits first, then E.164 digits of any country, then the line's own area. */
function readLocal(digits: string, region: string, area: string): Found | null {
  if (/^00[1-9]/.test(digits)) return international(digits, 'international');
  const national = parse(digits, region);
  const own = national && parse(modernise(national.number));
  const foreign = international(digits, 'country_code_without_plus');
  // Plans with numbers of any length (Germany) would take their own country code for an area.
  const isOwn = foreign?.number.countryCallingCode === own?.countryCallingCode;
  if (isOwn && digits.length >= fullDigits && foreign?.number.isValid()) return foreign;
  if (own?.isValid()) return { number: own, rule: own.number === national?.number ? 'national' : 'legacy_plan' };
  if (foreign?.number.isValid()) return foreign;
  const local = area === '' ? undefined : parse(`${area}${digits}`, region);
  if (local?.isValid()) return { number: local, rule: 'area_of_line' };
  // Ranges younger than our metadata: the length is right, so it is kept.
  if (own?.isPossible() && !unallocated.test(own.number)) return { number: own, rule: 'national' };
  return digits.length >= fullDigits ? foreign : null;
}

/** Never given out in the Russian and Kazakh plan: a bare number like this has lost a digit. */
const unallocated = /^\+7(?:[01256]|89)/;

function read(part: { international: boolean; digits: string }, region: string, area: string): Found | null {
  if (part.international) return readInternational(part.digits, region);
  if (part.digits.length <= clientLimits.shortDigits && area === '') return null;
  if (part.digits.length < 5) return null;
  return readLocal(part.digits, region, area);
}

/** Letters for keys are in use in North America and on toll-free numbers; elsewhere they are somebody's name. */
function readKeypad(written: WrittenNumber, region: string): Found | null {
  if (written.keypad === '') return null;
  const found = read({ international: written.international, digits: written.keypad }, region, '');
  if (!found?.number.isValid()) return null;
  const { number } = found;
  const usual = number.countryCallingCode === '1' || ['TOLL_FREE', 'SHARED_COST'].includes(number.getType() ?? '');
  return usual ? { number, rule: 'letters' } : null;
}

function find(written: WrittenNumber, region: string, area: string): Found | null {
  const whole = read(written, region, area);
  if (whole?.number.isValid()) return whole;
  const keypad = readKeypad(written, region);
  if (keypad) return keypad;
  for (const part of written.parts) {
    const found = read(part, region, area);
    if (found?.number.isValid()) return found;
  }
  return whole;
}

function reasonOf(written: WrittenNumber): NumberReason {
  const { digits, hasWords } = written;
  if (written.code !== '') return 'short';
  if (digits === '' || (hasWords && digits.length <= clientLimits.shortDigits && !/^\D{0,2}\d+ /.test(written.text)))
    return 'not_a_number';
  if (digits.length <= clientLimits.shortDigits) return 'short';
  return digits.length > clientLimits.numberDigits ? 'too_long' : 'impossible';
}

function without(written: WrittenNumber, reason: NumberReason, raw: string): ParsedNumber {
  const common = { e164: null, reason, region: '', raw };
  if (reason === 'hidden') return { ...common, extension: '', display: '', value: anonymousValue, rule: 'hidden' };
  if (reason === 'short') {
    const value = (written.code || written.digits).slice(0, clientLimits.addressText);
    return { ...common, extension: written.extension, display: value, value, rule: 'service_number' };
  }
  const text = written.text.slice(0, clientLimits.addressText);
  return {
    ...common,
    extension: '',
    display: text,
    value: written.hasWords ? text : written.digits.slice(0, clientLimits.addressText) || text,
    rule: 'as_written',
  };
}

function parseAnew(raw: string, region: string, area: string): ParsedNumber {
  const written = readWrittenNumber(raw);
  const kept = raw.slice(0, clientLimits.numberText);
  if (written.hidden) return without(written, 'hidden', kept);
  const found = written.code === '' ? find(written, region, area) : null;
  if (!found) return without(written, reasonOf(written), kept);
  const { number, rule } = found;
  return {
    e164: number.number,
    extension: written.extension,
    reason: null,
    region: number.country ?? '',
    display: spell(number),
    raw: kept,
    value: number.number,
    rule,
  };
}

/** Results by region, area and text; the one not asked for longest goes first. Carriers' callers repeat. */
const remembered = new Map<string, ParsedNumber>();

/**
 * The canonical form of a number however it is written. Pure, never throws, bounded in time; repeated texts are
 * answered from memory.
 * @param region whose habits decide how bare numbers are read, ISO 3166-1: `RU`
 * @param area area code of the line it came in on, for numbers written without one: `495`
 */
export function parsePhoneNumber(raw: string, region: string, area = ''): ParsedNumber {
  if (raw.length > clientLimits.numberText) return parseAnew(raw, region, area);
  const key = `${region} ${area} ${raw}`;
  const parsed = remembered.get(key) ?? parseAnew(raw, region, area);
  remembered.delete(key);
  if (remembered.size >= clientLimits.numberCache) {
    const [oldest] = remembered.keys();
    if (oldest !== undefined) remembered.delete(oldest);
  }
  remembered.set(key, parsed);
  return parsed;
}

function spell(number: PhoneNumber): string {
  const ten = number.countryCallingCode === '7' && /^(\d{3})(\d{3})(\d\d)(\d\d)$/.exec(number.nationalNumber);
  return ten ? `+7 ${ten[1]} ${ten[2]}-${ten[3]}-${ten[4]}` : number.formatInternational();
}

/** E.164 in international spelling, `+7 916 123-45-67`; anything else is returned as it is. */
export function formatPhone(e164: string): string {
  return e164.startsWith('+') ? parsePhoneNumber(e164, '').display || e164 : e164;
}

/** ISO 3166-1 country of an E.164 number, or empty. */
export function regionOf(e164: string): string {
  return e164.startsWith('+') ? parsePhoneNumber(e164, '').region : '';
}

/** Whether an E.164 number rings on a desk and nowhere else: no short message arrives there. */
export const isLandline = (e164: string): boolean => e164.startsWith('+') && parse(e164)?.getType() === 'FIXED_LINE';

/** Russian and Kazakh cities whose own numbers have seven digits. */
const sevenDigitAreas = new Set(
  '342 343 345 347 351 383 391 473 495 498 499 812 831 842 843 844 846 861 862 863'.split(' '),
);

/** Area code that callers of this line leave out, or empty: for the third parameter of `parsePhoneNumber`. */
export function areaOf(e164: string): string {
  const number = parse(e164);
  const area = number?.nationalNumber.slice(0, 3) ?? '';
  const type = number?.getType();
  if (type !== 'FIXED_LINE' && type !== 'FIXED_LINE_OR_MOBILE') return '';
  if (number?.countryCallingCode === '1') return area;
  return number?.countryCallingCode === '7' && sevenDigitAreas.has(area) ? area : '';
}

/**
 * Values under which a card may hold this number, the canonical one first: safe for a look-up, because each is the
 * same subscriber by its country's plan. Never a suffix alone.
 */
export function matchCandidates(parsed: ParsedNumber): string[] {
  const { e164, value } = parsed;
  if (e164 === null) return [value];
  const candidates = [e164];
  if (/^\+55[1-9]\d9[6-9]\d{7}$/.test(e164)) candidates.push(`${e164.slice(0, 5)}${e164.slice(6)}`);
  if (/^\+52[2-9]\d{9}$/.test(e164)) candidates.push(`+521${e164.slice(3)}`);
  // Argentina: the mobile 9 is dialled from abroad only
  if (/^\+549\d{10}$/.test(e164)) candidates.push(`+54${e164.slice(4)}`);
  else if (/^\+54[1-8]\d{9}$/.test(e164)) candidates.push(`+549${e164.slice(3)}`);
  return candidates;
}
