import { createHash } from 'node:crypto';
import { digestResponse } from '../../../channels/voice/sip/auth/digest.ts';
import { type AgentPlan, talkSpread } from './protocol.ts';
import {
  createSendUntil,
  header,
  methodOf,
  newToken,
  openWire,
  request,
  response,
  statusOf,
  t2Ms,
  uriIn,
  userIn,
  withSdp,
} from './wire.ts';

/** The agents' desk phones, all on one socket: they register, answer, talk, hang up. */
export interface Phones {
  register(plan: AgentPlan): Promise<void>;
  unregister(): Promise<void>;
  close(): void;
}

export interface PhonesOptions {
  readonly sipPort: number;
  /** An INVITE for this caller's number has come to an agent. */
  readonly onRing: (number: string) => void;
  /** An agent has answered this caller. */
  readonly onAnswer: (number: string) => void;
  /** Milliseconds from an agent's last hanging up to this INVITE. */
  readonly onRefill: (ms: number) => void;
  readonly onRetransmission: () => void;
  readonly onRepeat: () => void;
}

interface PhoneCall {
  readonly login: string;
  readonly number: string;
  readonly invite: string;
  readonly tag: string;
  /** What a repeated INVITE gets. */
  lastResponse: string;
  state: 'ringing' | 'answered' | 'up' | 'over';
  timer: NodeJS.Timeout | undefined;
  pending: { stop(): void } | undefined;
}

const md5 = (text: string): string => createHash('md5').update(text).digest('hex');

