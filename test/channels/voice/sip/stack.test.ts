import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, createServer as createTcpServer } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { createDigestClient } from '../../../../channels/voice/sip/auth/digest-client.ts';
import { createSipStack } from '../../../../channels/voice/sip/index.ts';
import { headerOf, type SipRequest, type SipResponse } from '../../../../channels/voice/sip/message/message.ts';
import { parseMessage } from '../../../../channels/voice/sip/message/parse.ts';
import type {
  IncomingInvite,
  SipDialog,
  SipStack,
  SipStackHandlers,
  Termination,
} from '../../../../channels/voice/sip/stack.ts';
import { type Clock, systemClock } from '../../../../server/kernel/clock.ts';
import { silentLog } from '../../../../server/kernel/log.ts';
import { createB2bua } from '../../../fixtures/sip/b2bua.ts';
import { sdp, testHa1 } from '../../../fixtures/sip/core.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const options = (handlers: Partial<SipStackHandlers> = {}, host = '127.0.0.1', clock: Clock = systemClock) => ({
  clock,
  log: silentLog,
  host,
  publicAddress: host,
  port: 0,
  userAgent: 'Switchroom',
  realm: 'switchroom',
  ha1: testHa1,
  handlers: { invite: (invite: IncomingInvite) => invite.reject(480), ...handlers },
});

async function startStack(handlers: Partial<SipStackHandlers> = {}, host?: string): Promise<SipStack> {
  const stack = createSipStack(options(handlers, host));
  await stack.start();
  closers.push(() => stack.close());
  return stack;
}

/** A promise that a test resolves from a callback. */
const hook = <T>() => Promise.withResolvers<T>();

interface Call {
  readonly caller: SipDialog;
  readonly callee: SipDialog;
  readonly calleeEnded: Promise<Termination>;
  readonly callerEnded: Promise<Termination>;
}

/** One call between two stacks, answered. */
async function connectCall(uri: (port: number) => string, host = '127.0.0.1'): Promise<Call> {
  const [callee, calleeEnded, callerEnded, caller] = [
    hook<SipDialog>(),
    hook<Termination>(),
    hook<Termination>(),
    hook<SipDialog>(),
  ];
  const left = await startStack({}, host);
  const right = await startStack(
    {
      invite(invite) {
        invite.ring();
        const dialog = invite.answer(sdp('callee'));
        dialog.handlers = {
          ended: calleeEnded.resolve,
          offer: async (offer) => sdp(`re-${offer?.toString().match(/o=(\S+)/)?.[1]}`),
          info: () => 202,
        };
        callee.resolve(dialog);
      },
    },
    host,
  );
  left.invite({
    target: { uri: uri(right.port) },
    offer: sdp('caller'),
    from: { displayName: '', user: 'left' },
    handlers: {
      answered(dialog, answer) {
        expect(answer.toString()).toContain('o=callee');
        dialog.handlers = { ended: callerEnded.resolve, offer: async () => sdp('from-caller') };
        caller.resolve(dialog);
      },
      failed: (termination) => caller.reject(new Error(`failed ${termination.status} ${termination.reason}`)),
    },
  });
  return {
    caller: await caller.promise,
    callee: await callee.promise,
    calleeEnded: calleeEnded.promise,
    callerEnded: callerEnded.promise,
  };
}

describe.each([
  ['UDP', '127.0.0.1', (port: number) => `sip:bob@127.0.0.1:${port}`],
  ['TCP', '127.0.0.1', (port: number) => `sip:bob@127.0.0.1:${port};transport=tcp`],
  ['UDP over IPv6', '::1', (port: number) => `sip:bob@[::1]:${port}`],
  ['UDP by name', '127.0.0.1', (port: number) => `sip:bob@localhost:${port}`],
])('two stacks over %s', (_name, host, uri) => {
  test('call, re-INVITE both ways, INFO, and hang up', async () => {
    const { caller, callee, calleeEnded } = await connectCall(uri, host);
    expect((await caller.reinvite(sdp('hold'))).toString()).toContain('o=re-hold');
    expect((await callee.reinvite(sdp('back'))).toString()).toContain('o=from-caller');
    expect(await caller.info('application/dtmf-relay', Buffer.from('Signal=1'))).toBe(202);
    caller.bye({ status: 200, text: 'Done' });
    expect(await calleeEnded).toEqual({ status: 200, reason: 'Done', by: 'remote' });
  });
});

