import type { AccountId } from '../../server/kernel/ids.ts';

/** What is known of a mail besides its bytes. Plain data: it goes to another thread. */
export interface MailContext {
  readonly sourceId: string;
  readonly accountId: AccountId;
  /** Of the account, lower case, the main one first. */
  readonly addresses: readonly string[];
  readonly direction: 'in' | 'echo';
  /** When the mailbox took it, milliseconds since the epoch. */
  readonly at: number;
  /** Its size in the mailbox when only its head was fetched; else null. */
  readonly cutFrom: number | null;
}
