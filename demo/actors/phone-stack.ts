import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { createDigestClient } from '../../channels/voice/sip/auth/digest-client.ts';
import { createSipCore } from '../../channels/voice/sip/core/create-core.ts';
import { buildRequest } from '../../channels/voice/sip/message/build.ts';
import type { SipResponse } from '../../channels/voice/sip/message/message.ts';
import { parseMessage } from '../../channels/voice/sip/message/parse.ts';
import { newBranch, newSipCallId, newTag } from '../../channels/voice/sip/message/tokens.ts';
import type { IncomingInvite, OutgoingInvite, OutgoingInviteOptions } from '../../channels/voice/sip/stack.ts';
import type { Flow, TransportSink } from '../../channels/voice/sip/transport/flow.ts';
import { createTransports } from '../../channels/voice/sip/transport/transports.ts';
import { wsFlow } from '../../channels/voice/sip/transport/ws.ts';
import { systemClock } from '../../server/kernel/clock.ts';
import { silentLog } from '../../server/kernel/log.ts';
import { within } from './within.ts';

/** A telephone's SIP: the project's own stack, which takes and makes calls, plus the client side of REGISTER. */
export interface PhoneStack {
  readonly port: number;
  invite(options: OutgoingInviteOptions): OutgoingInvite;
  /**
   * Registers (RFC 3261 section 10.2), or takes the binding back with 0 seconds; by digest when the server asks for it.
   * @returns the final status
   */
  register(account: { user: string; secret: string; expiresSeconds: number }): Promise<number>;
  /** Gone without a word, as when a page is reloaded: no BYE, no goodbye to the registrar. */
  drop(): void;
  close(): Promise<void>;
}

/** How a telephone reaches the server. */
interface Link {
  readonly port: number;
  /** `Via` and `Contact` of what it sends. */
  readonly via: 'UDP' | 'WS';
  readonly sentBy: string;
  flowTo(transport: 'udp' | 'tcp', address: string, port: number): Flow;
  toServer(): Flow;
  drop(): void;
  close(): Promise<void>;
}

const host = '127.0.0.1';
const registerMs = 10_000;
const registerAttempts = 10;
const registerAgainMs = 1_000;
/** Timer E of RFC 3261 without its growth: the peer is on the same machine. */
const retransmitMs = 500;
const realm = 'switchroom';

type Invited = (invite: IncomingInvite) => void;

/** @param serverPort SIP port of the server, on 127.0.0.1 */
export const openPhoneStack = (serverPort: number, invited: Invited): Promise<PhoneStack> =>
  openStack(invited, async (sink) => {
    const transports = createTransports({ clock: systemClock, host, publicAddress: host, port: 0, sink });
    await transports.start();
    return {
      via: 'UDP',
      get port() {
        return transports.port;
      },
      get sentBy() {
        return transports.sentBy;
      },
      flowTo: transports.flowTo,
      toServer: () => transports.flowTo('udp', host, serverPort),
      drop: () => void transports.close(),
      // The BYEs have left: UDP sends in order before it closes.
      close: () => transports.close(),
    };
  });

/**
 * SIP over WebSocket (RFC 7118), as a browser speaks it.
 * @param url of the server, `http://host:port`
 * @param cookie of the session whose phone it is
 * @param path with the ticket of a visitor who calls from a page, where he has no session
 */
export const openBrowserStack = (url: string, cookie: string, invited: Invited, path = '/sip'): Promise<PhoneStack> =>
  openStack(invited, async (sink) => {
    const { hostname, port } = new URL(url);
    const webSocket = new WebSocket(`${url.replace(/^http/, 'ws')}${path}`, 'sip', { headers: { cookie } });
    const opened = Promise.withResolvers<void>();
    webSocket.once('open', () => opened.resolve());
    webSocket.once('error', opened.reject);
    // Nobody can resolve the name: the server finds us by the connection (RFC 7118 section 5).
    const sentBy = `${newTag()}.invalid`;
    const server = { address: hostname, port: Number(port), identity: undefined };
    const flow = wsFlow({ webSocket, ...server, sentBy, sink, clock: systemClock });
    await within(opened.promise, registerMs, 'the connection of a phone over WebSocket');
    const closed = new Promise<void>((resolve) => webSocket.once('close', () => resolve()));
    return {
      via: 'WS',
      port: 0,
      sentBy,
      flowTo: () => flow,
      toServer: () => flow,
      drop: () => webSocket.terminate(),
      close() {
        webSocket.close();
        return closed;
      },
    };
  });

