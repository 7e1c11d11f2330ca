import { describe, expect, test } from 'vitest';
import { createDigestClient } from '../../../../../channels/voice/sip/auth/digest-client.ts';
import { headerLinesOf, headerOf, type SipResponse } from '../../../../../channels/voice/sip/message/message.ts';
import { createTestCore, sdp, settle, type TestCore, watchedInvite } from '../../../../fixtures/sip/core.ts';
import type { PeerCall, RequestOverrides } from '../../../../fixtures/sip/peer.ts';

const registrarUri = 'sip:switchroom';

function register(test: TestCore, call: PeerCall, overrides: RequestOverrides = {}): SipResponse {
  test.peer.request(call, 'REGISTER', {
    uri: registrarUri,
    to: `<sip:${call.user}@switchroom>`,
    from: `<sip:${call.user}@switchroom>`,
    ...overrides,
  });
  test.clock.advance(2);
  const response = test.peer.inbox.pop();
  if (response?.kind !== 'response') throw new Error('no response');
  return response;
}

/** With digest: a challenge and its answer. */
function registerWithPassword(
  test: TestCore,
  call: PeerCall,
  password: string,
  overrides: RequestOverrides = {},
): SipResponse {
  const client = createDigestClient({ username: call.user, password });
  const challenge = register(test, call, overrides);
  expect(challenge.status).toBe(401);
  expect(client.challenged(challenge)).toBe(true);
  const authorization = client.authorize('REGISTER', registrarUri).trimEnd();
  const headers = overrides.headers === undefined ? authorization : `${overrides.headers}\r\n${authorization}`;
  return register(test, call, { ...overrides, headers });
}

/** Over a WebSocket whose upgrade was authenticated. */
function connectedAs(test: TestCore, user: string) {
  const flow = test.peer.connection('ws', user);
  const call = test.peer.call(user);
  return {
    flow,
    call,
    register: (overrides: RequestOverrides = {}) => register(test, call, { transport: 'ws', ...overrides }),
  };
}

describe('REGISTER with a password', () => {
  test('challenges with SHA-256 first and MD5 last, then accepts', () => {
    const test = createTestCore();
    const call = test.peer.call('anna');
    const lines = headerLinesOf(register(test, call), 'www-authenticate');
    expect(lines.map((line) => /algorithm=([^,]+)/.exec(line)?.[1])).toEqual(['SHA-256', 'MD5']);
    const response = registerWithPassword(test, call, 'pw-anna');
    expect(response.status).toBe(200);
    expect(headerOf(response, 'contact')).toBe('<sip:peer@192.0.2.9:5090>;expires=600');
    expect(test.core.registrations('anna')).toEqual([
      {
        aor: 'anna',
        contactUri: 'sip:peer@192.0.2.9:5090',
        transport: 'udp',
        expiresAt: test.clock.now() + 600_000 - 1,
      },
    ]);
    expect(test.registered).toEqual(['+anna:1']);
  });

  test('refuses a wrong password, an unknown user and another user alike', () => {
    const test = createTestCore();
    expect(registerWithPassword(test, test.peer.call('anna'), 'wrong').status).toBe(403);
    expect(registerWithPassword(test, test.peer.call('nobody'), 'pw-nobody').status).toBe(403);
    const anna = test.peer.call('anna');
    expect(registerWithPassword(test, anna, 'pw-anna', { to: '<sip:boris@switchroom>' }).status).toBe(403);
    expect(test.registered).toEqual([]);
  });

  test('a repeated Authorization is answered with a fresh challenge', () => {
    const test = createTestCore();
    const call = test.peer.call('anna');
    const client = createDigestClient({ username: 'anna', password: 'pw-anna' });
    client.challenged(register(test, call));
    const headers = client.authorize('REGISTER', registrarUri).trimEnd();
    expect(register(test, call, { headers }).status).toBe(200);
    const again = register(test, call, { headers });
    expect(again.status).toBe(401);
    expect(headerOf(again, 'www-authenticate')).toContain('stale=true');
  });
});

