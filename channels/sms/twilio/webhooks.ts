/**
 * What Twilio tells us: messages of people, and what became of ours. A request without a genuine signature is answered
 * 403 and changes nothing.
 */
import type { Clock } from '../../../server/kernel/clock.ts';
import type { MessageId } from '../../../server/kernel/ids.ts';
import type { Log } from '../../../server/kernel/log.ts';
import type { InboundEvent, Receipt } from '../../channel.ts';
import {
  type ConsentReported,
  type DeliveryReported,
  type MessageArrived,
  plainMessage,
  type WebhookReply,
  type WebhookRequest,
} from '../../message-channel.ts';
import type { SmsChannelOptions } from '../options.ts';
import type { TwilioSecrets, TwilioSettings } from '../settings.ts';
import type { TwilioSdk } from './client.ts';
import { type Form, parameter, readForm } from './form.ts';
import { fetchMedia, type Media } from './media.ts';
import { problemOfStatus, stepOfStatus } from './verdicts.ts';

/** What our signatures in callback addresses are for. */
const purpose = 'twilio-status';

/** Twilio's connection overrides: repeated three times after any failure. The fragment is not signed. */
const overrides = '#rc=3&rp=all';

/** An answer in TwiML says nothing: what we have to say goes through the outbox, once. */
const nothingToSay = '<?xml version="1.0" encoding="UTF-8"?><Response></Response>';
const reply = (status: number, body = ''): WebhookReply => ({
  status,
  type: body === '' ? 'text/plain' : 'text/xml',
  body,
});

const statusOfRefusal = { duplicate: 200, unknown_number: 404, overloaded: 503, unavailable: 503 } as const;

export interface WebhookOptions
  extends Pick<
    SmsChannelOptions<TwilioSettings, TwilioSecrets>,
    'account' | 'receive' | 'publicUrl' | 'sign' | 'verify'
  > {
  readonly clock: Clock;
  readonly log: Log;
  /** Loaded by now, or soon. */
  readonly sdk: () => Promise<TwilioSdk>;
  /** A callback proved which message of ours this is. */
  readonly onProven: (sid: string, messageId: MessageId) => void;
}

/** Where Twilio tells what became of one message: proves acceptance even when the answer to the request was lost. */
export function callbackUrl({ account, publicUrl, sign }: WebhookOptions, messageId: MessageId): string {
  const query = new URLSearchParams({ message: messageId, mac: sign(purpose, messageId) });
  return `${publicUrl}/channels/${account.id}/status?${query}${overrides}`;
}

export function createWebhooks(options: WebhookOptions) {
  const { account, receive, clock, log, sdk, onProven } = options;

  async function isGenuine(request: WebhookRequest, form: Form): Promise<boolean> {
    const signature = request.headers['x-twilio-signature'];
    if (!signature) return false;
    // our own address, never the Host header: whoever sends that may choose it
    return (await sdk()).validateRequest(account.secrets.authToken, signature, options.publicUrl + request.url, form);
  }

  async function store(events: readonly InboundEvent[]): Promise<WebhookReply> {
    for (const event of events) {
      const receipt: Receipt = await receive(event);
      if (!receipt.accepted && receipt.reason !== 'duplicate') return reply(statusOfRefusal[receipt.reason]);
    }
    return reply(200, nothingToSay);
  }

  /** Answers one kind of webhook, once its signature is found genuine. */
  function signed(read: (form: Form, request: WebhookRequest) => Promise<readonly InboundEvent[]>) {
    return async (request: WebhookRequest): Promise<WebhookReply> => {
      if (request.method !== 'POST') return reply(405);
      const form = readForm(request.body);
      if (form === null) return reply(413);
      if (!(await isGenuine(request, form))) {
        log.warn('webhook without a genuine signature');
        return reply(403);
      }
      try {
        return await store(await read(form, request));
      } catch (error) {
        log.error({ err: error }, 'webhook not stored');
        return reply(503);
      }
    };
  }

  return {
    sms: signed(async (form, { signal }) => {
      const now = clock.now();
      return arrivalsOf(form, { account, now, media: await fetchMedia(form, { account, log, signal }) });
    }),
    status: signed(async (form, request) => {
      const query = new URLSearchParams(request.url.split('?')[1] ?? '');
      const id = query.get('message') ?? '';
      // a Messaging Service may call back without our query: the provider's id must do then
      const messageId = options.verify(purpose, id, query.get('mac') ?? '') ? (id as MessageId) : null;
      const report = reportOf(form, messageId, { account, now: clock.now() });
      if (report === null) return [];
      if (messageId !== null && report.providerId !== null) onProven(report.providerId, messageId);
      return [report];
    }),
  };
}

interface Context {
  readonly account: WebhookOptions['account'];
  readonly now: number;
}

function reportOf(form: Form, messageId: MessageId | null, { account, now }: Context): DeliveryReported | null {
  const sid = parameter(form, 'MessageSid').slice(0, 64);
  const status = parameter(form, 'MessageStatus');
  const step = stepOfStatus(status);
  if (step === null || sid === '') return null;
  return {
    channel: 'sms',
    type: 'delivery.reported',
    sourceId: `status:${sid}:${status}`,
    accountId: account.id,
    at: now,
    messageId,
    providerId: sid,
    part: null,
    step,
    problem: problemOfStatus(status, parameter(form, 'ErrorCode').slice(0, 20), parameter(form, 'ErrorMessage')),
    isComplaint: false,
  };
}

function consentOf(form: Form, message: MessageArrived): ConsentReported | null {
  const type = parameter(form, 'OptOutType').toUpperCase();
  const change = ({ STOP: 'refused', START: 'given' } as const)[type];
  if (change === undefined) return null;
  const { accountId, at, from } = message;
  const evidence = `Twilio OptOutType ${type}, message ${message.providerId}`;
  const sourceId = `consent:${message.providerId}`;
  return {
    channel: 'sms',
    type: 'consent.reported',
    sourceId,
    accountId,
    at,
    address: from,
    change,
    scope: 'all',
    evidence,
  };
}

function arrivalsOf(form: Form, { account, now, media }: Context & { readonly media: Media }): readonly InboundEvent[] {
  const sid = parameter(form, 'MessageSid').slice(0, 64);
  if (sid === '') return [];
  const text = parameter(form, 'Body');
  const to = parameter(form, 'To').slice(0, 100);
  const message: MessageArrived = {
    channel: 'sms',
    ...plainMessage(text),
    sourceId: `message:${sid}`,
    accountId: account.id,
    at: now,
    from: { kind: 'phone', value: parameter(form, 'From').slice(0, 100), displayName: '' },
    to: to === '' ? account.addresses : [to],
    providerId: sid,
    // STOP, START and HELP are answered by Twilio itself
    mayAutoReply: parameter(form, 'OptOutType') === '',
    ...media,
  };
  const consent = consentOf(form, message);
  return consent === null ? [message] : [message, consent];
}
