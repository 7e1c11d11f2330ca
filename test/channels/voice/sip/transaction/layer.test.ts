import { describe, expect, test } from 'vitest';
import { buildResponse } from '../../../../../channels/voice/sip/message/build.ts';
import type { SipRequest, SipResponse } from '../../../../../channels/voice/sip/message/message.ts';
import { parseMessage } from '../../../../../channels/voice/sip/message/parse.ts';
import type { SipTransportName } from '../../../../../channels/voice/sip/stack.ts';
import { createDeadlines } from '../../../../../channels/voice/sip/transaction/deadlines.ts';
import { InviteServerTransaction } from '../../../../../channels/voice/sip/transaction/invite-server.ts';
import {
  createTransactionLayer,
  type ServerTransaction,
  type TransactionLayer,
} from '../../../../../channels/voice/sip/transaction/layer.ts';
import { createFakeClock, type FakeClock } from '../../../../../server/kernel/clock.ts';
import { createFakeWire, type FakeWire } from '../../../../fixtures/sip/fake-wire.ts';

const left = { address: '192.0.2.1', port: 5060 };
const right = { address: '192.0.2.2', port: 5060 };

interface Side {
  readonly layer: TransactionLayer;
  readonly requests: { request: SipRequest; transaction: ServerTransaction }[];
  readonly acks: SipRequest[];
}

function createSide(clock: FakeClock, wire: FakeWire, at: typeof left): Side {
  const requests: Side['requests'] = [];
  const acks: SipRequest[] = [];
  const layer = createTransactionLayer({
    clock,
    udpFlow: (address, port) => wire.flow({ transport: 'udp', from: at, to: { address, port } }),
    user: {
      invite: (request, transaction) => void requests.push({ request, transaction }),
      request: (request, transaction) => void requests.push({ request, transaction }),
      ack: (request) => void acks.push(request),
    },
  });
  wire.attach(at, (bytes, flow) => {
    const result = parseMessage(bytes);
    if (result.kind === 'message') layer.receive(result.message, flow);
  });
  return { layer, requests, acks };
}

function inviteAt({ requests }: Side, index: number): InviteServerTransaction {
  const transaction = requests[index]?.transaction;
  if (!(transaction instanceof InviteServerTransaction)) throw new Error('no INVITE there');
  return transaction;
}

function createPair(lose?: () => boolean) {
  const clock = createFakeClock();
  const wire = createFakeWire(clock, lose);
  const client = createSide(clock, wire, left);
  const server = createSide(clock, wire, right);
  const seen: (number | string)[] = [];
  const send = (method: string, transport: SipTransportName = 'udp', callId = 'call') => {
    const flow = wire.flow({ transport, from: left, to: right });
    const request = {
      method,
      uri: 'sip:x@y',
      routes: ['<sip:r;lr>'],
      from: '<sip:a@b>;tag=1',
      to: '<sip:x@y>',
      callId,
      cseq: 1,
      headers: '',
    };
    const handlers = {
      response: (response: SipResponse) => void seen.push(response.status),
      timeout: () => void seen.push('timeout'),
      transportError: () => void seen.push('transport error'),
    };
    return method === 'INVITE'
      ? client.layer.sendInvite(flow, request, undefined, handlers)
      : client.layer.send(flow, request, undefined, handlers);
  };
  const answer = (status: number, index = 0): void => {
    const { request, transaction } = server.requests[index] ?? {};
    if (request && transaction) transaction.respond(status, buildResponse(request, status, { localTag: 'srv' }));
  };
  /** First lines of everything sent since the last look. */
  let looked = 0;
  const sent = (): string[] => {
    const lines = wire.sent.slice(looked).map((text) =>
      text
        .split(' ', 2)
        .join(' ')
        .replace(/ sip:.*/, ''),
    );
    looked = wire.sent.length;
    return lines;
  };
  return { clock, wire, client, server, seen, send, answer, sent };
}

