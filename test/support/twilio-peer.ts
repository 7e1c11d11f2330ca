/**
 * The far end of a Twilio account: the messages part of the REST API and signed webhooks, over HTTP on the loopback, with
 * faults on demand. Signatures are computed here on their own. What becomes of a message is told by its recipient:
 * +15005550001 to 9 are refused as with Twilio's test credentials, numbers ending in 3000N or 30034 fail with that error,
 * those ending in 0000001 stay `sent`, others are delivered.
 */
import { createHmac, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text as readText } from 'node:stream/consumers';

export const twilioAccount = {
  accountSid: `AC${'0'.repeat(31)}1`,
  authToken: 'test-token-1',
  service: `MG${'0'.repeat(31)}1`,
  number: '+15005550006',
} as const;

/** What happens to the next request that sends. `accept_then_*`: it is taken, and the answer is lost. */
export type TwilioFault =
  | '429'
  | '500'
  | '503'
  | 'html_502'
  | 'drop'
  | 'hang'
  | 'accept_then_drop'
  | 'accept_then_hang'
  | 'accept_then_502';

export interface TwilioMessage {
  readonly sid: string;
  readonly to: string;
  readonly from: string | null;
  readonly service: string | null;
  readonly body: string;
  readonly callback: string | null;
  status: string;
  errorCode: number | null;
  readonly createdAt: Date;
}

export interface TwilioPeer {
  /** Origin of the API. */
  readonly base: string;
  readonly messages: TwilioMessage[];
  readonly config: {
    /** In which order, and how often, callbacks of one message go out. */
    callbacks: 'in_order' | 'backwards' | 'twice' | 'none';
    /** Our numbers and sender names. */
    senders: string[];
  };
  /** The next requests that send fail so, one after another. */
  fail(...faults: TwilioFault[]): void;
  /** Pictures that the API sends to a place without a password, by their address; what is not there is 404. */
  readonly media: Map<string, { readonly type: string; readonly bytes: Uint8Array }>;
  /** Addresses of pictures that are never answered. */
  readonly hanging: Set<string>;
  /** Whether our token was shown where the pictures lie. */
  readonly toldToken: boolean;
  /** Requests of any kind so far. */
  readonly requests: number;
  /** Somebody writes to us. Resolves with the answer to the webhook. */
  write(to: string, form: Readonly<Record<string, string>>, options?: WebhookOptions): Promise<WebhookAnswer>;
  /** Repeats the last webhook of `write`. */
  repeat(): Promise<WebhookAnswer>;
  /** Resolves when all callbacks so far are answered; what they were answered. */
  callbacksDone(): Promise<readonly number[]>;
  close(): Promise<void>;
}

export interface WebhookOptions {
  readonly badSignature?: boolean;
  /** Pairs that come besides, for names that come twice. */
  readonly more?: readonly (readonly [string, string])[];
}
export interface WebhookAnswer {
  readonly status: number;
  readonly body: string;
}

const apiErrors: Readonly<Record<number, readonly [status: number, text: string]>> = {
  20003: [401, 'Authenticate'],
  20404: [404, 'The requested resource was not found'],
  20429: [429, 'Too Many Requests'],
  20500: [500, 'Internal server error'],
  21211: [400, "The 'To' number is not a valid phone number."],
  21212: [400, "The 'From' number is not a valid phone number."],
  21408: [403, 'Permission to send an SMS has not been enabled for the region.'],
  21602: [400, 'Message body is required.'],
  21606: [400, 'The From phone number is not a valid, SMS-capable inbound phone number for your account.'],
  21610: [400, 'Attempt to send to unsubscribed recipient'],
  21611: [429, "This 'From' number has exceeded the maximum number of queued messages"],
  21612: [400, 'Message cannot be sent with the current combination'],
  21614: [400, "'To' number is not a valid mobile number"],
  21701: [404, 'The Messaging Service does not exist'],
};
const refusedRecipients: Readonly<Record<string, number>> = {
  '+15005550001': 21211,
  '+15005550002': 21612,
  '+15005550003': 21408,
  '+15005550004': 21610,
  '+15005550009': 21614,
};

const newSid = (prefix: string): string => prefix + randomBytes(16).toString('hex');