async function openStack(invited: Invited, connect: (sink: TransportSink) => Promise<Link>): Promise<PhoneStack> {
  /** Call-ID of a REGISTER -> who waits for its response. */
  const registering = new Map<string, (response: SipResponse) => void>();
  const core = createSipCore({
    clock: systemClock,
    log: silentLog,
    userAgent: 'Scripted phone',
    realm,
    ha1: () => null,
    handlers: { invite: invited },
    sentBy: () => link.sentBy,
    flowTo: (transport, address, port) => link.flowTo(transport, address, port),
  });
  const link = await connect({
    ...core.sink,
    received(bytes, flow) {
      const result = bytes.toString('latin1', 0, 8) === 'SIP/2.0 ' ? parseMessage(bytes) : undefined;
      const message = result?.kind === 'message' ? result.message : undefined;
      const waiting = message && registering.get(message.callId);
      if (waiting && message.kind === 'response') waiting(message);
      else core.sink.received(bytes, flow);
    },
  });
  // Not started: its watch would refuse calls with 503 when this process has much to do, and a telephone has one caller.
  const callId = newSipCallId();
  let cseq = 0;

  /** One REGISTER, repeated until its final response. */
  async function ask(user: string, headers: string): Promise<SipResponse> {
    const { promise, resolve } = Promise.withResolvers<SipResponse>();
    registering.set(callId, (response) => {
      if (response.cseq === cseq && response.status >= 200) resolve(response);
    });
    cseq++;
    const bytes = buildRequest({
      method: 'REGISTER',
      uri: `sip:${host}`,
      via: `SIP/2.0/${link.via} ${link.sentBy};branch=${newBranch()};rport`,
      routes: [],
      from: `<sip:${user}@${realm}>;tag=${newTag()}`,
      to: `<sip:${user}@${realm}>`,
      callId,
      cseq,
      headers,
    });
    const flow = link.toServer();
    const repeat = flow.reliable ? undefined : setInterval(() => flow.send(bytes), retransmitMs);
    flow.send(bytes);
    try {
      return await within(promise, registerMs, `the answer to REGISTER of ${user}`);
    } finally {
      clearInterval(repeat);
      registering.delete(callId);
    }
  }

  /** Tries again when the server has more to do than time (RFC 3261 section 21.5.4). */
  async function askPatiently(user: string, headers: string): Promise<SipResponse> {
    for (let attempt = 1; ; attempt++) {
      const answer = await ask(user, headers);
      if (answer.status !== 503 || attempt === registerAttempts) return answer;
      await sleep(registerAgainMs);
    }
  }

  let closed: Promise<void> | undefined;
  const shutDown = async (): Promise<void> => {
    core.shutDown();
    core.close();
    await link.close();
  };
  return {
    get port() {
      return link.port;
    },
    invite: core.invite,
    async register({ user, secret, expiresSeconds }) {
      const digest = createDigestClient({ username: user, password: secret });
      const transport = link.via === 'WS' ? ';transport=ws' : '';
      const contact = `Contact: <sip:${user}@${link.sentBy}${transport}>;expires=${expiresSeconds}\r\n`;
      const first = await askPatiently(user, contact);
      if (first.status !== 401 || !digest.challenged(first)) return first.status;
      const second = await askPatiently(user, contact + digest.authorize('REGISTER', `sip:${host}`));
      return second.status;
    },
    drop() {
      link.drop();
      core.close();
      closed ??= Promise.resolve();
    },
    close() {
      closed ??= shutDown();
      return closed;
    },
  };
}
