import { and, desc, eq, gte, lt, lte, type SQL } from 'drizzle-orm';
import type { Executor } from '../../db/client.ts';
import { setupVersions, users } from '../../db/schema/index.ts';
import type { SetupVersion } from '../contract/setup-schemas.ts';
import type { SetupAction, SetupKind } from '../contract/setup-words.ts';
import { AppError } from '../kernel/errors.ts';
import type { UserId } from '../kernel/ids.ts';

/** One change as it is kept. */
export interface VersionEntry {
  readonly kind: SetupKind;
  readonly subjectId: number;
  readonly subjectName: string;
  readonly action: SetupAction;
  /** Without secrets; null = there was none. */
  readonly before: object | null;
  readonly after: object | null;
  readonly rolledBackFrom: number | null;
}

type Fields = Readonly<Record<string, unknown>>;
/** Only there so that a version can be read alone. */
const dull = new Set(['userName']);

const same = (one: unknown, other: unknown): boolean => canonical(one) === canonical(other);

/** JSON with keys in one order: the database keeps none. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

/** Fields that differ, in the order of the newer state; absent = the thing did not exist. */
export function changesBetween(before: object | null, after: object | null): SetupVersion['changes'] {
  const old = (before ?? {}) as Fields;
  const now = (after ?? {}) as Fields;
  const names = new Set([...Object.keys(now), ...Object.keys(old)].filter((name) => !dull.has(name)));
  return [...names]
    .filter((name) => !same(old[name], now[name]))
    .map((field) => ({
      field,
      ...(before && field in old ? { before: old[field] } : {}),
      ...(after && field in now ? { after: now[field] } : {}),
    }));
}

/** Appends a version. @returns its id */
export async function keepVersion(tx: Executor, entry: VersionEntry, userId: UserId, at: Date): Promise<number> {
  const row = { ...entry, userId, at } as typeof setupVersions.$inferInsert;
  const [made] = await tx.orm.insert(setupVersions).values(row).returning({ id: setupVersions.id });
  if (!made) throw new Error('no version was made');
  return made.id;
}

/** @throws AppError `not_found` */
export async function readVersion(tx: Executor, id: number): Promise<VersionEntry> {
  const [row] = await tx.orm.select().from(setupVersions).where(eq(setupVersions.id, id));
  if (!row) throw new AppError('not_found', `there is no version ${id}`);
  return row as unknown as VersionEntry;
}

export interface VersionFilter {
  readonly id?: number | undefined;
  readonly kind?: SetupKind | undefined;
  readonly subjectId?: number | undefined;
  readonly userId?: number | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  /** Only older ones. */
  readonly before?: number | undefined;
  readonly limit: number;
}

function conditions(filter: VersionFilter): SQL | undefined {
  const { id, kind, subjectId, userId, from, to, before } = filter;
  return and(
    id === undefined ? undefined : eq(setupVersions.id, id),
    kind === undefined ? undefined : eq(setupVersions.kind, kind),
    subjectId === undefined ? undefined : eq(setupVersions.subjectId, subjectId),
    userId === undefined ? undefined : eq(setupVersions.userId, userId as UserId),
    from === undefined ? undefined : gte(setupVersions.at, new Date(from)),
    to === undefined ? undefined : lte(setupVersions.at, new Date(to)),
    before === undefined ? undefined : lt(setupVersions.id, before),
  );
}

/** Versions, newest first. `before` of the answer: the next page, or null. */
export async function listVersions(
  db: Executor,
  filter: VersionFilter,
): Promise<{ items: SetupVersion[]; before: number | null }> {
  const rows = await db.orm
    .select({ version: setupVersions, userName: users.name })
    .from(setupVersions)
    .leftJoin(users, eq(users.id, setupVersions.userId))
    .where(conditions(filter))
    .orderBy(desc(setupVersions.id))
    .limit(filter.limit + 1);
  const items = rows.slice(0, filter.limit).map(({ version, userName }) => viewOf(version, userName));
  return { items, before: rows.length > filter.limit ? (items.at(-1)?.id ?? null) : null };
}

function viewOf(row: typeof setupVersions.$inferSelect, userName: string | null): SetupVersion {
  const action = row.action as SetupAction;
  return {
    id: row.id,
    at: row.at.toISOString(),
    user: row.userId === null ? null : { id: row.userId, name: userName ?? `#${row.userId}` },
    kind: row.kind as SetupKind,
    subjectId: row.subjectId,
    subjectName: row.subjectName,
    action,
    changes: changesBetween(row.before, row.after),
    rolledBackFrom: row.rolledBackFrom,
    canRollBack: action === 'created' || action === 'changed' || action === 'removed',
  };
}
