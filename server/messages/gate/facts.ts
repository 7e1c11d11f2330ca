import type { AccountHealth, ChannelCapabilities } from '../../../channels/message-channel.ts';
import type { AddressRef } from '../../contract/messages-schemas.ts';
import type { ConsentState, MessageChannelName, MessagePurpose } from '../../contract/messages-words.ts';

/** A word of the person, the latest of its kind first. */
export interface ConsentFact {
  readonly kind: 'phone' | 'email' | 'visitor' | 'client';
  readonly value: string;
  readonly channel: MessageChannelName | 'call' | null;
  readonly purpose: MessagePurpose | null;
  readonly state: ConsentState;
  readonly at: Date;
  readonly evidence: string;
}

export interface SuppressionFact {
  readonly value: string;
  readonly reason: 'gone' | 'unreachable' | 'complained';
  readonly evidence: string;
  readonly at: Date;
  readonly until: Date | null;
  readonly failures: number;
}

/** Everything that the gate looks at. Instants in milliseconds since the epoch. */
export interface GateFacts {
  readonly now: number;
  readonly channel: MessageChannelName;
  readonly purpose: MessagePurpose;
  /** Canonical. */
  readonly recipients: readonly string[];
  readonly text: string;
  readonly subject: string;
  readonly attachmentBytes: number;
  /** Of ours; null = there is none on this channel. */
  readonly from: AddressRef | null;
  /** Of its account; null = it is off. */
  readonly account: { readonly capabilities: ChannelCapabilities; readonly health: AccountHealth } | null;
  /** Its account is on and has no adapter yet: the house has just been started. */
  readonly isStarting: boolean;
  readonly consents: readonly ConsentFact[];
  readonly suppressions: readonly SuppressionFact[];
  /** Marketing to this client within the last seven days. */
  readonly marketingThisWeek: number;
  readonly marketingPerWeek: number;
  readonly consentRequired: boolean;
  readonly quiet: { readonly from: string; readonly to: string; readonly timeZone: string };
  /** The client's last message on this channel; null = none in the last 24 hours. */
  readonly clientWroteAt: number | null;
  /** Others who are writing to this client now. */
  readonly writers: readonly string[];
}
