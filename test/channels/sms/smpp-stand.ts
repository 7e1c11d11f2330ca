/** An SMPP account of the house against an SMSC of our own, over TCP on the loopback. */

import type { InboundEvent, Receipt } from '../../../channels/channel.ts';
import type {
  DeliveryReported,
  MessageArrived,
  MessageChannel,
  OutgoingMessage,
} from '../../../channels/message-channel.ts';
import { checkSmppSettings, createSmppChannel } from '../../../channels/sms/index.ts';
import { type Clock, systemClock } from '../../../server/kernel/clock.ts';
import { type AccountId, type MessageId, newId } from '../../../server/kernel/ids.ts';
import { silentLog } from '../../../server/kernel/log.ts';
import { type Smsc, type SmscConfig, startSmsc } from '../../support/smsc.ts';
import { createMemoryState, type MemoryState } from './memory-state.ts';

export interface SmppStand {
  readonly smsc: Smsc;
  readonly state: MemoryState;
  readonly events: InboundEvent[];
  readonly arrived: MessageArrived[];
  readonly reports: DeliveryReported[];
  channel: MessageChannel;
  /** What the door says; it may throw. */
  door: (event: InboundEvent) => Promise<Receipt>;
  /** The process is gone without a word; another one begins with the same durable state. */
  crash(): Promise<void>;
  close(): Promise<void>;
}

export interface StandOptions {
  readonly settings?: Record<string, unknown>;
  readonly password?: string;
  readonly smsc?: Partial<SmscConfig>;
  readonly clock?: Clock;
}

export const message = (to: string, text: string, more: Partial<OutgoingMessage> = {}): OutgoingMessage => ({
  id: newId<MessageId>(),
  conversationId: 'c',
  attempt: 1,
  from: { address: 'SHOP', name: '' },
  to: [{ address: to, name: '' }],
  cc: [],
  subject: '',
  text,
  html: null,
  attachments: [],
  references: [],
  nature: 'person',
  unsubscribeUrl: null,
  createdAt: 0,
  partsDone: {},
  ...more,
});

export const never = new AbortController().signal;

export async function startSmppStand(options: StandOptions = {}): Promise<SmppStand> {
  const smsc = await startSmsc(options.smsc);
  const events: InboundEvent[] = [];
  const state = createMemoryState();
  let generation = 0;

  function open(): MessageChannel {
    const mine = ++generation;
    const checked = checkSmppSettings({ host: '127.0.0.1', port: smsc.port, perSecond: 5_000, ...options.settings });
    if (!checked.ok) throw new Error(checked.errors.join(' '));
    return createSmppChannel({
      account: {
        id: 7 as AccountId,
        name: 'test',
        settings: checked.value,
        secrets: { systemId: 'esme', password: options.password ?? 'secret' },
        addresses: ['+15550100'],
      },
      async receive(event) {
        // what a dead process would have stored, it has not
        if (mine !== generation) throw new Error('this process is gone');
        const receipt = await stand.door(event);
        if (receipt.accepted) events.push(event);
        return receipt;
      },
      state,
      clock: options.clock ?? systemClock,
      log: silentLog,
      publicUrl: 'http://127.0.0.1',
      sign: () => '',
      verify: () => false,
    });
  }

  const stand: SmppStand = {
    smsc,
    state,
    events,
    get arrived() {
      return events.filter((event) => event.type === 'message.arrived');
    },
    get reports() {
      return events.filter((event) => event.type === 'delivery.reported');
    },
    channel: open(),
    door: async () => ({ accepted: true }),
    async crash() {
      const old = stand.channel;
      stand.channel = open();
      smsc.dropAll();
      await old.close();
      await stand.channel.start();
    },
    async close() {
      await stand.channel.close();
      await smsc.stop();
    },
  };
  return stand;
}
