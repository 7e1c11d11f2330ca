import type { Receive } from '../channels/channel.ts';
import { createOutside } from '../channels/demo/outside.ts';
import type { VoiceAdapter } from '../channels/voice/adapter.ts';
import type { Database } from '../db/client.ts';
import type { Routes } from './access/route.ts';
import type { Clients } from './clients/index.ts';
import type { Config } from './config.ts';
import { demoRoutes } from './demo.ts';
import { demoAdapters, demoAddresses } from './demo-adapters.ts';
import type { SipUpgrades } from './http/upgrade.ts';
import type { Clock } from './kernel/clock.ts';
import type { AccountId } from './kernel/ids.ts';
import type { Journal } from './kernel/journal.ts';
import type { Log } from './kernel/log.ts';
import { mailReading } from './mail-reading.ts';
import { houseAdapters } from './message-accounts/house-adapters.ts';
import { createMessageAccounts, type MessageAccounts } from './message-accounts.ts';
import { createMessages, type Messages, type MessagesContext } from './messages/index.ts';
import type { Gateway } from './realtime/gateway.ts';
import type { LiveSetup } from './routing/live-setup.ts';
import type { Roster } from './routing/roster.ts';

export interface MessagePartsOptions {
  readonly config: Config;
  readonly db: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly journal: Journal;
  readonly setup: LiveSetup;
  readonly roster: Roster;
  readonly clients: Clients;
  readonly timeline: MessagesContext['timeline'];
  readonly gateway: Gateway;
  readonly realm: string;
  /** The one door. */
  readonly receive: Receive;
  /** Where the house is found; empty until it listens. */
  readonly url: () => string;
  readonly createTask: MessagesContext['createTask'];
}

/** The room of messages with the accounts that carry them, and while the demo runs the world outside of it. */
export interface MessageParts {
  readonly messages: Messages;
  readonly accounts: MessageAccounts;
  readonly routes: readonly Routes[];
  /** Lets visitors of web sites in whose chat gave them a ticket. */
  admitTo(voice: Pick<VoiceAdapter, 'admitCaller'>): NonNullable<SipUpgrades['admit']>;
  /** Nothing more is sent, what is on its way is waited for; then the wires close. Idempotent. */
  close(): Promise<void>;
}

export function createMessageParts(options: MessagePartsOptions): MessageParts {
  const { config, db, clock, log, journal, setup, roster, clients, timeline, gateway, realm, url } = options;
  const outside = createOutside(clock);
  /** Which accounts were switched off when they last told of themselves. */
  const off = new Map<number, boolean>();
  const accounts = createMessageAccounts({
    db,
    clock,
    log,
    receive: options.receive,
    publicUrl: url,
    adapters: config.demo ? { ...houseAdapters, ...demoAdapters(outside) } : houseAdapters,
    onHealth(health) {
      gateway.pushChannelHealth(health);
      const isOff = health.state === 'off';
      if (off.get(health.accountId) !== isOff) messages.accountChanged(health.accountId as AccountId);
      off.set(health.accountId, isOff);
      if (health.state === 'up') messages.wake();
    },
  });
  const messages = createMessages({
    db,
    clock,
    log,
    journal,
    setup,
    roster,
    clients,
    timeline,
    pushes: gateway,
    reading: mailReading,
    filesDir: config.dataDir,
    publicUrl: url,
    channels: accounts.channels,
    createTask: options.createTask,
    isOnline: (userId) => gateway.isConnected(userId),
  });
  const demo = { setup, clients, clock, realm, outside, addresses: () => demoAddresses(db) };
  return {
    messages,
    accounts,
    routes: [messages.routes, accounts.routes, ...(config.demo ? [demoRoutes(demo)] : [])],
    admitTo:
      (voice) =>
      (request, socket, head, { account, ticket }) => {
        const caller = accounts.admitCaller(account as AccountId, ticket);
        if (caller) voice.admitCaller(request, socket, head, caller);
        return caller !== null;
      },
    async close() {
      await messages.close();
      await accounts.close();
    },
  };
}
