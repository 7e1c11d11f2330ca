import type { Translate } from '../../i18n/translate.ts';
import { failureCode, RequestFailure } from '../../net/problem.ts';
import type { Say } from '../words/translate.ts';

/** What is wrong with each field, by its path: `name`, `hours/timeZone`. */
export type FieldErrors = ReadonlyMap<string, string>;

const own = [
  'stale_version',
  'already_taken',
  'conflict',
  'agent_busy',
  'bad_request',
  'too_large',
  'invalid_number',
] as const;

/** One sentence for a failed change. Who uses a thing that cannot be removed is named. */
export function failureText(error: unknown, { say, t }: { readonly say: Say; readonly t: Translate }): string {
  const code = failureCode(error);
  const names = usersOf(error).join(', ');
  if (code === 'conflict' && names !== '') return say('problem.usedBy', { names });
  const known = own.find((one) => one === code);
  return known === undefined ? t(`failure.${code}`) : say(`problem.${known}`);
}

function usersOf(error: unknown): string[] {
  const problem = error instanceof RequestFailure ? error.problem : undefined;
  const { usedBy } = (problem ?? {}) as { usedBy?: readonly { name?: unknown }[] };
  return Array.isArray(usedBy) ? usedBy.map(({ name }) => String(name)) : [];
}

/** The fields that a problem names, in the reader's words. Empty when it names none. */
export function fieldErrorsOf(error: unknown, say: Say): FieldErrors {
  if (!(error instanceof RequestFailure)) return new Map();
  const errors = (error.problem?.errors ?? []).map(
    ({ path, message }) => [path.replace(/^body\/?/, ''), messageText(message, say)] as const,
  );
  if (errors.length === 0 && error.code === 'invalid_number')
    return new Map([['number', say('problem.invalid_number')]]);
  return new Map(errors);
}

/** The server says it in English; what people can do wrong by hand is known here. */
const patterns: readonly (readonly [RegExp, Parameters<Say>[0]])[] = [
  [/time zone/, 'problem.field.zone'],
  [/no country/, 'problem.field.country'],
  [/is there twice/, 'problem.field.dayTwice'],
  [/there is no day/, 'problem.field.day'],
  [/there is no line/, 'problem.field.line'],
  [/no host name/, 'problem.field.host'],
  [/no network/, 'problem.field.network'],
  [/no e-mail address/, 'problem.field.mail'],
  [/no phone number and no sender/, 'problem.field.address'],
  [/other characters/, 'problem.field.shortcut'],
  [/less than one conversation/, 'problem.field.capacity'],
  [/must be given|is missing|is empty/, 'problem.field.required'],
  [/fewer than|at least|minLength/i, 'problem.field.short'],
];

function messageText(message: string, say: Say): string {
  const by = /belongs to (.+)$/.exec(message)?.[1];
  if (by !== undefined) return say('problem.field.taken', { by });
  const field = /there is no field (.+)$/.exec(message)?.[1];
  if (field !== undefined) return say('problem.field.noField', { name: field });
  const known = patterns.find(([pattern]) => pattern.test(message))?.[1];
  return known === undefined ? say('problem.field', { detail: message }) : (say as (key: string) => string)(known);
}

/** The error of a field or of anything inside it. */
export function errorAt(errors: FieldErrors, field: string): string | undefined {
  const exact = errors.get(field);
  if (exact !== undefined) return exact;
  return [...errors].find(([path]) => path.startsWith(`${field}/`))?.[1];
}