describe('a small B2BUA between two stacks', () => {
  test('joins the legs: SDP passes, either side ends both, a cancelled call is cancelled', async () => {
    const ended = hook<Termination>();
    const answeredLeg = hook<SipDialog>();
    const cancelled = hook<Termination>();
    const ringing = hook<void>();
    const callee = await startStack({
      invite(invite) {
        invite.ring();
        if (invite.requestUri.user === 'patient') {
          invite.onCancelled = cancelled.resolve;
          return;
        }
        const dialog = invite.answer(sdp('callee'));
        dialog.handlers = { ended: ended.resolve };
        answeredLeg.resolve(dialog);
      },
    });
    const { stack: b2bua, counters } = createB2bua({
      ...options(),
      target: ({ requestUri }) => ({ uri: `sip:${requestUri.user}@127.0.0.1:${callee.port}` }),
    });
    await b2bua.start();
    closers.push(() => b2bua.close());
    const caller = await startStack();
    const callTo = (user: string, handlers: Partial<Parameters<SipStack['invite']>[0]['handlers']>) =>
      caller.invite({
        target: { uri: `sip:${user}@127.0.0.1:${b2bua.port}` },
        offer: sdp('caller'),
        from: { displayName: 'Caller', user: 'caller' },
        handlers: { answered: () => {}, failed: () => {}, ...handlers },
      });
    const dialog = hook<SipDialog>();
    callTo('bob', { answered: (leg) => dialog.resolve(leg) });
    (await dialog.promise).bye();
    expect((await ended.promise).by).toBe('remote');

    const failed = hook<Termination>();
    const waiting = callTo('patient', { progress: () => ringing.resolve(), failed: failed.resolve });
    await ringing.promise;
    waiting.cancel();
    expect(await failed.promise).toMatchObject({ status: 487, by: 'local' });
    expect(await cancelled.promise).toMatchObject({ status: 487, by: 'remote' });
    expect(counters).toMatchObject({ invites: 2, answered: 1, cancelled: 1 });
  });
});

describe('starting and closing', () => {
  test('a taken port is an error at once, for TCP and for UDP', async () => {
    const running = await startStack();
    const second = createSipStack({ ...options(), port: running.port });
    await expect(second.start()).rejects.toMatchObject({ code: 'EADDRINUSE' });
    await second.close();
    await running.close();
    const third = createSipStack({ ...options(), port: running.port });
    await third.start();
    await third.close();
  });

  test('close() ends calls with BYE and open INVITEs with 503, twice is once', async () => {
    const { caller, calleeEnded } = await connectCall((port) => `sip:bob@127.0.0.1:${port}`);
    expect(caller.source.transport).toBe('udp');
    const [left] = closers;
    await left?.();
    expect(await calleeEnded).toMatchObject({ by: 'remote', reason: 'Shutting down' });
    const waiting = hook<void>();
    const right = await startStack({ invite: () => waiting.resolve() });
    const caller2 = await startStack();
    const failed = hook<Termination>();
    caller2.invite({
      target: { uri: `sip:x@127.0.0.1:${right.port}` },
      offer: sdp('x'),
      from: { displayName: '', user: 'x' },
      handlers: { answered: () => {}, failed: failed.resolve },
    });
    await waiting.promise;
    await Promise.all([right.close(), right.close()]);
    expect(await failed.promise).toMatchObject({ status: 503, by: 'remote' });
  });

  test('a TCP connection that nobody accepts fails the INVITE long before a timer', async () => {
    const closedPort = await new Promise<number>((resolve) => {
      const server = createTcpServer().listen(0, '127.0.0.1', () => {
        const { port } = server.address() as AddressInfo;
        server.close(() => resolve(port));
      });
    });
    const stack = await startStack();
    const failed = hook<Termination>();
    stack.invite({
      target: { uri: `sip:x@127.0.0.1:${closedPort};transport=tcp` },
      offer: sdp('x'),
      from: { displayName: '', user: 'x' },
      handlers: { answered: () => {}, failed: failed.resolve },
    });
    expect(await failed.promise).toEqual({ status: 503, reason: 'Connection lost', by: 'transport' });
  });
});

describe('TCP', () => {
  test('dribbled, pipelined and pinged; what cannot be framed closes the connection', async () => {
    const stack = await startStack();
    const socket = connect(stack.port, '127.0.0.1');
    closers.push(() => socket.destroy());
    socket.setNoDelay(true);
    let heard = '';
    socket.on('data', (chunk) => {
      heard += chunk;
    });
    const until = async (wanted: RegExp): Promise<void> => {
      while (!wanted.test(heard)) await once(socket, 'data');
    };
    const request = (id: string, length = '0'): string =>
      `OPTIONS sip:x@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.1:9;branch=z9hG4bK${id}\r\nFrom: <sip:a@b>;tag=${id}\r\nTo: <sip:x@b>\r\nCall-ID: ${id}\r\nCSeq: 1 OPTIONS\r\nContent-Length: ${length}\r\n\r\n`;
    for (const byte of request('slow')) socket.write(byte);
    await until(/Call-ID: slow/);
    socket.write(request('one') + request('two'));
    await until(/Call-ID: one[\s\S]*Call-ID: two/);
    heard = '';
    socket.write('\r\n\r\n');
    await until(/^\r\n$/);
    socket.write(request('bad', '-1'));
    await once(socket, 'close');
    expect(stack.stats().malformed).toBe(1);
  });
});

