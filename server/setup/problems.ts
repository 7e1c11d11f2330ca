import { AppError } from '../kernel/errors.ts';

/** What stands in the way of a removal. */
export interface Usage {
  readonly kind: string;
  readonly id: number | string;
  readonly name: string;
}

const at = (field: string, message: string) => ({ errors: [{ path: `body/${field}`, message }] });

/** A field of the body is wrong in a way that no schema can say. `field`: its path, e.g. `hours/timeZone`. */
export const wrongField = (field: string, message: string): AppError =>
  new AppError('bad_request', `${field}: ${message}`, { details: at(field, message) });

/** Another one has this name, login, number or key. */
export const taken = (field: string, by: string): AppError =>
  new AppError('already_taken', `${field} belongs to ${by}`, { details: at(field, `belongs to ${by}`) });

/** It was changed since the version that the edit was made on. */
export const stale = (version: number): AppError =>
  new AppError('stale_version', 'it was changed meanwhile', { details: { version } });

export const inUse = (usedBy: readonly Usage[]): AppError =>
  new AppError('conflict', 'it is in use', { details: { usedBy: usedBy.slice(0, 20) } });
