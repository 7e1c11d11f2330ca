/** What the contracts of calls and of messages share: see channel.ts and message-channel.ts. */
import type { AccountId } from '../server/kernel/ids.ts';

/** Every channel adapter, whatever it speaks. */
export interface ChannelAdapter {
  readonly name: string;
  /** @throws when the wire cannot be opened (a taken port) */
  start(): Promise<void>;
  /** Idempotent; what is in hand is ended in order. */
  close(): Promise<void>;
}

/** A visitor of a web site who calls from its page. His chat vouches for all of it. */
export interface CallingVisitor {
  readonly accountId: AccountId;
  /** Of his browser; the chat knows him by it too. */
  readonly id: string;
  /** Proves nothing. */
  readonly name: string;
  /** Proven by the site; empty when it proved nothing. */
  readonly email: string;
  readonly phone: string;
  /** Where he pressed "Call". */
  readonly page: string;
  readonly pageTitle: string;
}
