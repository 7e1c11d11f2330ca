import { createDigestClient } from '../../channels/voice/sip/auth/digest-client.ts';
import { createSipCore } from '../../channels/voice/sip/core/create-core.ts';
import { buildRequest } from '../../channels/voice/sip/message/build.ts';
import type { SipResponse } from '../../channels/voice/sip/message/message.ts';
import { parseMessage } from '../../channels/voice/sip/message/parse.ts';
import { newBranch, newSipCallId, newTag } from '../../channels/voice/sip/message/tokens.ts';
import type { IncomingInvite, OutgoingInvite, OutgoingInviteOptions } from '../../channels/voice/sip/stack.ts';
import { createTransports } from '../../channels/voice/sip/transport/transports.ts';
import { systemClock } from '../../server/kernel/clock.ts';
import { silentLog } from '../../server/kernel/log.ts';
import { within } from './within.ts';

/** A telephone's SIP: the project's own stack, which takes and makes calls, plus the client side of REGISTER. */
export interface PhoneStack {
  readonly port: number;
  invite(options: OutgoingInviteOptions): OutgoingInvite;
  /**
   * Registers (RFC 3261 section 10.2) by digest over UDP, or takes the binding back with 0 seconds.
   * @returns the final status
   */
  register(account: { user: string; secret: string; expiresSeconds: number }): Promise<number>;
  close(): Promise<void>;
}

const host = '127.0.0.1';
const registerMs = 10_000;
/** Timer E of RFC 3261 without its growth: the peer is on the same machine. */
const retransmitMs = 500;
const realm = 'switchroom';

/** @param serverPort SIP port of the server, on 127.0.0.1 */
export async function openPhoneStack(
  serverPort: number,
  invited: (invite: IncomingInvite) => void,
): Promise<PhoneStack> {
  /** Call-ID of a REGISTER -> who waits for its response. */
  const registering = new Map<string, (response: SipResponse) => void>();
  const core = createSipCore({
    clock: systemClock,
    log: silentLog,
    userAgent: 'Test phone',
    realm,
    ha1: () => null,
    handlers: { invite: invited },
    sentBy: () => transports.sentBy,
    flowTo: (transport, address, port) => transports.flowTo(transport, address, port),
  });
  const transports = createTransports({
    clock: systemClock,
    host,
    publicAddress: host,
    port: 0,
    sink: {
      ...core.sink,
      received(bytes, flow) {
        const result = bytes.toString('latin1', 0, 8) === 'SIP/2.0 ' ? parseMessage(bytes) : undefined;
        const message = result?.kind === 'message' ? result.message : undefined;
        const waiting = message && registering.get(message.callId);
        if (waiting && message.kind === 'response') waiting(message);
        else core.sink.received(bytes, flow);
      },
    },
  });
  await transports.start();
  core.start();
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
      via: `SIP/2.0/UDP ${transports.sentBy};branch=${newBranch()};rport`,
      routes: [],
      from: `<sip:${user}@${realm}>;tag=${newTag()}`,
      to: `<sip:${user}@${realm}>`,
      callId,
      cseq,
      headers,
    });
    const flow = transports.flowTo('udp', host, serverPort);
    const repeat = setInterval(() => flow.send(bytes), retransmitMs);
    flow.send(bytes);
    try {
      return await within(promise, registerMs, `the answer to REGISTER of ${user}`);
    } finally {
      clearInterval(repeat);
      registering.delete(callId);
    }
  }

  let closed: Promise<void> | undefined;
  const shutDown = async (): Promise<void> => {
    core.shutDown();
    core.close();
    // The BYEs have left: UDP sends in order before it closes.
    await transports.close();
  };
  return {
    get port() {
      return transports.port;
    },
    invite: core.invite,
    async register({ user, secret, expiresSeconds }) {
      const digest = createDigestClient({ username: user, password: secret });
      const contact = `Contact: <sip:${user}@${transports.sentBy}>;expires=${expiresSeconds}\r\n`;
      const first = await ask(user, contact);
      if (first.status !== 401 || !digest.challenged(first)) return first.status;
      const second = await ask(user, contact + digest.authorize('REGISTER', `sip:${host}`));
      return second.status;
    },
    close() {
      closed ??= shutDown();
      return closed;
    },
  };
}
