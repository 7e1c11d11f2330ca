import { readFile } from 'node:fs/promises';
import type { Clock } from '../../server/kernel/clock.ts';
import { type AccountId, uuidv7 } from '../../server/kernel/ids.ts';
import type { Log } from '../../server/kernel/log.ts';
import type { Receive } from '../channel.ts';
import {
  type AdapterState,
  type MessageChannel,
  type OutgoingMessage,
  plainMessage,
  type SendResult,
  type WebhookReply,
  type WebhookRequest,
} from '../message-channel.ts';
import { createOnceOpen } from '../once-open.ts';
import { createCallTickets } from './call-tickets.ts';
import { limits } from './limits.ts';
import { createListeners } from './listeners.ts';
import { badRequest, type ChatBody, json, readBody, text as textOf } from './requests.ts';
import { type ChatSecrets, readChatSettings } from './settings.ts';
import {
  type ChatLine,
  createVisitors,
  createVisitorTokens,
  isSignedBySite,
  keepNewest,
  newVisitor,
  type Visitor,
  withLine,
} from './visitors.ts';

export interface WebChatOptions {
  readonly account: {
    readonly id: AccountId;
    readonly name: string;
    readonly settings: Readonly<Record<string, unknown>>;
    readonly secrets: Readonly<Record<string, string>>;
    /** One: the site's key. */
    readonly addresses: readonly { readonly value: string; readonly name: string }[];
  };
  readonly receive: Receive;
  readonly state: AdapterState;
  readonly clock: Clock;
  readonly log: Log;
  /** Secret bytes of this house for this account: signs what visitors' browsers keep. */
  readonly key: Buffer;
}

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** Where on the site he is. */
const placeOf = (body: ChatBody) => ({
  page: textOf(body['page'], limits.url),
  pageTitle: textOf(body['pageTitle'], limits.title),
  referrer: textOf(body['referrer'], limits.url),
});
const notWritten = { kind: 'temporary', code: 'store', text: 'the line could not be written down' } as const;
/** Sites of others load it. */
const widgetHeaders = { 'cache-control': 'public, max-age=300', 'cross-origin-resource-policy': 'cross-origin' };
const widgetFile = new URL('./widget.js', import.meta.url);

/**
 * Chat with visitors of a web site: a script on its pages talks to the webhooks of this adapter. Everything that a visitor
 * and we wrote is in his browser again after a reload. What we send reaches him exactly once: lines are known by their ids.
 * @throws AppError `bad_request` for settings that make no sense
 */
