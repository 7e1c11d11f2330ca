/** A Twilio account of the house against a peer of our own, over HTTP on the loopback, both ways. */
import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { Receive } from '../../../channels/channel.ts';
import type { MessageChannel, WebhookRequest } from '../../../channels/message-channel.ts';
import { createTwilioChannel, type TwilioChannelOptions, type TwilioSettings } from '../../../channels/sms/index.ts';
import { type Clock, systemClock } from '../../../server/kernel/clock.ts';
import type { AccountId } from '../../../server/kernel/ids.ts';
import { silentLog } from '../../../server/kernel/log.ts';
import { startTwilioPeer, type TwilioPeer, twilioAccount } from '../../support/twilio-peer.ts';
import { createMemoryState } from './memory-state.ts';
import { never } from './smpp-stand.ts';

export interface TwilioStand {
  readonly peer: TwilioPeer;
  readonly channel: MessageChannel;
  /** Address of one of its webhooks, as it is entered at Twilio. */
  urlOf(webhook: string): string;
  close(): Promise<void>;
}

export interface TwilioStandOptions {
  readonly receive: Receive;
  readonly clock?: Clock;
  readonly settings?: Partial<TwilioSettings>;
  readonly authToken?: string;
  readonly ownerOf?: TwilioChannelOptions['ownerOf'];
}

const sign = (purpose: string, id: string): string =>
  createHmac('sha256', 'house').update(`${purpose}:${id}`).digest('base64url');

export async function startTwilioStand(options: TwilioStandOptions): Promise<TwilioStand> {
  const peer = await startTwilioPeer();
  /** What stands between the house and the internet: hands webhooks to the adapter. */
  const front = createServer(async (incoming, response) => {
    const url = incoming.url ?? '';
    const webhook = channel.webhooks?.[/^\/channels\/7\/(\w+)/.exec(url)?.[1] ?? ''];
    const headers = incoming.headers as WebhookRequest['headers'];
    const asked = { method: incoming.method ?? '', url, headers, body: await buffer(incoming), signal: never };
    const reply = await webhook?.(asked);
    response.writeHead(reply?.status ?? 404, { 'content-type': reply?.type ?? 'text/plain' }).end(reply?.body);
  });
  await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve));
  const publicUrl = `http://127.0.0.1:${(front.address() as AddressInfo).port}`;

  const channel = createTwilioChannel({
    account: {
      id: 7 as AccountId,
      name: 'test',
      settings: { accountSid: twilioAccount.accountSid, apiBase: peer.base, ...options.settings },
      secrets: { authToken: options.authToken ?? twilioAccount.authToken },
      addresses: [twilioAccount.number],
    },
    receive: options.receive,
    state: createMemoryState(),
    clock: options.clock ?? systemClock,
    log: silentLog,
    publicUrl,
    sign,
    verify: (purpose, id, signature) => signature === sign(purpose, id),
    ...(options.ownerOf && { ownerOf: options.ownerOf }),
  });

  return {
    peer,
    channel,
    urlOf: (webhook) => `${publicUrl}/channels/7/${webhook}`,
    async close() {
      await peer.close();
      front.closeAllConnections();
      await new Promise((resolve) => front.close(resolve));
    },
  };
}