describe('INVITE over UDP', () => {
  test('timer A doubles, timer B gives up after 64*T1', () => {
    const { clock, send, sent, seen, server, client } = createPair();
    send('INVITE');
    const counts: number[] = [];
    for (const until of [499, 500, 1_000, 2_000, 4_000, 8_000, 16_000]) {
      clock.advance(until);
      counts.push(sent().length);
    }
    expect(counts).toEqual([1, 1, 1, 1, 1, 1, 1]);
    clock.advance(32_000);
    expect(seen).toEqual(['timeout']);
    expect(server.requests).toHaveLength(1);
    expect(client.layer.clients).toBe(0);
  });

  test('a provisional response stops both; the refusal is acknowledged each time it comes (timers G, H, I, D)', () => {
    const { clock, send, answer, sent, seen, server, client } = createPair();
    send('INVITE');
    clock.advance(2);
    answer(180);
    clock.advance(40_000);
    expect(sent()).toEqual(['INVITE', 'SIP/2.0 180']);
    answer(486);
    clock.advance(2);
    expect(sent()).toEqual(['SIP/2.0 486', 'ACK']);
    expect(server.requests[0]?.transaction.state).toBe('confirmed');
    clock.advance(5_100);
    expect(server.layer.servers).toBe(0);
    expect(client.layer.clients).toBe(1);
    clock.advance(32_000);
    expect(client.layer.clients).toBe(0);
    expect(seen).toEqual([180, 486]);
    expect(sent()).toEqual([]);
  });

  test('a refusal without its ACK is repeated up to T2 until timer H', () => {
    const { clock, send, answer, sent, server, wire } = createPair();
    send('INVITE');
    clock.advance(2);
    answer(180);
    clock.advance(2);
    wire.attach(left, () => {});
    answer(486);
    clock.advance(7_600);
    expect(sent().filter((line) => line === 'SIP/2.0 486')).toHaveLength(5);
    clock.advance(25_000);
    expect(server.layer.servers).toBe(0);
  });

  test('2xx: accepted for 64*T1, the copies reach the user, the repeated INVITE is absorbed (RFC 6026)', () => {
    const { clock, send, answer, sent, seen, server, client, wire } = createPair();
    const transaction = send('INVITE');
    clock.advance(2);
    answer(200);
    clock.advance(2);
    inviteAt(server, 0).resend();
    wire.flow({ transport: 'udp', from: left, to: right }).send(Buffer.from(wire.sent[0] ?? ''));
    clock.advance(2);
    expect(seen).toEqual([200, 200]);
    expect(sent()).toEqual(['INVITE', 'SIP/2.0 200', 'SIP/2.0 200', 'INVITE']);
    expect(transaction.state).toBe('accepted');
    clock.advance(32_100);
    expect([server.layer.servers, client.layer.clients]).toEqual([0, 0]);
  });

  test("an ACK of a 2xx is the user's, an ACK of a refusal is not", () => {
    const { clock, send, answer, server, wire, client } = createPair();
    send('INVITE');
    clock.advance(2);
    answer(200);
    clock.advance(2);
    const flow = wire.flow({ transport: 'udp', from: left, to: right });
    const ack = `ACK sip:x@y SIP/2.0\r\nVia: ${client.layer.newVia(flow)}\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:x@y>;tag=srv\r\nCall-ID: call\r\nCSeq: 1 ACK\r\n\r\n`;
    flow.send(Buffer.from(ack));
    clock.advance(2);
    expect(server.acks).toHaveLength(1);
    send('INVITE', 'udp', 'second');
    clock.advance(2);
    answer(404, 1);
    clock.advance(2);
    expect(server.acks).toHaveLength(1);
  });
});

describe('other requests over UDP', () => {
  test('timer E doubles up to T2, timer F gives up; after a provisional response it is T2', () => {
    const { clock, send, sent, seen } = createPair();
    send('OPTIONS');
    clock.advance(31_999);
    // 0, 0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5 s (RFC 3261 section 17.1.2.2)
    expect(sent()).toHaveLength(11);
    clock.advance(100);
    expect(seen).toEqual(['timeout']);
    send('OPTIONS', 'udp', 'second');
    clock.advance(2);
    sent();
    const later = createPair();
    later.send('OPTIONS');
    clock.advance(2);
    later.clock.advance(2);
    later.answer(100);
    later.clock.advance(600);
    later.sent();
    later.clock.advance(3_800);
    expect(later.sent()).toEqual([]);
    later.clock.advance(400);
    expect(later.sent()).toEqual(['OPTIONS', 'SIP/2.0 100']);
  });

  test('the answer is repeated for a repeated request (timer J), the client rests for T4 (timer K)', () => {
    const { clock, send, answer, sent, seen, wire, server, client } = createPair();
    send('OPTIONS');
    clock.advance(2);
    answer(200);
    answer(500);
    clock.advance(2);
    wire.flow({ transport: 'udp', from: left, to: right }).send(Buffer.from(wire.sent[0] ?? ''));
    clock.advance(2);
    expect(sent()).toEqual(['OPTIONS', 'SIP/2.0 200', 'OPTIONS', 'SIP/2.0 200']);
    expect(seen).toEqual([200]);
    clock.advance(5_100);
    expect(client.layer.clients).toBe(0);
    clock.advance(27_000);
    expect(server.layer.servers).toBe(0);
  });

  test('without rport the answer goes to the port of the Via, with rport to where the request came from', () => {
    const { clock, wire, server, answer } = createPair();
    const odd = { address: '192.0.2.1', port: 40_404 };
    const heard: string[] = [];
    wire.attach(odd, (bytes) => heard.push(`source ${bytes.toString().slice(0, 11)}`));
    wire.attach({ address: '192.0.2.1', port: 5099 }, (bytes) => heard.push(`via ${bytes.toString().slice(0, 11)}`));
    for (const [index, via] of ['192.0.2.1:5099;branch=z9hG4bK1', '192.0.2.1:5099;branch=z9hG4bK2;rport'].entries()) {
      const text = `OPTIONS sip:x SIP/2.0\r\nVia: SIP/2.0/UDP ${via}\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:x>\r\nCall-ID: c${index}\r\nCSeq: 1 OPTIONS\r\n\r\n`;
      wire.flow({ transport: 'udp', from: odd, to: right }).send(Buffer.from(text));
      clock.advance(2);
      answer(200, index);
    }
    clock.advance(2);
    expect(heard).toEqual(['via SIP/2.0 200', 'source SIP/2.0 200']);
    expect(server.layer.openServers).toBe(0);
  });
});

