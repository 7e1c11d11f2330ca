import type { AccountHealth, MessageChannel, OutgoingMessage, SendResult } from '../../channels/message-channel.ts';
import type { AdapterParts, MakeChannel } from '../../server/message-accounts/adapters.ts';

/** An adapter without a wire: what it was told is kept, what it says is given. */
export interface FakeChannel {
  readonly parts: AdapterParts;
  readonly channel: MessageChannel;
  health: AccountHealth;
  startCalls: number;
  closeCalls: number;
  readonly sent: OutgoingMessage[];
}

/** Makes fake adapters of one channel, kept in the order in which they were made. */
export function createFakeAdapter(channel: MessageChannel['channel'] = 'sms') {
  const made: FakeChannel[] = [];
  /** Rejections of the next starts, in order. */
  const startErrors: Error[] = [];
  const make: MakeChannel = async (parts) => {
    const fake: FakeChannel = {
      parts,
      health: { state: 'off', since: parts.clock.now(), problem: '', catchUp: null },
      startCalls: 0,
      closeCalls: 0,
      sent: [],
      channel: {
        name: 'fake',
        channel,
        accountId: parts.account.id,
        capabilities: {
          maxText: 1_000,
          maxAttachmentBytes: 0,
          subject: false,
          html: false,
          canInitiate: true,
          settles: 'none',
          rate: { perSecond: 10, concurrency: 1 },
        },
        async start() {
          fake.startCalls++;
          const error = startErrors.shift();
          if (error) throw error;
          fake.health = { ...fake.health, state: 'up' };
        },
        async close() {
          fake.closeCalls++;
          fake.health = { ...fake.health, state: 'off' };
        },
        health: () => fake.health,
        async send(message): Promise<SendResult> {
          fake.sent.push(message);
          return { kind: 'accepted', providerId: message.id, parts: [] };
        },
        webhooks: {
          status: async (request) => ({
            status: 200,
            type: 'text/plain',
            body: `${request.method} ${request.url} ${request.body.length} ${request.headers['x-signature'] ?? ''}`,
            headers: { 'access-control-allow-origin': '*' },
          }),
        },
      },
    };
    made.push(fake);
    return fake.channel;
  };
  return { make, made, startErrors };
}
