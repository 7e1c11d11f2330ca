import { sql } from 'drizzle-orm';
import type { Database, Executor } from '../../db/client.ts';
import { writeAudit } from '../access/audit.ts';
import type { SignedInUser } from '../access/route.ts';
import type { SetupAction, SetupKind } from '../contract/setup-words.ts';
import type { Clock } from '../kernel/clock.ts';
import { AppError } from '../kernel/errors.ts';
import type { Journal, JournalEntry } from '../kernel/journal.ts';
import { maxOfKind } from './limits.ts';
import { inUse, stale } from './problems.ts';
import type { Stored, Subject } from './subject.ts';
import { changesBetween, keepVersion, readVersion, type VersionEntry } from './versions.ts';

/** A change that is committed. */
export interface Committed {
  readonly kind: SetupKind;
  readonly id: number;
  readonly action: SetupAction;
  readonly before: object | null;
  readonly after: object | null;
}

/** One change in the making: all of it is kept, or nothing. */
export interface Turn {
  readonly tx: Executor;
  readonly user: SignedInUser;
  /** @param id where another thing names it; absent = the next */
  create<D extends object>(subject: Subject<D>, data: D, id?: number): Promise<number>;
  /**
   * Writes what `change` makes of the present data; nothing when that is the same.
   * @param version that the edit was made on; undefined = whatever it is
   * @throws AppError `not_found`, `stale_version`, and what the subject's check throws
   */
  edit<D extends object>(
    subject: Subject<D>,
    at: { readonly id: number; readonly version: number | undefined },
    change: (data: D) => D | Promise<D>,
  ): Promise<void>;
  /** @throws AppError `not_found`, `stale_version`, `conflict` with `usedBy` */
  remove<D extends object>(subject: Subject<D>, at: { readonly id: number; readonly version: number }): Promise<void>;
  /** A secret was replaced: a version without it. */
  note<D extends object>(subject: Subject<D>, id: number, action: SetupAction): Promise<void>;
  /** Writes a thing as it was before a version. @returns the new version's id */
  rollBack(versionId: number): Promise<number>;
}

export interface Changes {
  /** Runs one change after another, and returns when the whole house works by it. */
  run<T>(user: SignedInUser, work: (turn: Turn) => Promise<T>): Promise<T>;
}

export interface ChangesOptions {
  readonly db: Database;
  readonly clock: Clock;
  readonly journal: Pick<Journal, 'append' | 'published'>;
  readonly subjects: Readonly<Record<SetupKind, Subject>>;
  /** Called after the commit and before the next change. Must not throw. */
  readonly onCommitted: (changes: readonly Committed[]) => Promise<void>;
}

/** Any number that no other lock of this database takes: "swsu" in ASCII. */
const lockKey = 0x73777375;

export function createChanges(options: ChangesOptions): Changes {
  const { db, journal, onCommitted } = options;
  let last: Promise<unknown> = Promise.resolve();

  async function perform<T>(user: SignedInUser, work: (turn: Turn) => Promise<T>): Promise<T> {
    const { value, entries, committed } = await db.transaction(async (tx) => {
      // other processes change the setting too: checks and writes belong together
      await tx.orm.execute(sql`select pg_advisory_xact_lock(${lockKey})`);
      const turn = createTurn(tx, user, options);
      const value = await work(turn);
      return { value, entries: turn.entries, committed: turn.committed };
    });
    journal.published(entries);
    if (committed.length > 0) await onCommitted(committed);
    return value;
  }

  return {
    run(user, work) {
      const next = last.then(() => perform(user, work));
      last = next.catch(() => undefined);
      return next;
    },
  };
}

type OpenTurn = Turn & { readonly entries: JournalEntry[]; readonly committed: Committed[] };