describe('over a connection', () => {
  test('nothing is repeated, and finished transactions are gone at once', () => {
    const { clock, send, answer, sent, server, client } = createPair();
    send('OPTIONS', 'tcp');
    clock.advance(2);
    answer(200);
    clock.advance(2);
    expect([server.layer.servers, client.layer.clients]).toEqual([0, 0]);
    send('INVITE', 'tcp');
    clock.advance(20_000);
    answer(404, 1);
    clock.advance(2);
    expect([server.layer.servers, client.layer.clients]).toEqual([0, 0]);
    expect(sent()).toEqual(['OPTIONS', 'SIP/2.0 200', 'INVITE', 'SIP/2.0 404', 'ACK']);
  });

  test('that closes, what waits for an answer fails in that moment', () => {
    const { send, seen, wire, clock, client, server } = createPair();
    const lost: string[] = [];
    send('INVITE', 'tcp');
    send('OPTIONS', 'tcp', 'second');
    clock.advance(2);
    inviteAt(server, 0).events.lost = () => void lost.push('lost');
    wire.flow({ transport: 'tcp', from: left, to: right }).close();
    wire.flow({ transport: 'tcp', from: right, to: left }).close();
    expect(seen).toEqual(['transport error', 'transport error']);
    expect(lost).toEqual(['lost']);
    expect([client.layer.clients, server.layer.openServers]).toEqual([0, 1]);
  });

  test('that is closed already, the failure comes after the call has returned', async () => {
    const { send, seen, wire } = createPair();
    const flow = wire.flow({ transport: 'tcp', from: left, to: right });
    const sendOver = wire.flow;
    flow.close();
    Object.assign(wire, { flow: () => flow });
    send('OPTIONS', 'tcp');
    Object.assign(wire, { flow: sendOver });
    expect(seen).toEqual([]);
    await Promise.resolve();
    expect(seen).toEqual(['transport error']);
  });
});

test('a third of all datagrams lost: every request is served once and answered', () => {
  let state = 42;
  const lose = (): boolean => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 16) % 3 === 0;
  };
  const { clock, server, client, send, seen, answer } = createPair(lose);
  const count = 60;
  for (let i = 0; i < count; i++) send(i % 2 === 0 ? 'OPTIONS' : 'INVITE', 'udp', `call-${i}`);
  let answered = 0;
  for (let step = 0; step < 400; step++) {
    clock.advance(100);
    for (; answered < server.requests.length; answered++)
      answer(server.requests[answered]?.request.method === 'INVITE' ? 486 : 200, answered);
  }
  expect(server.requests).toHaveLength(count);
  expect(seen.filter((status) => status === 486)).toHaveLength(count / 2);
  expect(seen.filter((status) => status === 200)).toHaveLength(count / 2);
  clock.advance(80_000);
  expect([server.layer.servers, client.layer.clients]).toEqual([0, 0]);
});

describe('deadlines', () => {
  test('fire in order, once, and not after they were taken out', () => {
    const clock = createFakeClock();
    const deadlines = createDeadlines(clock, 1_000);
    const fired: string[] = [];
    const waiting = (name: string) => ({ dueAt: 0, onDue: () => void fired.push(name) });
    const [first, second, third] = [waiting('first'), waiting('second'), waiting('third')];
    deadlines.add(first);
    clock.advance(500);
    deadlines.add(second);
    deadlines.add(third);
    deadlines.delete(second);
    clock.advance(499);
    expect(fired).toEqual([]);
    clock.advance(1);
    expect(fired).toEqual(['first']);
    deadlines.add(first);
    clock.advance(2_000);
    expect(fired).toEqual(['first', 'third', 'first']);
    expect(deadlines.size).toBe(0);
  });

  test('go on after one that throws', () => {
    const clock = createFakeClock();
    const deadlines = createDeadlines(clock, 1_000);
    const fired: string[] = [];
    const broken = () => {
      throw new Error('bug');
    };
    deadlines.add({ dueAt: 0, onDue: broken });
    deadlines.add({ dueAt: 0, onDue: () => void fired.push('next') });
    expect(() => clock.advance(1_000)).toThrow('bug');
    clock.advance(1_000);
    expect(fired).toEqual(['next']);
  });
});
