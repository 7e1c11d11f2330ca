import { asc, eq, or } from 'drizzle-orm';
import { queues, sounds } from '../../../db/schema/index.ts';
import type { UserId } from '../../kernel/ids.ts';
import { requireFree, rowSubject } from './row.ts';

export interface SoundData {
  readonly name: string;
  /** Names its file. */
  readonly sha256: string;
  readonly durationMs: number;
  readonly bytes: number;
  readonly peakDb: number;
  /** ISO-8601. */
  readonly createdAt: string;
  readonly createdBy: number | null;
}

/** Uploaded sounds. Files stay when a row is removed, so that a roll-back finds them. */
export const soundSubject = rowSubject({
  kind: 'sound',
  table: sounds,
  nameOf: ({ name }: SoundData) => name,
  toData: ({ name, sha256, durationMs, bytes, peakDb, createdAt, createdBy }): SoundData => ({
    name,
    sha256,
    durationMs,
    bytes,
    peakDb,
    createdAt: createdAt.toISOString(),
    createdBy,
  }),
  toRow: ({ createdAt, createdBy, ...data }) => ({
    ...data,
    createdAt: new Date(createdAt),
    createdBy: createdBy as UserId | null,
  }),
  async check(data, { tx, before }) {
    const wanted = { table: sounds, column: sounds.name, value: data.name };
    await requireFree(tx, wanted, { id: before?.id, field: 'name', label: sounds.name });
  },
  async usedBy(tx, id) {
    const found = await tx.orm
      .select({ id: queues.id, name: queues.name })
      .from(queues)
      .where(or(eq(queues.greetingSoundId, id), eq(queues.musicSoundId, id), eq(queues.closedSoundId, id)))
      .orderBy(asc(queues.id));
    return found.map((queue) => ({ kind: 'queue', ...queue }));
  },
});
