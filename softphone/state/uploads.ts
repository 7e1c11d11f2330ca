import { create } from 'zustand';
import type { AttachmentView } from '../../server/contract/messages-schemas.ts';
import { type FailureCode, failureCode } from '../net/problem.ts';
import { sendFile } from '../net/send-file.ts';
import type { ComposerTab } from './composition.ts';
import { draftOf, editDraft } from './message-drafts.ts';

/** A file on its way to the server. */
export interface Upload {
  readonly key: number;
  readonly clientId: number;
  readonly tab: ComposerTab;
  readonly name: string;
  readonly bytes: number;
  /** 0 to 1. */
  readonly share: number;
  readonly failure: FailureCode | null;
}

export const useUploads = create<{ readonly uploads: readonly Upload[] }>(() => ({ uploads: [] }));

let made = 0;

function change(key: number, changed: Partial<Upload>): void {
  useUploads.setState(({ uploads }) => ({
    uploads: uploads.map((each) => (each.key === key ? { ...each, ...changed } : each)),
  }));
}

/** Takes a failed upload off the screen. */
export function dropUpload(key: number): void {
  useUploads.setState(({ uploads }) => ({ uploads: uploads.filter((each) => each.key !== key) }));
}

/**
 * Sends a file and hangs it on what is being written, whatever card is open by then.
 * @returns the attachment, or undefined when it could not be sent: its line says why
 */
export async function upload(clientId: number, tab: ComposerTab, file: File): Promise<AttachmentView | undefined> {
  const key = ++made;
  const name = file.name || 'file';
  useUploads.setState(({ uploads }) => ({
    uploads: [...uploads, { key, clientId, tab, name, bytes: file.size, share: 0, failure: null }],
  }));
  try {
    const attachment = await sendFile<AttachmentView>({
      method: 'POST',
      path: `/api/v1/attachments?name=${encodeURIComponent(name)}`,
      body: file,
      type: file.type || 'application/octet-stream',
      onProgress: (share) => change(key, { share }),
    });
    dropUpload(key);
    editDraft(clientId, tab, { attachments: [...draftOf(clientId, tab).attachments, attachment] });
    return attachment;
  } catch (error) {
    change(key, { failure: failureCode(error) });
    return undefined;
  }
}