describe('bindings', () => {
  test('a WebSocket registers its own AOR without a password, and no other', () => {
    const test = createTestCore();
    const { call, register } = connectedAs(test, 'anna');
    expect(register().status).toBe(200);
    call.user = 'boris';
    expect(register().status).toBe(403);
  });

  test('vanish at once when their WebSocket closes', () => {
    const test = createTestCore();
    const { flow, register } = connectedAs(test, 'anna');
    register();
    test.wire
      .flow({ transport: 'ws', from: { address: '192.0.2.1', port: 5060 }, to: test.peer.at, identity: 'anna' })
      .close();
    flow.close();
    // told before anybody asks
    expect(test.registered).toEqual(['+anna:1', '-anna']);
    expect(test.core.registrations('anna')).toEqual([]);
  });

  test('expire, within the bounds of 60 and 3600 seconds', () => {
    const test = createTestCore();
    const { register } = connectedAs(test, 'anna');
    expect(headerOf(register({ headers: 'Expires: 30' }), 'min-expires')).toBe('60');
    expect(headerOf(register({ headers: 'Expires: 99999999999999999999' }), 'contact')).toContain(';expires=3600');
    expect(
      headerOf(register({ contact: '<sip:a@192.0.2.9:5090>;expires=60', headers: 'Expires: 900' }), 'contact'),
    ).toContain(';expires=3600');
    test.clock.advance(61_000);
    expect(test.core.registrations('anna').map(({ contactUri }) => contactUri)).toEqual(['sip:peer@192.0.2.9:5090']);
    test.clock.advance(3_600_000);
    expect(test.registered).toEqual(['+anna:1', '-anna']);
  });

  test('are listed without Contact, removed one by one, and all at once by an asterisk', () => {
    const test = createTestCore();
    const { register } = connectedAs(test, 'anna');
    register({ contact: '<sip:one@192.0.2.9>, "Two" <sip:two@192.0.2.9;transport=ws>' });
    expect(headerLinesOf(register({ contact: '' }), 'contact')).toHaveLength(2);
    expect(headerLinesOf(register({ contact: '<sip:one@192.0.2.9>;expires=0' }), 'contact')).toEqual([
      '<sip:two@192.0.2.9;transport=ws>;expires=600',
    ]);
    expect(register({ contact: '*' }).status).toBe(400);
    expect(register({ contact: '*, <sip:x@192.0.2.9>', headers: 'Expires: 0' }).status).toBe(400);
    expect(register({ contact: '*', headers: 'Expires: 0' }).status).toBe(200);
    expect(test.registered).toEqual(['+anna:2', '-anna']);
  });

  test('an older CSeq of the same Call-ID changes nothing', () => {
    const test = createTestCore();
    const { register } = connectedAs(test, 'anna');
    register({ cseq: 7 });
    expect(register({ cseq: 6, contact: '<sip:peer@192.0.2.9:5090>;expires=0' }).status).toBe(500);
    expect(test.core.registrations('anna')).toHaveLength(1);
  });

  test('of one device replace each other by +sip.instance and reg-id (RFC 5626)', () => {
    const test = createTestCore();
    const { register } = connectedAs(test, 'anna');
    const device = ';reg-id=1;+sip.instance="<urn:uuid:00000000-0000-4000-8000-000000000001>"';
    const headers = 'Supported: path, outbound';
    register({ contact: `<sip:a1@x.invalid;transport=ws>${device}`, headers });
    const response = register({ contact: `<sip:a2@y.invalid;transport=ws>${device}`, headers });
    expect(headerOf(response, 'require')).toBe('outbound');
    expect(headerLinesOf(response, 'contact')).toEqual([
      '<sip:a2@y.invalid;transport=ws>;expires=600;+sip.instance="<urn:uuid:00000000-0000-4000-8000-000000000001>";reg-id=1',
    ]);
  });

  test('are limited: the newest ten of an AOR stay', () => {
    const test = createTestCore();
    const { register } = connectedAs(test, 'anna');
    for (let i = 0; i < 12; i++) register({ contact: `<sip:phone${i}@192.0.2.9>` });
    const users = test.core.registrations('anna').map(({ contactUri }) => contactUri);
    expect(users).toHaveLength(10);
    expect(users.at(-1)).toBe('sip:phone11@192.0.2.9');
  });

  test('Path is kept, echoed, and used as Route', () => {
    const test = createTestCore();
    const call = test.peer.call('anna');
    const path = '<sip:192.0.2.9:5090;lr>';
    const response = registerWithPassword(test, call, 'pw-anna', {
      contact: '<sip:anna@10.0.0.7:5062>',
      headers: `Path: ${path}\r\nSupported: path`,
    });
    expect(headerOf(response, 'path')).toBe(path);
    test.core.invite(watchedInvite({ target: { aor: 'anna' } }).options);
    test.clock.advance(2);
    const invite = test.peer.takeRequest('INVITE');
    expect(invite.uri).toBe('sip:anna@10.0.0.7:5062');
    expect(headerOf(invite, 'route')).toBe(path);
  });
});