function createTurn(tx: Executor, user: SignedInUser, { journal, clock, subjects }: ChangesOptions): OpenTurn {
  const entries: JournalEntry[] = [];
  const committed: Committed[] = [];

  async function keep(entry: VersionEntry): Promise<number> {
    const { kind, subjectId, action, before, after } = entry;
    const id = await keepVersion(tx, entry, user.id, new Date(clock.now()));
    const fields = changesBetween(before, after).map(({ field }) => field);
    const data = { kind, subjectId, action, versionId: id };
    entries.push(...(await journal.append(tx, [{ type: 'setup.changed', userId: user.id, data }])));
    await writeAudit(tx, {
      userId: user.id,
      action: 'setup.changed',
      subject: `${kind}:${subjectId}`,
      data: { action, versionId: id, fields },
    });
    committed.push({ kind, id: subjectId, action, before, after });
    return id;
  }

  async function present<D extends object>(subject: Subject<D>, id: number, version?: number): Promise<Stored<D>> {
    const stored = await subject.read(tx, id);
    if (!stored) throw new AppError('not_found', `there is no ${subject.kind} ${id}`);
    if (version !== undefined && stored.version !== version) throw stale(stored.version);
    return stored;
  }

  async function add<D extends object>(subject: Subject<D>, data: D, id: number | null, from: number | null) {
    if ((await subject.count(tx)) >= maxOfKind[subject.kind])
      throw new AppError('too_large', `there are too many of the kind "${subject.kind}"`);
    await subject.check(data, { tx, user, before: null });
    const made = await subject.insert(tx, data, { id, version: 1 });
    const after = (await subject.read(tx, made))?.data ?? data;
    const subjectName = subject.nameOf(after);
    const facts = { kind: subject.kind, subjectId: made, subjectName, before: null, after };
    return { made, versionId: await keep({ ...facts, action: 'created', rolledBackFrom: from }) };
  }

  async function write<D extends object>(subject: Subject<D>, before: Stored<D>, data: D, from: number | null) {
    await subject.check(data, { tx, user, before });
    if (changesBetween(before.data, data).length === 0) return null;
    await subject.update(tx, data, { id: before.id, version: before.version + 1 });
    const facts = { kind: subject.kind, subjectId: before.id, subjectName: subject.nameOf(data) };
    return keep({ ...facts, before: before.data, after: data, action: 'changed', rolledBackFrom: from });
  }

  async function takeAway<D extends object>(subject: Subject<D>, before: Stored<D>, from: number | null) {
    const usedBy = await subject.usedBy(tx, before.id);
    if (usedBy.length > 0) throw inUse(usedBy);
    await subject.remove(tx, before.id);
    const facts = { kind: subject.kind, subjectId: before.id, subjectName: subject.nameOf(before.data) };
    return keep({ ...facts, before: before.data, after: null, action: 'removed', rolledBackFrom: from });
  }

  async function restore<D extends object>(subject: Subject<D>, version: VersionEntry, from: number) {
    const { subjectId } = version;
    const target = version.before as D | null;
    const now = await subject.read(tx, subjectId);
    if (target === null && now === null) throw nothingToTakeBack();
    if (now === null) return (await add(subject, target as D, subjectId, from)).versionId;
    if (target === null && !subject.retired) return takeAway(subject, now, from);
    // what an old version does not know stays as it is
    const data = target ? { ...now.data, ...target } : (subject.retired?.(now.data) ?? now.data);
    const id = await write(subject, now, data, from);
    if (id === null) throw nothingToTakeBack();
    return id;
  }

  return {
    tx,
    user,
    entries,
    committed,
    create: async (subject, data, id) => (await add(subject, data, id ?? null, null)).made,
    async edit(subject, { id, version }, change) {
      const before = await present(subject, id, version);
      await write(subject, before, await change(before.data), null);
    },
    async remove(subject, { id, version }) {
      await takeAway(subject, await present(subject, id, version), null);
    },
    async note(subject, id, action) {
      const { data } = await present(subject, id);
      const facts = { kind: subject.kind, subjectId: id, subjectName: subject.nameOf(data) };
      await keep({ ...facts, action, before: null, after: null, rolledBackFrom: null });
    },
    async rollBack(versionId) {
      const version = await readVersion(tx, versionId);
      if (version.action.endsWith('_reset'))
        throw new AppError('conflict', 'a secret that was replaced cannot come back');
      return restore(subjects[version.kind], version, versionId);
    },
  };
}

const nothingToTakeBack = (): AppError => new AppError('conflict', 'it is already as it was before that change');
