import type { Receive } from '../../channels/channel.ts';
import type { AdapterState, MessageChannel } from '../../channels/message-channel.ts';
import type { AccountKind } from '../contract/messages-words.ts';
import type { Clock } from '../kernel/clock.ts';
import type { MessageId } from '../kernel/ids.ts';
import type { Log } from '../kernel/log.ts';
import type { StoredAccount } from './account.ts';
import type { WebhookSigner } from './house-secrets.ts';

/** What an adapter is made of. */
export interface AdapterParts {
  readonly account: StoredAccount;
  readonly receive: Receive;
  /** Of this account alone. */
  readonly state: AdapterState;
  readonly clock: Clock;
  readonly log: Log;
  /** Where providers reach the house, without a slash at the end. */
  readonly publicUrl: string;
  /** Whose a provider's id is, as far as the house has stored it. */
  ownerOf(providerId: string): Promise<MessageId | null>;
  /** Replaces a secret of the account that its provider replaced; nothing when somebody else has replaced it meanwhile. */
  keepSecret(name: string, change: { readonly from: string; readonly to: string }): Promise<void>;
  /** Of this house, the same for ever. */
  readonly mailKey: Buffer;
  readonly signer: WebhookSigner;
}

/** Makes the adapter of one account. Loads its module by itself: a house without the channel never does. @throws AppError `bad_request` for settings that it cannot work with */
export type MakeChannel = (parts: AdapterParts) => Promise<MessageChannel>;

/** How accounts of each kind are made; a kind that is absent is none of this house (the demo's, outside the demo). */
export type Adapters = Readonly<Partial<Record<AccountKind, MakeChannel>>>;
