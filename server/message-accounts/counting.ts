import type { Receive } from '../../channels/channel.ts';
import type { MessageChannel } from '../../channels/message-channel.ts';
import type { MessageChannelName } from '../contract/messages-words.ts';

/** What went through the accounts since the start, for /metrics. Keys: `sms message.arrived`, `email accepted`. */
export interface MessageCounts {
  readonly received: Map<string, number>;
  readonly refused: Map<MessageChannelName, number>;
  readonly sent: Map<string, number>;
}

export const createCounts = (): MessageCounts => ({ received: new Map(), refused: new Map(), sent: new Map() });

const add = <K>(counts: Map<K, number>, key: K): void => void counts.set(key, (counts.get(key) ?? 0) + 1);

/** The door, with what comes through it counted. */
export function countReceived(receive: Receive, counts: MessageCounts): Receive {
  return async (event) => {
    const receipt = await receive(event);
    if (event.channel === 'voice') return receipt;
    if (receipt.accepted) add(counts.received, `${event.channel} ${event.type}`);
    else add(counts.refused, event.channel);
    return receipt;
  };
}

/** The same adapter, with its attempts counted by how they ended. */
export function countSent(channel: MessageChannel, counts: MessageCounts): MessageChannel {
  const { lookUp, webhooks, admitCaller } = channel;
  return {
    name: channel.name,
    channel: channel.channel,
    accountId: channel.accountId,
    get capabilities() {
      return channel.capabilities;
    },
    health: () => channel.health(),
    start: () => channel.start(),
    close: () => channel.close(),
    async send(message, signal) {
      const result = await channel.send(message, signal);
      add(counts.sent, `${channel.channel} ${result.kind}`);
      return result;
    },
    ...(lookUp && { lookUp: (message, startedAt) => lookUp.call(channel, message, startedAt) }),
    ...(webhooks && { webhooks }),
    ...(admitCaller && { admitCaller }),
  };
}
