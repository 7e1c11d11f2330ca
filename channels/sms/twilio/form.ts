import { limits } from '../limits.ts';

/** A webhook's parameters. A name that came several times keeps all its values: they are signed too. */
export type Form = Readonly<Record<string, string | string[]>>;

/** application/x-www-form-urlencoded; null when there is too much of it. */
export function readForm(body: Buffer): Form | null {
  if (body.length > limits.formBytes) return null;
  const values = new Map<string, string[]>();
  let count = 0;
  for (const [name, value] of new URLSearchParams(body.toString('utf8'))) {
    if (++count > limits.formParameters) return null;
    const known = values.get(name);
    if (known === undefined) values.set(name, [value]);
    else known.push(value);
  }
  const entries = [...values].map(([name, all]) => [name, all.length === 1 ? (all[0] ?? '') : all] as const);
  return Object.fromEntries(entries);
}

/** The first value of a parameter, without what no database takes; empty when it is absent. */
export function parameter(form: Form, name: string): string {
  const value = Object.hasOwn(form, name) ? form[name] : undefined;
  return ((Array.isArray(value) ? value[0] : value) ?? '').replaceAll('\0', '').toWellFormed();
}
