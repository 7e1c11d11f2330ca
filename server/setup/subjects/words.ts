import { type SQL, sql } from 'drizzle-orm';
import { dispositions, presenceReasons } from '../../../db/schema/index.ts';
import { requireFree, rowSubject } from './row.ts';

export interface DispositionData {
  readonly hotkey: number | null;
  readonly nameRu: string;
  readonly nameEn: string;
  readonly position: number;
  readonly archived: boolean;
}

const archivedAt = (archived: boolean): SQL | null => (archived ? sql`now()` : null);

/** Outcomes of wrap-up. Archived, not removed: calls of the past name them. */
export const dispositionSubject = rowSubject({
  kind: 'disposition',
  table: dispositions,
  nameOf: ({ nameRu }: DispositionData) => nameRu,
  toData: ({ hotkey, nameRu, nameEn, position, archivedAt }): DispositionData => ({
    hotkey: hotkey || null,
    nameRu,
    nameEn,
    position,
    archived: archivedAt !== null,
  }),
  toRow: ({ hotkey, archived, ...data }) => ({ ...data, hotkey: hotkey ?? 0, archivedAt: archivedAt(archived) }),
  async check({ hotkey }, { tx, before }) {
    if (hotkey === null) return;
    const wanted = { table: dispositions, column: dispositions.hotkey, value: hotkey };
    await requireFree(tx, wanted, { id: before?.id, field: 'hotkey', label: dispositions.nameRu });
  },
  retired: (data) => ({ ...data, archived: true, hotkey: null }),
});

export interface PresenceReasonData {
  readonly code: string;
  readonly nameRu: string;
  readonly nameEn: string;
  readonly position: number;
  readonly archived: boolean;
}

/** Not-ready reasons. Archived, not removed: reports count by them. */
export const presenceReasonSubject = rowSubject({
  kind: 'presence_reason',
  table: presenceReasons,
  nameOf: ({ nameRu }: PresenceReasonData) => nameRu,
  toData: ({ code, nameRu, nameEn, position, archivedAt }): PresenceReasonData => ({
    code,
    nameRu,
    nameEn,
    position,
    archived: archivedAt !== null,
  }),
  toRow: ({ archived, ...data }) => ({ ...data, archivedAt: archivedAt(archived) }),
  async check({ code }, { tx, before }) {
    const wanted = { table: presenceReasons, column: presenceReasons.code, value: code };
    await requireFree(tx, wanted, { id: before?.id, field: 'code', label: presenceReasons.nameRu });
  },
  retired: (data) => ({ ...data, archived: true }),
});
