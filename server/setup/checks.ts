import { isIP } from 'node:net';
import type { Period } from '../routing/work-schedule.ts';
import { wrongField } from './problems.ts';

/** Checks that no schema can say; each throws AppError `bad_request` naming the field. */

export function checkTimeZone(field: string, timeZone: string): void {
  try {
    new Intl.DateTimeFormat('en', { timeZone });
  } catch {
    throw wrongField(field, `there is no time zone "${timeZone}"`);
  }
}

export function checkDay(field: string, day: string): void {
  const date = new Date(`${day}T00:00:00Z`);
  if (Number.isNaN(date.getTime()) || date.toISOString().slice(0, 10) !== day)
    throw wrongField(field, `there is no day ${day}`);
}

/** Each day once. */
export function checkExceptions(
  field: string,
  exceptions: readonly { day: string; periods: readonly Period[] }[],
): void {
  const seen = new Set<string>();
  for (const [index, { day }] of exceptions.entries()) {
    checkDay(`${field}/${index}/day`, day);
    if (seen.has(day)) throw wrongField(`${field}/${index}/day`, `${day} is there twice`);
    seen.add(day);
  }
}

/** Each id once. */
export function checkOnce(field: string, ids: readonly number[]): void {
  if (new Set(ids).size !== ids.length) throw wrongField(field, 'somebody is there twice');
}

/** A host name (RFC 1123 section 2.1) or an address. */
export function checkHost(field: string, host: string): void {
  if (isIP(host) !== 0 || /^[a-z\d]([a-z\d.-]{0,251}[a-z\d])?$/i.test(host)) return;
  throw wrongField(field, 'is no host name and no address');
}

/** IP or IP/prefix. */
export function checkNetworks(field: string, entries: readonly string[]): void {
  for (const [index, entry] of entries.entries()) {
    const [address = '', prefix, ...rest] = entry.split('/');
    const bits = isIP(address) === 4 ? 32 : isIP(address) === 6 ? 128 : -1;
    const isPrefix = prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= bits);
    if (bits < 0 || !isPrefix || rest.length > 0)
      throw wrongField(`${field}/${index}`, 'is no address and no network like 192.0.2.0/24');
  }
}