describe('WebSocket (RFC 7118)', () => {
  async function startWeb(identity: string | undefined, handlers: Partial<SipStackHandlers> = {}) {
    const stack = await startStack(handlers);
    const web: Server = createServer();
    web.on('upgrade', (request, socket, head) => stack.handleUpgrade(request, socket, head, identity));
    await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
    closers.push(() => web.close());
    const { port } = web.address() as AddressInfo;
    return { stack, url: `ws://127.0.0.1:${port}` };
  }

  async function openSocket(url: string) {
    const socket = new WebSocket(url, 'sip');
    closers.push(() => socket.terminate());
    const messages: (SipRequest | SipResponse)[] = [];
    const pongs: string[] = [];
    let arrived = hook<void>();
    socket.on('message', (data: Buffer, binary) => {
      expect(binary).toBe(false);
      const result = parseMessage(data);
      if (result.kind === 'message') messages.push(result.message);
      else pongs.push(data.toString());
      arrived.resolve();
      arrived = hook();
    });
    await once(socket, 'open');
    const next = async (matches: (message: SipRequest | SipResponse) => boolean) => {
      for (;;) {
        const index = messages.findIndex(matches);
        const [found] = index < 0 ? [] : messages.splice(index, 1);
        if (found) return found;
        await arrived.promise;
      }
    };
    return { socket, messages, pongs, next, arrived: () => arrived.promise };
  }

  const register = (user: string, cseq: number, more = ''): string =>
    `REGISTER sip:switchroom SIP/2.0\r\nVia: SIP/2.0/WS x.invalid;branch=z9hG4bKr${cseq}\r\nFrom: <sip:${user}@switchroom>;tag=1\r\nTo: <sip:${user}@switchroom>\r\nCall-ID: reg\r\nCSeq: ${cseq} REGISTER\r\nContact: <sip:abc@x.invalid;transport=ws>;expires=600\r\n${more}Content-Length: 0\r\n\r\n`;
  const isStatus = (status: number) => (message: SipRequest | SipResponse) =>
    message.kind === 'response' && message.status === status;
  const isRequest = (method: string) => (message: SipRequest | SipResponse) =>
    message.kind === 'request' && message.method === method;

  test('an identity registers without a password, is called on its connection, and is gone with it', async () => {
    const gone = hook<string>();
    const { stack, url } = await startWeb('anna', { unregistered: gone.resolve });
    const { socket, next } = await openSocket(url);
    socket.send(register('anna', 1));
    await next(isStatus(200));
    expect(stack.registrations('anna')).toMatchObject([
      { transport: 'ws', contactUri: 'sip:abc@x.invalid;transport=ws' },
    ]);
    const failed = hook<Termination>();
    stack.invite({
      target: { aor: 'anna' },
      offer: sdp('x'),
      from: { displayName: 'Клиент', user: '+7' },
      handlers: { answered: () => {}, failed: failed.resolve },
    });
    const invite = await next(isRequest('INVITE'));
    expect(headerOf(invite, 'from')).toMatch(/^"Клиент" </);
    expect(headerOf(invite, 'contact')).toContain(';transport=ws>');
    socket.terminate();
    expect(await gone.promise).toBe('anna');
    expect(await failed.promise).toMatchObject({ status: 503, by: 'transport' });
    expect(stack.registrations('anna')).toEqual([]);
  });

  test('without an identity the password is asked for; the last challenge is MD5', async () => {
    const { url } = await startWeb(undefined);
    const { socket, next } = await openSocket(url);
    socket.send(register('boris', 1));
    const challenge = await next(isStatus(401));
    if (challenge.kind !== 'response') throw new Error('no challenge');
    const client = createDigestClient({ username: 'boris', password: 'pw-boris' });
    client.challenged(challenge);
    socket.send(register('boris', 2, client.authorize('REGISTER', 'sip:switchroom')));
    await next(isStatus(200));
  });

  test('keep-alives are answered, foreign subprotocols refused', async () => {
    const { url } = await startWeb('anna');
    const { socket, pongs, arrived } = await openSocket(url);
    const answered = arrived();
    socket.send('\r\n\r\n');
    await answered;
    expect(pongs).toEqual(['\r\n']);
    const foreign = new WebSocket(url, 'chat');
    const [error] = await once(foreign, 'error').catch((caught: unknown) => [caught]);
    expect(String(error)).toContain('400');
  });
});
