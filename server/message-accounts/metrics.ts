import { Counter, Gauge, type Registry } from 'prom-client';
import type { ChannelHealthView } from '../contract/messages-schemas.ts';
import type { MessageAccounts } from '../message-accounts.ts';

export interface MessageMetricsOptions {
  readonly registry: Registry;
  readonly accounts: Pick<MessageAccounts, 'counts' | 'health'>;
}

/** What goes through the accounts of messages, and how they are. */
export function addMessageMetrics({ registry, accounts: { counts, health } }: MessageMetricsOptions): void {
  const counter = (
    name: string,
    { help, labels, read }: { help: string; labels: readonly string[]; read: () => ReadonlyMap<string, number> },
  ): void => {
    new Counter({
      name: `switchroom_messages_${name}_total`,
      help,
      labelNames: [...labels],
      registers: [registry],
      collect() {
        this.reset();
        for (const [key, value] of read()) this.inc(Object.fromEntries(zip(labels, key.split(' '))), value);
      },
    });
  };
  counter('received', {
    help: 'What providers handed in and the house has stored: messages, receipts, refusals of people',
    labels: ['channel', 'type'],
    read: () => counts.received,
  });
  counter('refused', {
    help: 'What providers handed in and the house did not take; they bring it again',
    labels: ['channel'],
    read: () => counts.refused,
  });
  counter('attempts', {
    help: 'Attempts to send, by how they ended',
    labels: ['channel', 'result'],
    read: () => counts.sent,
  });
  const gauge = (
    name: string,
    { help, read }: { help: string; read: (account: ChannelHealthView) => number | null },
  ): void => {
    new Gauge({
      name: `switchroom_messages_${name}`,
      help,
      labelNames: ['account', 'channel'],
      registers: [registry],
      async collect() {
        this.reset();
        for (const account of await health()) {
          const value = read(account);
          if (value !== null) this.set({ account: account.name, channel: account.channel }, value);
        }
      },
    });
  };
  gauge('account_up', {
    help: '1 = the account is up, 0 = it is on and not up; absent = off',
    read: ({ state }) => (state === 'off' ? null : Number(state === 'up')),
  });
  gauge('queued', { help: 'Messages that have not left yet', read: ({ queued }) => queued });
}

const zip = (names: readonly string[], values: readonly string[]): [string, string][] =>
  names.map((name, index) => [name, values[index] ?? '']);
