import type { MessageArrived } from '../../../channels/message-channel.ts';
import type { StoredFile } from '../conversations/attachment-store.ts';
import type { FileStore } from '../conversations/file-store.ts';

/** Files of a message that lie on the disk; nothing names them until its rows are stored. */
export interface KeptFiles {
  readonly rawSha256: string | null;
  readonly attachments: readonly StoredFile[];
}

/** Writes what a message brings before its rows are made. Adapters bound how much it is. */
export async function keepFiles(files: FileStore, { raw, attachments }: MessageArrived): Promise<KeptFiles> {
  const rawSha256 = raw ? await files.put('mail', raw) : null;
  const kept: StoredFile[] = [];
  for (const { bytes, name, type, contentId, isInline } of attachments) {
    const sha256 = await files.put('attachments', bytes);
    kept.push({ name, type, bytes: bytes.byteLength, sha256, contentId, isInline, userId: null });
  }
  return { rawSha256, attachments: kept };
}
