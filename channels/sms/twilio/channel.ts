/** A Twilio account behind the contract of message channels. */
import { splitSms } from '../../../server/contract/sms-text.ts';
import type { MessageId } from '../../../server/kernel/ids.ts';
import type {
  AccountHealth,
  ChannelCapabilities,
  LookUpResult,
  MessageChannel,
  OutgoingMessage,
  SendResult,
} from '../../message-channel.ts';
import { untilAborted } from '../../until-aborted.ts';
import { limits } from '../limits.ts';
import type { SmsChannelOptions } from '../options.ts';
import type { TwilioSecrets, TwilioSettings } from '../settings.ts';
import { createTwilioClient, loadTwilio, type TwilioClient, type TwilioSdk } from './client.ts';
import { resultOfError } from './verdicts.ts';
import { callbackUrl, createWebhooks, type WebhookOptions } from './webhooks.ts';

const capabilities: ChannelCapabilities = {
  maxText: limits.textLength,
  maxAttachmentBytes: 0,
  subject: false,
  html: false,
  canInitiate: true,
  settles: 'lookup',
  rate: { perSecond: limits.twilioPerSecond, concurrency: limits.twilioConcurrency },
};

export interface TwilioChannelOptions extends SmsChannelOptions<TwilioSettings, TwilioSecrets> {
  /**
   * Whose a message of Twilio's is, as far as the house has stored it: keeps two equal texts to one number apart when one
   * of them is looked for. Absent: only what this process has seen is known.
   */
  ownerOf?(providerId: string): Promise<MessageId | null>;
}

type Listed = Awaited<ReturnType<TwilioClient['messages']['list']>>[number];

const healthAfter = {
  accepted: 'up',
  rejected: 'up',
  throttled: 'degraded',
  retry: 'degraded',
  unknown: 'degraded',
  account_down: 'down',
} as const satisfies Record<SendResult['kind'], AccountHealth['state']>;

export function createTwilioChannel(options: TwilioChannelOptions): MessageChannel {
  const { account, clock } = options;
  const { settings, secrets } = account;
  const log = options.log.child({ accountId: account.id, wire: 'twilio' });
  const known = new Map<string, MessageId>();
  let loading: Promise<TwilioSdk> | null = null;
  let client: TwilioClient | null = null;
  let isClosed = false;
  let health: AccountHealth = { state: 'off', since: clock.now(), problem: '', catchUp: null };

  function become(state: AccountHealth['state'], problem: string): void {
    const since = state === health.state ? health.since : clock.now();
    health = { state, since, problem, catchUp: null };
  }

  const sdk = (): Promise<TwilioSdk> => {
    loading ??= loadTwilio();
    return loading;
  };

  function remember(sid: string, messageId: MessageId): void {
    known.set(sid, messageId);
    for (const oldest of known.keys()) {
      if (known.size <= limits.twilioKnown) break;
      known.delete(oldest);
    }
  }

  const hooks: WebhookOptions = { ...options, log, sdk, onProven: remember };

  async function create(using: TwilioClient, message: OutgoingMessage, body: string): Promise<SendResult> {
    const { messagingServiceSid } = settings;
    try {
      const taken = await using.messages.create({
        to: message.to[0]?.address ?? '',
        body,
        ...(message.from.address !== '' && { from: message.from.address }),
        ...(messagingServiceSid !== undefined && { messagingServiceSid }),
        statusCallback: callbackUrl(hooks, message.id),
      });
      remember(taken.sid, message.id);
      return { kind: 'accepted', providerId: taken.sid, parts: [taken.sid] };
    } catch (error) {
      return resultOfError(error);
    }
  }

  async function send(message: OutgoingMessage, signal: AbortSignal): Promise<SendResult> {
    const refuse = (code: string, text: string): SendResult => ({
      kind: 'rejected',
      problem: { kind: 'content', code, text },
    });
    const { text } = splitSms(message.text);
    if (text === '') return refuse('21602', 'the text is empty');
    if (text.length > limits.textLength) return refuse('21617', `more than ${limits.textLength} characters`);
    if (client === null || signal.aborted)
      return { kind: 'retry', problem: { kind: 'temporary', code: 'NOT_STARTED', text: 'nothing was sent' } };
    const result = await untilAborted(create(client, message, text), signal, null);
    if (result === null)
      return { kind: 'unknown', problem: { kind: 'unknown', code: 'ABORTED', text: 'given up before the answer' } };
    if (!isClosed) become(healthAfter[result.kind], result.kind === 'accepted' ? '' : result.problem.text);
    return result;
  }

  /** Equal words in the right time, and nobody else's. */
  async function isOurs(one: Listed, message: OutgoingMessage): Promise<boolean> {
    const owner = known.get(one.sid) ?? (await options.ownerOf?.(one.sid)) ?? null;
    if (owner !== null) return owner === message.id;
    return one.direction === 'outbound-api' && splitSms(one.body).text === splitSms(message.text).text;
  }

  async function lookUp(message: OutgoingMessage, startedAt: number): Promise<LookUpResult> {
    if (client === null) return { kind: 'cannot_tell' };
    // filters by date look at date_sent, which queued messages do not have yet
    const limit = limits.twilioListed;
    const listed = await client.messages.list({ to: message.to[0]?.address ?? '', limit, pageSize: limit });
    const recent = listed.filter((one) => one.dateCreated.getTime() >= startedAt - limits.twilioClockMs);
    for (const one of recent) {
      if (!(await isOurs(one, message))) continue;
      remember(one.sid, message.id);
      return { kind: 'found', providerId: one.sid, parts: [one.sid] };
    }
    const isSettled = clock.now() - startedAt >= limits.twilioSettleMs;
    // a page full of newer messages may hide it
    return { kind: isSettled && recent.length < limit ? 'absent' : 'cannot_tell' };
  }

  return {
    name: account.name,
    channel: 'sms',
    accountId: account.id,
    capabilities,
    async start() {
      if (client !== null || isClosed) return;
      const loaded = await sdk();
      if (isClosed) return;
      client = createTwilioClient(loaded, settings, secrets);
      become('up', '');
    },
    async close() {
      isClosed = true;
      client = null;
      become('off', '');
    },
    health: () => health,
    send,
    lookUp: (message, startedAt) =>
      lookUp(message, startedAt).catch((error: unknown) => {
        // the SDK's own error has the request in it, with the token
        log.warn({ reason: resultOfError(error).problem }, 'lost sms could not be looked up');
        return { kind: 'cannot_tell' };
      }),
    webhooks: createWebhooks(hooks),
  };
}
