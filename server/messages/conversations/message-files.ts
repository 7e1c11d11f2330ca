import { and, count, eq, isNull } from 'drizzle-orm';
import { attachments } from '../../../db/schema/index.ts';
import type { SignedInUser } from '../../access/route.ts';
import type { AttachmentView } from '../../contract/messages-schemas.ts';
import { AppError } from '../../kernel/errors.ts';
import type { AttachmentId, ClientId, MessageId } from '../../kernel/ids.ts';
import type { MessagesContext } from '../context.ts';
import type { AttachmentRow, Conversations } from '../rooms.ts';
import type { FileStore } from './file-store.ts';
import { readMessage, type StoredMessage } from './message-view.ts';

/** Files of messages that are not sent yet, of one person. */
const draftFiles = 500;
/** Pictures of a letter that are shown inside it, bytes; the others stand below it as files. */
const inlineBytes = 15 * 1024 * 1024;
/** What a browser draws and cannot run. */
const harmless: ReadonlySet<string> = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp']);

/** Whose card it concerns, and whether this user must not see it; then `open` is not called. */
export interface Guarded<T> {
  /** null = a file of a draft. */
  readonly clientId: ClientId | null;
  readonly isHidden: boolean;
  open(): Promise<T>;
}

export interface ServedFile {
  readonly name: string;
  readonly type: string;
  readonly bytes: Buffer;
  /** May be drawn by the browser; everything else is for saving. */
  readonly isPicture: boolean;
}

/** Files and pages of messages, for the web server. null = there is none. */
export interface MessageFiles {
  /** @throws AppError `bad_request` for an empty one, `conflict` when this user has too many that are not sent */
  upload(file: {
    readonly name: string;
    readonly type: string;
    readonly bytes: Buffer;
    readonly user: SignedInUser;
  }): Promise<AttachmentView>;
  attachment(id: AttachmentId, user: SignedInUser): Promise<Guarded<ServedFile> | null>;
  /** A letter as it was laid out, for a frame in which nothing runs. */
  page(id: MessageId, user: SignedInUser, options: { readonly pictures: boolean }): Promise<Guarded<string> | null>;
  /** The whole message as it came. */
  raw(id: MessageId, user: SignedInUser): Promise<Guarded<Buffer> | null>;
}

export interface MessageFilesOptions {
  readonly context: Pick<MessagesContext, 'db' | 'clients' | 'reading'>;
  readonly files: FileStore;
  readonly storeFile: Conversations['storeFile'];
}

const viewOf = ({ id, name, type, bytes, isInline, contentId }: AttachmentRow): AttachmentView => ({
  id,
  name,
  type,
  bytes,
  isInline,
  contentId,
});

const escaped = (text: string): string => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);

export function createMessageFiles({ context, files, storeFile }: MessageFilesOptions): MessageFiles {
  const { db, clients, reading } = context;

  async function guarded<T>(message: StoredMessage, user: SignedInUser, open: () => Promise<T>): Promise<Guarded<T>> {
    const { clientId } = message;
    return { clientId, isHidden: !(await clients.isVisible(clientId, user)), open };
  }

  /** Its own pictures as parts of the page: a frame without an origin may load nothing of ours. */
  async function picturesOf(message: StoredMessage): Promise<Map<string, string>> {
    const rows = await db.orm.select().from(attachments).where(eq(attachments.messageId, message.id));
    const found = new Map<string, string>();
    let left = inlineBytes;
    for (const { contentId, type, bytes, sha256 } of rows) {
      if (contentId === null || !harmless.has(type) || bytes > left || found.has(contentId)) continue;
      left -= bytes;
      found.set(contentId, `data:${type};base64,${(await files.get('attachments', sha256)).toString('base64')}`);
    }
    return found;
  }

  async function pageOf(message: StoredMessage, pictures: boolean): Promise<string> {
    const own = await picturesOf(message);
    const { html } = reading.safeHtml(message.html ?? '', { cidUrl: (id) => own.get(id) ?? null, pictures });
    const title = escaped(message.subject);
    return `<!doctype html><html><head><meta charset="utf-8"><title>${title}</title></head><body>${html}</body></html>`;
  }

  return {
    async upload({ name, type, bytes, user }) {
      if (bytes.byteLength === 0) throw new AppError('bad_request', 'the file is empty');
      const ofDrafts = and(eq(attachments.userId, user.id), isNull(attachments.messageId));
      const [row] = await db.orm.select({ files: count() }).from(attachments).where(ofDrafts);
      if ((row?.files ?? 0) >= draftFiles) throw new AppError('conflict', 'too many files that were not sent');
      return viewOf(await storeFile({ name, type, bytes, contentId: null, isInline: false, userId: user.id }));
    },
    async attachment(id, user) {
      const [row] = await db.orm.select().from(attachments).where(eq(attachments.id, id));
      if (!row) return null;
      const { name, type, sha256, messageId } = row;
      const open = async () => ({
        name,
        type,
        isPicture: harmless.has(type),
        bytes: await files.get('attachments', sha256),
      });
      if (messageId === null) return { clientId: null, isHidden: row.userId !== user.id, open };
      const message = await readMessage(db, messageId);
      return message && guarded(message, user, open);
    },
    async page(id, user, { pictures }) {
      const message = await readMessage(db, id);
      if (!message || message.html === null) return null;
      return guarded(message, user, () => pageOf(message, pictures));
    },
    async raw(id, user) {
      const message = await readMessage(db, id);
      const sha256 = message?.rawSha256 ?? null;
      if (!message || sha256 === null) return null;
      return guarded(message, user, () => files.get('mail', sha256));
    },
  };
}