/** What the API lists; the fields that the house reads. */
const viewOf = (message: TwilioMessage): Record<string, unknown> => ({
  sid: message.sid,
  account_sid: twilioAccount.accountSid,
  to: message.to,
  from: message.from,
  body: message.body,
  status: message.status,
  direction: 'outbound-api',
  error_code: message.errorCode,
  messaging_service_sid: message.service,
  date_created: message.createdAt.toUTCString().replace('GMT', '+0000'),
  num_segments: '1',
});

/** X-Twilio-Signature: the address, then every parameter by name with its different values in order. */
export const signatureOf = (url: string, pairs: readonly (readonly [string, string])[]): string => {
  const values = new Map<string, Set<string>>();
  for (const [name, value] of pairs) values.set(name, (values.get(name) ?? new Set()).add(value));
  const names = [...values.keys()].sort();
  const signed = names
    .map((name) =>
      [...(values.get(name) ?? [])]
        .sort()
        .map((value) => name + value)
        .join(''),
    )
    .join('');
  return createHmac('sha1', twilioAccount.authToken)
    .update(url + signed)
    .digest('base64');
};

/** A POST on a connection of its own: pools of one test would keep the server of another open. */
function post(url: string, body: string, headers: Record<string, string>): Promise<WebhookAnswer> {
  return new Promise((resolve) => {
    const sending = request(url, { method: 'POST', agent: false, headers }, async (answer) => {
      resolve({ status: answer.statusCode ?? 0, body: await readText(answer) });
    });
    sending.on('error', () => resolve({ status: 0, body: '' }));
    sending.end(body);
  });
}

