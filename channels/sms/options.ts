import type { Clock } from '../../server/kernel/clock.ts';
import type { AccountId } from '../../server/kernel/ids.ts';
import type { Log } from '../../server/kernel/log.ts';
import type { Receive } from '../channel.ts';
import type { AdapterState } from '../message-channel.ts';

/** One account as the house keeps it. */
export interface SmsAccount<Settings, Secrets> {
  readonly id: AccountId;
  readonly name: string;
  readonly settings: Settings;
  readonly secrets: Secrets;
  /** Our numbers and sender names on it, as they were entered. */
  readonly addresses: readonly string[];
}

/** What an adapter of this channel is made of. */
export interface SmsChannelOptions<Settings, Secrets> {
  readonly account: SmsAccount<Settings, Secrets>;
  readonly receive: Receive;
  /** Of this account alone: the keys are this adapter's. */
  readonly state: AdapterState;
  readonly clock: Clock;
  readonly log: Log;
  /** Where the house is reached from outside, `https://desk.example`, without a slash at the end. */
  readonly publicUrl: string;
  /** A signature of an id for one purpose, in characters of a query, and its check. */
  sign(purpose: string, id: string): string;
  verify(purpose: string, id: string, signature: string): boolean;
}
