import type { MessageChannel } from '../../channels/message-channel.ts';
import type { Database } from '../../db/client.ts';
import type { Clients } from '../clients/index.ts';
import type { Push } from '../contract/events.ts';
import type { TimelineEntry } from '../contract/schemas.ts';
import type { Clock } from '../kernel/clock.ts';
import type { AccountId, ClientId, EntryId, UserId } from '../kernel/ids.ts';
import type { Journal } from '../kernel/journal.ts';
import type { Log } from '../kernel/log.ts';
import type { LiveSetup } from '../routing/live-setup.ts';
import type { Roster } from '../routing/roster.ts';

/** What reading and showing mail needs of the e-mail channel: injected, as nouns know no channel. */
export interface MailReading {
  /** Harmless HTML for a sandboxed frame, remote pictures blocked unless asked for. */
  safeHtml(
    html: string,
    options: { cidUrl: (contentId: string) => string | null; pictures: boolean },
  ): {
    readonly html: string;
    readonly blockedPictures: number;
  };
  /** Text in parts: written, quoted, signature. */
  parts(text: string): readonly { readonly kind: 'written' | 'quoted' | 'signature'; readonly text: string }[];
  /** What two mails of one thread have in common of their subjects; null when it is too common to tell anything. */
  subjectKey(subject: string): string | null;
}

/** What every part of this room works with. The same object for all of them. */
export interface MessagesContext {
  readonly db: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly journal: Journal;
  readonly setup: LiveSetup;
  readonly roster: Roster;
  readonly clients: Clients;
  readonly timeline: {
    entryView(id: EntryId): Promise<TimelineEntry>;
  };
  readonly pushes: {
    push(userId: UserId, push: Push): void;
    /** To everybody who has the card open. */
    pushToCard(clientId: ClientId, push: Push): void;
    /** Whether anybody has the card open. */
    isCardWatched(clientId: ClientId): boolean;
  };
  readonly reading: MailReading;
  /** Absolute; files lie under `attachments` and `mail` in it. */
  readonly filesDir: string;
  /** Where browsers and providers find the house: links in mails, webhooks. */
  readonly publicUrl: () => string;
  /** Accounts that are on, by id; filled by the composition when settings change. */
  readonly channels: ReadonlyMap<AccountId, MessageChannel>;
  /** Makes a task; the room of tasks is above this one. */
  readonly createTask: (task: {
    readonly clientId: ClientId;
    readonly title: string;
    readonly note: string;
    readonly assigneeId: UserId;
  }) => Promise<void>;
  /** Signed in and connected now, whatever the phone says. */
  readonly isOnline: (userId: UserId) => boolean;
}