export async function startTwilioPeer(): Promise<TwilioPeer> {
  const config: TwilioPeer['config'] = {
    callbacks: 'in_order',
    senders: [twilioAccount.number, 'SHOP'],
  };
  const messages: TwilioMessage[] = [];
  const faults: TwilioFault[] = [];
  const callbacks: Promise<number>[] = [];
  const media: TwilioPeer['media'] = new Map();
  const hanging = new Set<string>();
  let toldToken = false;
  let requests = 0;
  let last: () => Promise<WebhookAnswer> = () => Promise.reject(new Error('nobody has written'));

  function webhook(url: string, pairs: readonly (readonly [string, string])[], options: WebhookOptions = {}) {
    const target = url.replace(/#.*$/, '');
    return post(
      target,
      new URLSearchParams([...pairs.map(([name, value]): [string, string] => [name, value])]).toString(),
      {
        'content-type': 'application/x-www-form-urlencoded; charset=UTF-8',
        'x-twilio-signature': options.badSignature ? 'AAAAAAAAAAAAAAAAAAAAAAAAAAA=' : signatureOf(target, pairs),
      },
    );
  }

  function callBack(message: TwilioMessage, status: string): void {
    const form: [string, string][] = [
      ['MessageSid', message.sid],
      ['SmsSid', message.sid],
      ['MessageStatus', status],
      ['To', message.to],
      ['AccountSid', twilioAccount.accountSid],
    ];
    if (message.errorCode !== null) form.push(['ErrorCode', String(message.errorCode)]);
    if (message.callback !== null) callbacks.push(webhook(message.callback, form).then((answer) => answer.status));
  }

  function run(message: TwilioMessage): void {
    const code = Number(/(3000[1-8]|30034)$/.exec(message.to)?.[1] ?? 0);
    const end = code === 0 ? 'delivered' : 'undelivered';
    const steps = ['queued', 'sending', 'sent', ...(message.to.endsWith('0000001') ? [] : [end])];
    message.status = steps.at(-1) ?? 'queued';
    if (code !== 0) message.errorCode = code;
    if (config.callbacks === 'none') return;
    if (config.callbacks === 'backwards') steps.reverse();
    for (const status of config.callbacks === 'twice' ? [...steps, ...steps] : steps) callBack(message, status);
  }

  /** An error code of the API, or 0. */
  function refusal(form: URLSearchParams): number {
    const [to, from, service] = [form.get('To') ?? '', form.get('From'), form.get('MessagingServiceSid')];
    if (!/^\+[1-9]\d{6,14}$/.test(to)) return 21211;
    if (refusedRecipients[to]) return refusedRecipients[to];
    if (from === '+15005550001') return 21212;
    if (from === '+15005550008') return 21611;
    if (service !== null && service !== twilioAccount.service) return 21701;
    if (from !== null && !config.senders.includes(from)) return 21606;
    return form.get('Body') ? 0 : 21602;
  }

  function accept(form: URLSearchParams): TwilioMessage {
    const service = form.get('MessagingServiceSid');
    const message: TwilioMessage = {
      sid: newSid('SM'),
      to: form.get('To') ?? '',
      from: form.get('From'),
      service,
      body: form.get('Body') ?? '',
      callback: form.get('StatusCallback'),
      status: service === null ? 'queued' : 'accepted',
      errorCode: null,
      // the API has whole seconds
      createdAt: new Date(Math.floor(Date.now() / 1_000) * 1_000),
    };
    messages.push(message);
    return message;
  }

  const json = (response: ServerResponse, status: number, body: unknown): void => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };
  const fail = (response: ServerResponse, code: number): void => {
    const [status, message] = apiErrors[code] ?? [400, 'Error'];
    json(response, status, { code, message, more_info: '', status });
  };

  function create(form: URLSearchParams, response: ServerResponse): void {
    const fault = faults.shift();
    const isTaken = fault === undefined || fault.startsWith('accept');
    const code = isTaken ? refusal(form) : 0;
    if (code !== 0) {
      fail(response, code);
      return;
    }
    const message = isTaken ? accept(form) : null;
    if (fault === undefined && message !== null) json(response, 201, { ...viewOf(message), status: 'queued' });
    else if (fault === '429') fail(response, 20429);
    else if (fault === '500') fail(response, 20500);
    else if (fault === '503') response.writeHead(503).end();
    else if (fault?.endsWith('502'))
      response.writeHead(502, { 'content-type': 'text/html' }).end('<h1>Bad Gateway</h1>');
    else if (fault?.endsWith('drop')) response.destroy();
    if (message !== null) run(message);
  }

  function list(query: URLSearchParams, response: ServerResponse): void {
    const found = messages.filter((message) => message.to === query.get('To')).reverse();
    const page = found.slice(0, Number(query.get('PageSize') ?? 50)).map(viewOf);
    json(response, 200, { messages: page, page: 0, page_size: page.length, next_page_uri: null, uri: '' });
  }

  function give(path: string, incoming: IncomingMessage, response: ServerResponse): void {
    if (incoming.headers.authorization !== undefined) toldToken = true;
    const found = media.get(path);
    if (hanging.has(path)) return;
    if (found) response.writeHead(200, { 'content-type': found.type }).end(found.bytes);
    else response.writeHead(404).end();
  }

  async function answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    requests++;
    const body = await readText(incoming);
    const basic = Buffer.from(`${twilioAccount.accountSid}:${twilioAccount.authToken}`).toString('base64');
    const url = new URL(incoming.url ?? '/', 'http://peer');
    if (url.pathname.startsWith('/store/')) return give(url.pathname.slice('/store'.length), incoming, response);
    if (incoming.headers.authorization !== `Basic ${basic}`) return fail(response, 20003);
    if (url.pathname.includes('/Media/'))
      return void response.writeHead(307, { location: `/store${url.pathname}` }).end();
    if (!/^\/2010-04-01\/Accounts\/AC\w+\/Messages\.json$/.test(url.pathname)) return fail(response, 20404);
    if (incoming.method === 'POST') create(new URLSearchParams(body), response);
    else list(url.searchParams, response);
  }

  const server = createServer((incoming, response) => void answer(incoming, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  return {
    base: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    messages,
    config,
    fail: (...more) => void faults.push(...more),
    media,
    hanging,
    get toldToken() {
      return toldToken;
    },
    get requests() {
      return requests;
    },
    write(url, form, options = {}) {
      const sid = newSid('SM');
      const base = { MessageSid: sid, SmsSid: sid, AccountSid: twilioAccount.accountSid, NumMedia: '0', ...form };
      const pairs = [...Object.entries(base), ...(options.more ?? [])];
      last = () => webhook(url, pairs, options);
      return last();
    },
    repeat: () => last(),
    callbacksDone: () => Promise.all(callbacks),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