export function createWebChat({ account, receive, state, clock, log, key }: WebChatOptions): MessageChannel {
  const settings = readChatSettings(account.settings);
  const { identityKey = '' }: ChatSecrets = account.secrets;
  const tokens = createVisitorTokens(key);
  const visitors = createVisitors(state);
  const listeners = createListeners(clock);
  const tickets = createCallTickets(clock);
  const spoken = new Map<string, number[]>();
  /** Up to which line of his the house was told that a visitor has ours. */
  const toldUpTo = new Map<string, number>();
  const address = account.addresses[0]?.value ?? '';
  const life = createOnceOpen(clock);
  let widget = '';

  /** Headers for the site that asks; null = it may not. Requests of our own pages have no foreign origin. */
  function corsFor({ headers }: WebhookRequest): Readonly<Record<string, string>> | null {
    const origin = headers['origin'];
    if (origin === undefined || origin === `http://${headers['host']}` || origin === `https://${headers['host']}`)
      return {};
    return settings.origins.includes(origin) ? { 'access-control-allow-origin': origin, vary: 'Origin' } : null;
  }

  function door(answer: (request: WebhookRequest, cors: Readonly<Record<string, string>>) => Promise<WebhookReply>) {
    return async (request: WebhookRequest): Promise<WebhookReply> => {
      const cors = corsFor(request);
      if (!cors) return json(403, { error: 'this site may not show the chat' });
      if (!life.isUp) return json(503, { error: 'the chat is off' }, cors);
      return answer(request, cors);
    };
  }

  /** Not more than a person can type. */
  function isTooFast(visitorId: string): boolean {
    const now = clock.now();
    const lately = (spoken.get(visitorId) ?? []).filter((at) => at > now - 60_000);
    keepNewest(spoken, visitorId, [...lately, now].slice(-limits.perMinute - 1));
    return lately.length >= limits.perMinute;
  }

  function identified(visitor: Visitor, body: ChatBody): Visitor {
    const who = {
      email: textOf(body['email'], 254),
      phone: textOf(body['phone'], 32),
      signature: textOf(body['signature'], 64),
    };
    const name = textOf(body['name'], limits.name) || visitor.name;
    if (isSignedBySite(identityKey, who)) return { ...visitor, name, email: who.email.toLowerCase(), phone: who.phone };
    return name === visitor.name ? visitor : { ...visitor, name };
  }

  const hello = door(async (request, cors) => {
    const body = readBody(request.body);
    if (!body) return badRequest(cors);
    const id = tokens.visitorOf(body['token']) ?? uuidv7();
    // who only looks leaves nothing behind: what he says brings all this again
    const isKnown = (await visitors.get(id)) !== null;
    const visitor = isKnown ? await visitors.change(id, (before) => identified(before, body)) : newVisitor(id);
    tellDelivered(id, visitor.lines);
    const { title, greeting, color } = settings;
    const call = settings.callLine !== '';
    return json(200, { token: tokens.tokenOf(id), title, greeting, color, call, lines: visitor.lines }, cors);
  });

  /** He pressed "Call": a ticket for his telephone, which is a page of ours. */
  const call = door(async (request, cors) => {
    const body = readBody(request.body);
    const visitorId = body && tokens.visitorOf(body['token']);
    if (!body) return badRequest(cors);
    if (!visitorId) return json(401, { error: 'say hello first' }, cors);
    const line = settings.callLine;
    if (line === '') return json(404, { error: 'nobody takes calls here' }, cors);
    if (isTooFast(visitorId)) return json(429, { error: 'too many calls, wait a moment' }, cors);
    const { id, name, email, phone } = await visitors.change(visitorId, (before) => identified(before, body));
    const { page, pageTitle } = placeOf(body);
    const visitor = { accountId: account.id, id, name, email, phone, page, pageTitle };
    return json(200, { account: account.id, line, ticket: tickets.issue({ line, visitor }) }, cors);
  });

  const say = door(async (request, cors) => {
    const body = readBody(request.body);
    const visitorId = body && tokens.visitorOf(body['token']);
    if (!body) return badRequest(cors);
    if (!visitorId) return json(401, { error: 'say hello first' }, cors);
    const id = body['id'];
    const text = textOf(body['text'], limits.text).trim();
    if (typeof id !== 'string' || !uuid.test(id) || text === '') return badRequest(cors);
    if (isTooFast(visitorId)) return json(429, { error: 'too many messages, wait a moment' }, cors);
    const visitor = await visitors.change(visitorId, (before) => identified(before, body));
    const at = clock.now();
    const receipt = await receive(arrived(visitor, { id, text, at, body }));
    const isStored = receipt.accepted || receipt.reason === 'duplicate';
    if (!isStored) return json(503, { error: 'not taken, try again' }, cors);
    // stored by the house first: what the visitor sees as sent is sent
    await visitors.change(visitorId, (before) => withLine(before, { id, by: 'visitor', name: '', text, at }));
    listeners.wake(visitorId);
    return json(200, { ok: true, at }, cors);
  });

  function arrived(visitor: Visitor, said: { id: string; text: string; at: number; body: ChatBody }) {
    const { email, phone } = visitor;
    const given = Object.entries({ ...placeOf(said.body), email, phone }).filter(([, value]) => value !== '');
    return {
      channel: 'chat',
      ...plainMessage(said.text),
      sourceId: `chat:${account.id}:${visitor.id}:${said.id}`,
      accountId: account.id,
      at: said.at,
      from: { kind: 'visitor', value: visitor.id, displayName: visitor.name },
      to: [address],
      providerId: said.id,
      mayAutoReply: true,
      facts: Object.fromEntries(given),
    } as const;
  }

  /** Lines after the number that the browser has; waits for them for a while. */
  const listen = door(async (request, cors) => {
    const body = readBody(request.body);
    const visitorId = body && tokens.visitorOf(body['token']);
    if (!body) return badRequest(cors);
    if (!visitorId) return json(401, { error: 'say hello first' }, cors);
    const after = body['after'];
    if (typeof after !== 'number' || !Number.isInteger(after) || after < 0) return badRequest(cors);
    const news = async () => ((await visitors.get(visitorId))?.lines ?? []).filter(({ seq }) => seq > after);
    // waits first, looks then: nothing is said in between
    const found = new AbortController();
    const waited = listeners.wait(visitorId, limits.listenMs, AbortSignal.any([request.signal, found.signal]));
    let lines = await news();
    if (lines.length > 0) found.abort();
    await waited;
    if (lines.length === 0) lines = await news();
    // nobody reads it who has gone
    if (!request.signal.aborted) tellDelivered(visitorId, lines);
    return json(200, { lines }, cors);
  });

  /** Tells the house which of its lines a visitor's browser gets, each once as long as this process remembers. */
  function tellDelivered(visitorId: string, lines: readonly ChatLine[]): void {
    const told = toldUpTo.get(visitorId) ?? 0;
    const fresh = lines.filter(({ by, seq }) => by === 'house' && seq > told);
    const last = fresh.at(-1);
    if (!last) return;
    keepNewest(toldUpTo, visitorId, last.seq);
    // what was not stored is told again with the next answer that has it
    const forget = (error: unknown): void => {
      toldUpTo.delete(visitorId);
      log.warn({ err: error, visitorId }, 'receipts of the chat were lost');
    };
    Promise.all(fresh.map(({ id }) => receive(deliveredOf(id)))).catch(forget);
  }

  const deliveredOf = (id: string) =>
    ({
      channel: 'chat',
      type: 'delivery.reported',
      sourceId: `chat:${account.id}:${id}:delivered`,
      accountId: account.id,
      at: clock.now(),
      messageId: id as OutgoingMessage['id'],
      providerId: id,
      part: null,
      step: 'delivered',
      problem: null,
      isComplaint: false,
    }) as const;

  async function send(message: OutgoingMessage): Promise<SendResult> {
    const { id, text, from } = message;
    const visitorId = message.to[0]?.address ?? '';
    const unknown = { kind: 'recipient', code: 'no_visitor', text: 'no visitor has this address' } as const;
    const tooLong = { kind: 'content', code: 'too_long', text: `longer than ${limits.text} characters` } as const;
    if (text.length > limits.text) return { kind: 'rejected', problem: tooLong };
    if (!uuid.test(visitorId) || !(await visitors.get(visitorId))) return { kind: 'rejected', problem: unknown };
    await visitors.change(visitorId, (before) =>
      withLine(before, { id, by: 'house', name: from.name, text, at: clock.now() }),
    );
    listeners.wake(visitorId);
    return { kind: 'accepted', providerId: id, parts: [] };
  }

  return {
    name: 'web-chat',
    channel: 'chat',
    accountId: account.id,
    capabilities: {
      maxText: limits.text,
      maxAttachmentBytes: 0,
      subject: false,
      html: false,
      canInitiate: false,
      settles: 'same_id',
      rate: { perSecond: 500, concurrency: 20 },
    },
    async start() {
      widget = await readFile(widgetFile, 'utf8');
      life.open();
    },
    async close() {
      life.close();
      listeners.close();
    },
    health: life.health,
    send: (message, signal) => life.attempt(signal, notWritten, () => send(message)),
    webhooks: {
      'widget.js': async ({ method }) =>
        method === 'GET'
          ? { status: 200, type: 'text/javascript; charset=utf-8', body: widget, headers: widgetHeaders }
          : json(405, { error: 'the script is only read' }),
      hello,
      say,
      call,
      listen,
    },
    admitCaller: (ticket) => (life.isUp ? tickets.use(ticket) : null),
  };
}
