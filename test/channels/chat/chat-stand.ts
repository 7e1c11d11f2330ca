import { randomUUID } from 'node:crypto';
import type { InboundEvent, Receive } from '../../../channels/channel.ts';
import { createVisitorTokens } from '../../../channels/chat/visitors.ts';
import { createWebChat } from '../../../channels/chat/web-chat.ts';
import type {
  AdapterState,
  MessageChannel,
  OutgoingMessage,
  SendResult,
  WebhookReply,
} from '../../../channels/message-channel.ts';
import { type Clock, createFakeClock, type FakeClock } from '../../../server/kernel/clock.ts';
import type { AccountId, MessageId } from '../../../server/kernel/ids.ts';
import { silentLog } from '../../../server/kernel/log.ts';

export const uuid = (): string => randomUUID();
export const said = (text: string) => ({ id: uuid(), text });

type Answer = {
  readonly status: number;
  readonly body: Record<string, unknown>;
  readonly headers: WebhookReply['headers'];
};

export interface ChatStand {
  readonly chat: MessageChannel;
  readonly clock: FakeClock;
  readonly events: InboundEvent[];
  readonly memory: Map<string, unknown>;
  post(name: string, body: object, origin?: string): Promise<Answer>;
  raw(name: string, body: Buffer): Promise<Answer>;
  listen(token: string, after: number, signal?: AbortSignal): Promise<Answer>;
  send(message: { id: string; to: string; text: string }): Promise<SendResult>;
  tokenOf(visitorId: string): string;
  visitorOf(token: string): string;
  /** Until what was begun is done. */
  settled(): Promise<void>;
}

export interface ChatStandOptions {
  readonly identityKey?: string;
  /** Line that visitors may call. */
  readonly callLine?: string;
  /** The house takes nothing. */
  readonly refuse?: boolean;
  readonly memory?: Map<string, unknown>;
  readonly receive?: Receive;
  readonly clock?: Clock;
  readonly isStarted?: boolean;
  /** Instead of keeping a state at once. */
  readonly onKeep?: (keep: () => void) => Promise<void>;
}

const key = Buffer.alloc(32, 1);

/** A widget with a house that keeps what comes in. */
export async function chatStand(options: ChatStandOptions = {}): Promise<ChatStand> {
  const fake = createFakeClock();
  const clock = options.clock ?? fake;
  const events: InboundEvent[] = [];
  const memory = options.memory ?? new Map<string, unknown>();
  const state: AdapterState = {
    get: async <T>(name: string) => (memory.get(name) ?? null) as T | null,
    async set(name, value) {
      const keep = (): void => void memory.set(name, structuredClone(value));
      if (options.onKeep) await options.onKeep(keep);
      else keep();
    },
  };
  const chat = createWebChat({
    account: {
      id: 7 as AccountId,
      name: 'Shop',
      settings: { origins: ['https://shop.example'], callLine: options.callLine ?? '' },
      secrets: { identityKey: options.identityKey ?? '' },
      addresses: [{ value: 'shop', name: 'Магазин' }],
    },
    receive:
      options.receive ??
      (async (event) => {
        if (options.refuse) return { accepted: false, reason: 'unavailable' };
        events.push(event);
        return { accepted: true };
      }),
    state,
    clock,
    log: silentLog,
    key,
  });
  if (options.isStarted !== false) await chat.start();

  async function call(
    name: string,
    request: {
      method: string;
      url: string;
      body: Buffer;
      origin?: string | undefined;
      signal?: AbortSignal | undefined;
    },
  ): Promise<Answer> {
    const webhook = chat.webhooks?.[name];
    if (!webhook) throw new Error(`there is no webhook ${name}`);
    const { status, body, headers } = await webhook({
      method: request.method,
      url: request.url,
      headers: { host: 'house.example', origin: request.origin },
      body: request.body,
      signal: request.signal ?? new AbortController().signal,
    });
    return { status, body: JSON.parse(body) as Record<string, unknown>, headers };
  }

  return {
    chat,
    clock: fake,
    events,
    memory,
    post: (name, body, origin) =>
      call(name, { method: 'POST', url: `/channels/7/${name}`, body: Buffer.from(JSON.stringify(body)), origin }),
    raw: (name, body) => call(name, { method: 'POST', url: `/channels/7/${name}`, body }),
    listen: (token, after, signal) =>
      call('listen', {
        method: 'POST',
        url: '/channels/7/listen',
        body: Buffer.from(JSON.stringify({ token, after })),
        signal,
      }),
    send: ({ id, to, text }) =>
      chat.send(
        {
          id: id as MessageId,
          to: [{ address: to, name: '' }],
          text,
          from: { address: 'shop', name: 'Магазин' },
        } as unknown as OutgoingMessage,
        new AbortController().signal,
      ),
    tokenOf: createVisitorTokens(key).tokenOf,
    visitorOf: (token) => token.split('.')[0] ?? '',
    settled: () => new Promise((resolve) => setImmediate(resolve)),
  };
}