/** Phones that nobody has registered yet. */
export async function openPhones(options: PhonesOptions): Promise<Phones> {
  const calls = new Map<string, PhoneCall>();
  const waiting = new Map<string, (answer: string) => void>();
  const freeSince = new Map<string, number>();
  let plan: AgentPlan | undefined;

  const wire = await openWire(options.sipPort, (text) => {
    if (statusOf(text) > 0) return onResponse(text);
    const method = methodOf(text);
    if (method === 'INVITE') onInvite(text);
    else if (method === 'ACK') onAck(text);
    else if (method === 'BYE') onBye(text);
    else if (method === 'CANCEL') onCancel(text);
    else wire.send(response(text, '200 OK', newToken()));
  });
  const sendUntil = createSendUntil(wire.send, options.onRetransmission);

  function onResponse(text: string): void {
    const status = statusOf(text);
    const id = header(text, 'Call-ID');
    if (status < 200) return;
    waiting.get(id)?.(text);
    const call = calls.get(id);
    if (call?.state === 'over') call.pending?.stop();
    calls.delete(id);
  }

  function onInvite(text: string): void {
    const now = performance.now();
    const id = header(text, 'Call-ID');
    const known = calls.get(id);
    if (known) {
      options.onRepeat();
      wire.send(known.lastResponse);
    } else ring(text, id, now);
  }

  function ring(text: string, id: string, now: number): void {
    const login = userIn(text.slice(0, text.indexOf('\r\n')));
    const number = userIn(header(text, 'From'));
    options.onRing(number);
    const free = freeSince.get(login);
    if (free !== undefined) options.onRefill(now - free);
    freeSince.delete(login);
    const tag = newToken();
    const ringing = response(text, '180 Ringing', tag, contact(login));
    const call: PhoneCall = {
      login,
      number,
      invite: text,
      tag,
      lastResponse: ringing,
      state: 'ringing',
      timer: undefined,
      pending: undefined,
    };
    calls.set(id, call);
    wire.send(ringing);
    call.timer = setTimeout(() => answer(call), plan?.answerMs ?? 0);
  }

  const contact = (login: string): string =>
    `Contact: <sip:${login}@127.0.0.1:${wire.port}>\r\nContent-Length: 0\r\n\r\n`;

  function answer(call: PhoneCall): void {
    call.state = 'answered';
    call.lastResponse = response(call.invite, '200 OK', call.tag, withSdp(call.login, wire.port));
    call.pending = sendUntil(call.lastResponse, { capMs: t2Ms, onGiveUp: () => over(call) });
    options.onAnswer(call.number);
    const talkMs = (plan?.talkMs ?? 0) * (1 - talkSpread + 2 * talkSpread * Math.random());
    if (plan?.hangsUp === 'agent') call.timer = setTimeout(() => hangUp(call), talkMs);
  }

  function onAck(text: string): void {
    const call = calls.get(header(text, 'Call-ID'));
    if (!call) return;
    call.pending?.stop();
    if (call.state === 'answered') call.state = 'up';
    else if (call.state === 'over') over(call);
  }

  function hangUp(call: PhoneCall): void {
    call.pending?.stop();
    call.state = 'over';
    freeSince.set(call.login, performance.now());
    const to = header(call.invite, 'From');
    const from = `${header(call.invite, 'To')};tag=${call.tag}`;
    const uri = uriIn(header(call.invite, 'Contact'));
    const callId = header(call.invite, 'Call-ID');
    const bye = request({ method: 'BYE', uri, port: wire.port, branch: newToken(), from, to, callId, cseq: 1 });
    call.pending = sendUntil(bye, { capMs: t2Ms, onGiveUp: () => over(call) });
  }

  function onBye(text: string): void {
    wire.send(response(text, '200 OK', newToken()));
    const call = calls.get(header(text, 'Call-ID'));
    if (!call) options.onRepeat();
    // Both hung up at once: our own BYE is answered as well.
    if (!call || call.state === 'over') return;
    freeSince.set(call.login, performance.now());
    over(call);
  }

  function onCancel(text: string): void {
    const call = calls.get(header(text, 'Call-ID'));
    wire.send(response(text, '200 OK', call?.tag ?? newToken()));
    if (call?.state !== 'ringing') return;
    clearTimeout(call.timer);
    call.state = 'over';
    call.lastResponse = response(call.invite, '487 Request Terminated', call.tag);
    call.pending = sendUntil(call.lastResponse, { capMs: t2Ms, onGiveUp: () => over(call) });
  }

  function over(call: PhoneCall): void {
    clearTimeout(call.timer);
    call.pending?.stop();
    calls.delete(header(call.invite, 'Call-ID'));
  }

  /** One REGISTER and its final response. */
  function ask(text: string, callId: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const onGiveUp = (): void => reject(new Error('the registrar does not answer'));
      const sending = sendUntil(text, { capMs: t2Ms, onGiveUp });
      waiting.set(callId, (answered) => {
        sending.stop();
        waiting.delete(callId);
        resolve(answered);
      });
    });
  }

  /** Registers with digest (RFC 3261 section 22), or takes the registration back with 0 seconds. */
  async function registerOne({ login, secret }: AgentPlan['accounts'][number], seconds: number): Promise<void> {
    const callId = newToken();
    const uri = 'sip:switchroom';
    const address = `<sip:${login}@switchroom>`;
    const attempt = (cseq: number, credentials: string): string =>
      request({
        method: 'REGISTER',
        uri,
        port: wire.port,
        branch: newToken(),
        from: `${address};tag=${callId}`,
        to: address,
        callId,
        cseq,
        rest: `${credentials}Expires: ${seconds}\r\n${contact(login)}`,
      });
    const challenge = await ask(attempt(1, ''), callId);
    const nonce = /nonce="([^"]+)"/.exec(challenge)?.[1] ?? '';
    const realm = /realm="([^"]+)"/.exec(challenge)?.[1] ?? '';
    const qop = { count: '00000001', clientNonce: newToken() };
    const ha1 = md5(`${login}:${realm}:${secret}`);
    const right = digestResponse({ algorithm: 'MD5', ha1, nonce, method: 'REGISTER', uri, qop });
    const credentials =
      `Authorization: Digest username="${login}", realm="${realm}", nonce="${nonce}", uri="${uri}", algorithm=MD5, ` +
      `qop=auth, nc=${qop.count}, cnonce="${qop.clientNonce}", response="${right}"\r\n`;
    const answered = await ask(attempt(2, credentials), callId);
    if (statusOf(answered) !== 200) throw new Error(`${login} could not register: ${answered.split('\r\n', 1)[0]}`);
  }

  async function registerAll(seconds: number): Promise<void> {
    for (const account of plan?.accounts ?? []) await registerOne(account, seconds);
  }

  return {
    async register(next) {
      plan = next;
      freeSince.clear();
      await registerAll(3_600);
    },
    unregister: () => registerAll(0),
    close: () => wire.close(),
  };
}