describe('an INVITE to an AOR', () => {
  test('without bindings fails with 480 after invite() has returned', async () => {
    const { core } = createTestCore();
    const watched = watchedInvite({ target: { aor: 'anna' } });
    core.invite(watched.options);
    expect(watched.failures).toEqual([]);
    await settle();
    expect(watched.failures).toEqual([{ status: 480, reason: 'Not registered', by: 'local' }]);
  });

  test('rings everywhere; the first 200 wins and the others are told that the call was taken elsewhere', () => {
    const test = createTestCore();
    connectedAs(test, 'anna').register({ contact: '<sip:desk@192.0.2.9>, <sip:mobile@192.0.2.9>' });
    const watched = watchedInvite({ target: { aor: 'anna' } });
    test.core.invite(watched.options);
    test.clock.advance(2);
    const [desk, mobile] = [test.peer.takeRequest('INVITE'), test.peer.takeRequest('INVITE')];
    expect([desk.uri, mobile.uri]).toEqual(['sip:desk@192.0.2.9', 'sip:mobile@192.0.2.9']);
    expect(desk.callId).toBe(mobile.callId);
    expect(desk.fromTag).not.toBe(mobile.fromTag);
    test.peer.reply(desk, 180);
    test.peer.reply(mobile, 180, { tag: 'mobile' });
    test.clock.advance(2);
    test.peer.reply(mobile, 200, { tag: 'mobile', body: sdp('mobile') });
    test.clock.advance(3);
    expect(watched.answers.join()).toContain('o=mobile');
    const cancel = test.peer.takeRequest('CANCEL');
    expect(cancel.uri).toBe('sip:desk@192.0.2.9');
    expect(headerOf(cancel, 'reason')).toBe('SIP;cause=200;text="Call completed elsewhere"');
    test.peer.reply(desk, 487);
    test.clock.advance(3);
    expect(watched.failures).toEqual([]);
  });

  test('fails with the best answer when all refuse, and 603 speaks for all', () => {
    const test = createTestCore();
    connectedAs(test, 'anna').register({ contact: '<sip:desk@192.0.2.9>, <sip:mobile@192.0.2.9>' });
    const ring = (): ReturnType<typeof watchedInvite> => {
      const watched = watchedInvite({ target: { aor: 'anna' } });
      test.core.invite(watched.options);
      test.clock.advance(2);
      return watched;
    };
    const busy = ring();
    test.peer.reply(test.peer.takeRequest('INVITE'), 480);
    test.clock.advance(2);
    expect(busy.failures).toEqual([]);
    test.peer.reply(test.peer.takeRequest('INVITE'), 486);
    test.clock.advance(2);
    expect(busy.failures).toMatchObject([{ status: 486 }]);
    const declined = ring();
    const [desk, mobile] = [test.peer.takeRequest('INVITE'), test.peer.takeRequest('INVITE')];
    test.peer.reply(mobile, 180);
    test.peer.reply(desk, 603);
    test.clock.advance(3);
    test.peer.takeRequest('CANCEL');
    test.peer.reply(mobile, 487);
    test.clock.advance(3);
    expect(declined.failures).toMatchObject([{ status: 603 }]);
  });
});

describe('a WebSocket that is lost in a call', () => {
  function inCall() {
    const test = createTestCore();
    const anna = connectedAs(test, 'anna');
    anna.register({ contact: '<sip:abc@x.invalid;transport=ws>' });
    const watched = watchedInvite({ target: { aor: 'anna' } });
    test.core.invite(watched.options);
    test.clock.advance(2);
    test.peer.reply(test.peer.takeRequest('INVITE'), 200, {
      body: sdp('anna'),
      contact: '<sip:abc@x.invalid;transport=ws>',
    });
    test.clock.advance(3);
    test.peer.takeRequest('ACK');
    const lose = (): void =>
      test.wire
        .flow({ transport: 'ws', from: { address: '192.0.2.1', port: 5060 }, to: test.peer.at, identity: 'anna' })
        .close();
    return { ...test, anna, watched, lose, dialog: watched.dialogs[0] };
  }

  test('keeps the call: after a new registration requests go over the new connection', () => {
    const { lose, anna, clock, peer, dialog, watched } = inCall();
    lose();
    anna.flow.close();
    clock.advance(20_000);
    anna.register({ contact: '<sip:abc@x.invalid;transport=ws>' });
    clock.advance(20_000);
    expect(watched.ended).toEqual([]);
    dialog?.bye();
    clock.advance(2);
    peer.takeRequest('BYE');
  });

  test('ends the call when the peer does not come back within 32 s', () => {
    const { lose, clock, watched, core } = inCall();
    lose();
    clock.advance(31_000);
    expect(watched.ended).toEqual([]);
    clock.advance(2_000);
    expect(watched.ended).toEqual([{ status: 408, reason: 'Connection lost', by: 'transport' }]);
    expect(core.stats().dialogs).toBe(0);
  });
});
