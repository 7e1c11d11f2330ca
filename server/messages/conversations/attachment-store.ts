import { and, inArray, isNull, lt } from 'drizzle-orm';
import type { Executor } from '../../../db/client.ts';
import { attachments } from '../../../db/schema/index.ts';
import { type AttachmentId, newId, type UserId } from '../../kernel/ids.ts';
import type { AttachmentRow } from '../rooms.ts';

const nameLength = 150;
const fallbackType = 'application/octet-stream';

/**
 * A file's name as it is kept and offered for saving: without folders, controls and characters that turn the direction of
 * writing (`exe.fdp` would look like a harmless file), its end kept when it is long. Never empty.
 */
export function fileName(written: string): string {
  const name = written
    .normalize('NFC')
    .toWellFormed()
    .replace(/^.*[/\\]/su, '')
    .replace(/[\p{Cc}\p{Cf}\p{Co}\p{Zl}\p{Zp}]/gu, '')
    .replace(/[<>:"|?*]/g, '_')
    .replace(/\s+/g, ' ')
    .replace(/^[. ]+|[. ]+$/g, '');
  if (name.length <= nameLength) return name || 'file';
  const end = /\.[^.]{1,16}$/u.exec(name)?.[0] ?? '';
  return (name.slice(0, nameLength - end.length) + end).toWellFormed();
}

/** A media type without parameters; what is no media type is bytes. */
export function mediaType(written: string): string {
  const [type = ''] = written.trim().toLowerCase().split(';');
  return type.length <= 100 && /^[a-z0-9!#$&^_.+-]+\/[a-z0-9!#$&^_.+-]+$/.test(type.trim())
    ? type.trim()
    : fallbackType;
}

/** A file whose bytes are stored. */
export interface StoredFile {
  readonly name: string;
  readonly type: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly contentId: string | null;
  readonly isInline: boolean;
  readonly userId: UserId | null;
}

/** Rows of files that belong to no message yet, in their order. */
export async function insertAttachments(
  tx: Executor,
  files: readonly StoredFile[],
  at: Date,
): Promise<AttachmentRow[]> {
  if (files.length === 0) return [];
  const rows = files.map((file, position) => ({
    ...file,
    id: newId<AttachmentId>(),
    name: fileName(file.name),
    type: mediaType(file.type),
    contentId: file.contentId?.replaceAll('\0', '').slice(0, 250) ?? null,
    position,
    createdAt: at,
  }));
  return tx.orm.insert(attachments).values(rows).returning();
}

/** Takes away files of drafts that nobody sent. @returns hashes that no row names any more */
export async function deleteOldDraftFiles(db: Executor, before: Date): Promise<string[]> {
  const gone = await db.orm
    .delete(attachments)
    .where(and(isNull(attachments.messageId), lt(attachments.createdAt, before)))
    .returning({ sha256: attachments.sha256 });
  const hashes = [...new Set(gone.map(({ sha256 }) => sha256))];
  if (hashes.length === 0) return [];
  const kept = await db.orm
    .select({ sha256: attachments.sha256 })
    .from(attachments)
    .where(inArray(attachments.sha256, hashes));
  const named = new Set(kept.map(({ sha256 }) => sha256));
  return hashes.filter((sha256) => !named.has(sha256));
}
