import { randomUUID } from 'node:crypto';
import {
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

/** A mailbox on disk: what was delivered can be looked at, and mail put in, without any server. */
export interface Maildir {
  /** All mails, whole, in no particular order. */
  mails(folder?: 'INBOX' | 'Sent'): Buffer[];
  /** Delivers into the INBOX or the Sent folder at once, as a delivery agent does: a server that watches the folder tells it. */
  deliver(raw: Buffer | string, folder?: 'INBOX' | 'Sent'): void;
  /** Makes a folder's server forget its numbers: it comes back with another UIDVALIDITY. The server must be stopped. */
  forgetNumbers(): void;
}

/** @param owner user and group that the mail servers run mailboxes as */
export function openMaildir(path: string, owner: readonly [number, number]): Maildir {
  let delivered = 0;
  const pathOf = (folder: 'INBOX' | 'Sent'): string => (folder === 'INBOX' ? path : join(path, '.Sent'));

  function make(folder: string): void {
    for (const name of ['', 'tmp', 'new', 'cur']) {
      const made = join(folder, name);
      if (existsSync(made)) continue;
      mkdirSync(made, { recursive: true });
      chownSync(made, ...owner);
    }
  }

  return {
    mails(folder = 'INBOX') {
      return ['new', 'cur'].flatMap((state) => {
        const where = join(pathOf(folder), state);
        return existsSync(where) ? readdirSync(where).map((name) => readFileSync(join(where, name))) : [];
      });
    },
    deliver(raw, folder = 'INBOX') {
      const home = pathOf(folder);
      make(home);
      const name = `${Math.floor(Date.now() / 1000)}.M${String(++delivered).padStart(6, '0')}${randomUUID()}.peer`;
      const made = join(home, 'tmp', name);
      writeFileSync(made, raw);
      chownSync(made, ...owner);
      renameSync(made, join(home, 'new', name));
    },
    forgetNumbers() {
      for (const name of readdirSync(path)) if (/^dovecot.*(?:uid|index)/.test(name)) rmSync(join(path, name));
    },
  };
}
