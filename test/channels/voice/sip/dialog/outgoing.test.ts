import { describe, expect, test } from 'vitest';
import { headerLinesOf, headerOf, type SipRequest } from '../../../../../channels/voice/sip/message/message.ts';
import { SipError } from '../../../../../channels/voice/sip/stack.ts';
import {
  createTestCore,
  peerAddress,
  sdp,
  settle,
  type TestCore,
  type Watched,
  watchedInvite,
} from '../../../../fixtures/sip/core.ts';

interface Calling extends TestCore {
  readonly watched: Watched;
  readonly outgoing: ReturnType<TestCore['core']['invite']>;
  /** The INVITE as the peer got it. */
  readonly request: SipRequest;
}

function callOut(overrides: Parameters<typeof watchedInvite>[0] = {}): Calling {
  const test = createTestCore();
  const watched = watchedInvite(overrides);
  const outgoing = test.core.invite(watched.options);
  test.clock.advance(2);
  return { ...test, watched, outgoing, request: test.peer.takeRequest('INVITE') };
}

/** A call that the peer has answered. */
function established(
  headers = 'Allow: INVITE, ACK, BYE, UPDATE, INFO',
): Calling & { dialog: Watched['dialogs'][number] } {
  const calling = callOut();
  calling.peer.reply(calling.request, 200, { body: sdp('callee'), headers });
  calling.clock.advance(2);
  calling.peer.takeRequest('ACK');
  const [dialog] = calling.watched.dialogs;
  if (!dialog) throw new Error('not answered');
  return { ...calling, dialog };
}

describe('an INVITE that goes out', () => {
  test('rings, is answered, acknowledged, and ended by us', () => {
    const { request, peer, clock, watched, core } = callOut({ headers: { 'X-Call': 'a\r\nInjected: b' } });
    expect(request.uri).toBe('sip:bob@192.0.2.9:5090');
    expect(headerOf(request, 'from')).toMatch(/^"Switch \\"room\\"" <sip:\+74950000001@192\.0\.2\.1:5060>;tag=/);
    expect(headerOf(request, 'x-call')).toBe('a Injected: b');
    expect(headerOf(request, 'injected')).toBeUndefined();
    peer.reply(request, 100);
    peer.reply(request, 180);
    peer.reply(request, 183, { body: sdp('early') });
    peer.reply(request, 200, { body: sdp('callee'), contact: '<sip:bob@192.0.2.9:5090;x=1>' });
    clock.advance(2);
    expect(watched.progress).toMatchObject([{ status: 180, sdp: undefined }, { status: 183 }]);
    expect(watched.answers.join()).toContain('o=callee');
    const ack = peer.takeRequest('ACK');
    expect(ack.uri).toBe('sip:bob@192.0.2.9:5090;x=1');
    expect(ack.cseq).toBe(request.cseq);
    expect(ack.via.branch).not.toBe(request.via.branch);
    watched.dialogs[0]?.bye();
    clock.advance(2);
    peer.reply(peer.takeRequest('BYE'), 200);
    clock.advance(40_000);
    expect(core.stats()).toMatchObject({ dialogs: 0, clientTransactions: 0, serverTransactions: 0 });
    expect(watched.ended).toEqual([]);
  });

  test('is acknowledged again for each repeated 200, also after the BYE', () => {
    const { request, peer, clock, dialog, watched } = established();
    dialog.bye();
    peer.reply(request, 200, { body: sdp('callee') });
    clock.advance(2);
    peer.takeRequest('ACK');
    expect(watched.dialogs).toHaveLength(1);
  });

  test('fails with the status and Q.850 cause of the refusal, which is acknowledged on the same branch', () => {
    const { request, peer, clock, watched } = callOut();
    peer.reply(request, 486, { reason: 'Busy Here', headers: 'Reason: Q.850;cause=17' });
    clock.advance(2);
    expect(peer.takeRequest('ACK').via.branch).toBe(request.via.branch);
    expect(watched.failures).toEqual([{ status: 486, reason: 'Busy Here', q850: 17, by: 'remote' }]);
  });

  test('fails with 408 when nobody answers for 32 s, after seven copies', () => {
    const { peer, clock, watched } = callOut();
    clock.advance(33_000);
    expect(peer.summary()).toEqual(Array(6).fill('INVITE'));
    expect(watched.failures).toEqual([{ status: 408, reason: 'No response', by: 'transport' }]);
  });

  test('fails at once when its connection closes', () => {
    const { wire, peer, watched } = callOut({ target: { uri: `sip:bob@${peerAddress.address}:5090;transport=tcp` } });
    wire.flow({ transport: 'tcp', from: { address: '192.0.2.1', port: 5060 }, to: peer.at }).close();
    expect(watched.failures).toEqual([{ status: 503, reason: 'Connection lost', by: 'transport' }]);
  });

  test('goes to the next hop when there is one, and tel: needs one', async () => {
    const nextHop = { transport: 'udp', address: peerAddress.address, port: peerAddress.port } as const;
    const { request } = callOut({ target: { uri: 'tel:+74950000002', nextHop } });
    expect(request.uri).toBe('tel:+74950000002');
    const { core } = createTestCore();
    const watched = watchedInvite({ target: { uri: 'tel:+74950000002' } });
    core.invite(watched.options);
    expect(watched.failures).toEqual([]);
    await settle();
    expect(watched.failures).toMatchObject([{ status: 416, by: 'local' }]);
  });

  test('a 200 without SDP is answered by the SDP of its 183, and without that refused', () => {
    const early = callOut();
    early.peer.reply(early.request, 183, { body: sdp('early') });
    early.peer.reply(early.request, 200);
    early.clock.advance(2);
    expect(early.watched.answers.join()).toContain('o=early');
    const bare = callOut();
    bare.peer.reply(bare.request, 200);
    bare.clock.advance(2);
    expect(bare.peer.summary()).toEqual(['ACK', 'BYE']);
    expect(bare.watched.failures).toMatchObject([{ status: 488, by: 'local' }]);
  });

  test('acknowledges reliable provisional responses in order, once each', () => {
    const { request, peer, clock, watched } = callOut();
    const reliable = (rseq: number): string => `Require: 100rel\r\nRSeq: ${rseq}`;
    peer.reply(request, 183, { headers: reliable(7), body: sdp('early') });
    peer.reply(request, 183, { headers: reliable(7), body: sdp('early') });
    peer.reply(request, 180, { headers: reliable(9) });
    peer.reply(request, 180, { headers: reliable(8) });
    clock.advance(2);
    const [first, second] = [peer.takeRequest('PRACK'), peer.takeRequest('PRACK')];
    expect([headerOf(first, 'rack'), headerOf(second, 'rack')]).toEqual(['7 1 INVITE', '8 1 INVITE']);
    expect(second.cseq).toBe(first.cseq + 1);
    expect(watched.progress.map(({ status }) => status)).toEqual([183, 180]);
    peer.reply(request, 200, { body: sdp('callee') });
    clock.advance(2);
    watched.dialogs[0]?.bye();
    clock.advance(2);
    expect(peer.takeRequest('BYE').cseq).toBe(second.cseq + 1);
  });

  test('forked by a proxy: the first 200 wins, the second is acknowledged and ended', () => {
    const { request, peer, clock, watched } = established();
    peer.reply(request, 200, { body: sdp('second'), tag: 'fork-2' });
    peer.reply(request, 200, { body: sdp('second'), tag: 'fork-2' });
    clock.advance(2);
    expect([peer.takeRequest('ACK').toTag, peer.takeRequest('ACK').toTag]).toEqual(['fork-2', 'fork-2']);
    expect(peer.takeRequest('BYE').toTag).toBe('fork-2');
    expect(peer.summary()).toEqual([]);
    expect(watched.dialogs).toHaveLength(1);
  });
});

describe('CANCEL', () => {
  test('waits for a provisional response, and 487 is the failure', () => {
    const { request, peer, clock, watched, outgoing } = callOut();
    outgoing.cancel({ status: 200, text: 'Call completed elsewhere' });
    outgoing.cancel();
    clock.advance(100);
    expect(peer.summary()).toEqual([]);
    peer.reply(request, 180);
    clock.advance(2);
    const cancel = peer.takeRequest('CANCEL');
    expect(cancel.via.branch).toBe(request.via.branch);
    expect(headerOf(cancel, 'reason')).toBe('SIP;cause=200;text="Call completed elsewhere"');
    peer.reply(cancel, 200);
    peer.reply(request, 487);
    clock.advance(2);
    peer.takeRequest('ACK');
    expect(watched.failures).toEqual([{ status: 487, reason: 'Cancelled', by: 'local' }]);
    expect(watched.progress).toEqual([]);
  });

  test('crossed by a 200: acknowledged, ended with BYE, failed with 487', () => {
    const { request, peer, clock, watched, outgoing } = callOut();
    peer.reply(request, 180);
    clock.advance(2);
    outgoing.cancel();
    peer.reply(request, 200, { body: sdp('callee') });
    clock.advance(2);
    expect(peer.summary()).toEqual(['CANCEL', 'ACK', 'BYE']);
    expect(watched.failures).toMatchObject([{ status: 487, by: 'local' }]);
    expect(watched.dialogs).toEqual([]);
  });

  test('that nobody answers gives up after 32 s', () => {
    const { request, peer, clock, watched, outgoing, core } = callOut();
    peer.reply(request, 180);
    clock.advance(2);
    outgoing.cancel();
    clock.advance(40_000);
    expect(watched.failures).toMatchObject([{ status: 487, by: 'local' }]);
    expect(core.stats()).toMatchObject({ dialogs: 0, clientTransactions: 0 });
  });
});

describe('what a trunk may ask for', () => {
  const challenge = (algorithm: string, nonce: string, more = ''): string =>
    `Proxy-Authenticate: Digest realm="carrier", nonce="${nonce}", algorithm=${algorithm}, qop="auth"${more}`;
  const credentials = { username: 'line"1', password: 'secret' };

  test('digest: the stronger algorithm is answered, with a new CSeq, branch and the same Call-ID and tag', () => {
    const { request, peer, clock, watched } = callOut({ credentials });
    peer.reply(request, 407, { headers: `${challenge('MD5', 'n1')}\r\n${challenge('SHA-256', 'n1')}` });
    clock.advance(2);
    peer.takeRequest('ACK');
    const second = peer.takeRequest('INVITE');
    expect(headerOf(second, 'proxy-authorization')).toMatch(
      /username="line\\"1".*algorithm=SHA-256.*qop=auth, nc=00000001/,
    );
    expect(second).toMatchObject({ callId: request.callId, fromTag: request.fromTag, cseq: request.cseq + 1 });
    expect(second.via.branch).not.toBe(request.via.branch);
    peer.reply(second, 200, { body: sdp('callee') });
    clock.advance(2);
    watched.dialogs[0]?.bye();
    clock.advance(2);
    expect(headerOf(peer.takeRequest('BYE'), 'proxy-authorization')).toMatch(/nc=0000000[23]/);
  });

  test('digest: the same credentials are not sent twice, but a stale nonce is replaced', () => {
    const { request, peer, clock, watched } = callOut({ credentials });
    peer.reply(request, 407, { headers: challenge('MD5', 'n1') });
    clock.advance(2);
    peer.reply(peer.takeRequest('INVITE'), 407, { headers: challenge('MD5', 'n2', ', stale=true') });
    clock.advance(2);
    const third = peer.takeRequest('INVITE');
    expect(headerOf(third, 'proxy-authorization')).toContain('nonce="n2"');
    peer.reply(third, 407, { headers: challenge('MD5', 'n3') });
    clock.advance(2);
    expect(watched.failures).toMatchObject([{ status: 407, by: 'remote' }]);
    expect(peer.summary()).toEqual(['ACK', 'ACK', 'ACK']);
  });

  test('a longer session interval (422)', () => {
    const { request, peer, clock } = callOut();
    expect(headerOf(request, 'session-expires')).toBe('1800');
    peer.reply(request, 422, { headers: 'Min-SE: 3600' });
    clock.advance(2);
    const second = peer.takeRequest('INVITE');
    expect(headerOf(second, 'session-expires')).toBe('3600');
    peer.reply(second, 422, { headers: 'Min-SE: 3600' });
    clock.advance(2);
    expect(peer.summary()).toEqual(['ACK', 'ACK']);
  });
});

describe('inside the dialog', () => {
  test('a re-INVITE resolves with the answer; its repeated 200 is acknowledged again', async () => {
    const { dialog, peer, clock } = established();
    const answer = dialog.reinvite(sdp('hold'));
    clock.advance(2);
    const request = peer.takeRequest('INVITE');
    expect(request.body.toString()).toContain('o=hold');
    peer.reply(request, 200, { body: sdp('held') });
    peer.reply(request, 200, { body: sdp('held') });
    clock.advance(2);
    expect((await answer).toString()).toContain('o=held');
    expect([peer.takeRequest('ACK').cseq, peer.takeRequest('ACK').cseq]).toEqual([request.cseq, request.cseq]);
  });

  test('re-INVITEs go one after the other', async () => {
    const { dialog, peer, clock } = established();
    const [first, second] = [dialog.reinvite(sdp('one')), dialog.reinvite(sdp('two'))];
    clock.advance(2);
    expect(peer.summary()).toEqual(['INVITE']);
    peer.reply(peer.takeRequest('INVITE'), 200, { body: sdp('answer-one') });
    clock.advance(2);
    await first;
    const request = peer.takeRequest('INVITE');
    expect(request.body.toString()).toContain('o=two');
    peer.reply(request, 488);
    clock.advance(2);
    await expect(second).rejects.toMatchObject(new SipError(488, 'Scripted'));
  });

  test('a re-INVITE answered 481 ends the dialog; what waits is refused', async () => {
    const { dialog, peer, clock, watched } = established();
    const both = Promise.allSettled([dialog.reinvite(sdp('one')), dialog.reinvite(sdp('two'))]);
    clock.advance(2);
    peer.reply(peer.takeRequest('INVITE'), 481);
    clock.advance(2);
    expect((await both).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(watched.ended).toMatchObject([{ status: 481, by: 'remote' }]);
    await expect(dialog.reinvite(sdp('three'))).rejects.toBeInstanceOf(SipError);
  });

  test('INFO resolves with the status of the peer', async () => {
    const { dialog, peer, clock } = established();
    const status = dialog.info('application/dtmf-relay', Buffer.from('Signal=1'));
    clock.advance(2);
    const request = peer.takeRequest('INFO');
    expect(headerOf(request, 'content-type')).toBe('application/dtmf-relay');
    peer.reply(request, 415);
    clock.advance(2);
    expect(await status).toBe(415);
  });

  test('the peer refreshes or is taken for gone', () => {
    const { clock, peer, watched } = established('Session-Expires: 90;refresher=uas');
    clock.advance(61_000);
    expect(watched.ended).toMatchObject([{ status: 408, reason: 'Session timer expired' }]);
    peer.takeRequest('BYE');
  });

  test('Record-Route of the 200 is followed in reverse', () => {
    const { dialog, peer, clock } = established(
      `Record-Route: <sip:near.example;lr>\r\nRecord-Route: <sip:${peerAddress.address}:${peerAddress.port};lr>`,
    );
    dialog.bye();
    clock.advance(2);
    expect(headerLinesOf(peer.takeRequest('BYE'), 'route')).toEqual([
      `<sip:${peerAddress.address}:${peerAddress.port};lr>`,
      '<sip:near.example;lr>',
    ]);
  });
});

test('shutting down refuses, cancels and says BYE', () => {
  const { dialog, core, peer, clock } = established();
  const ringing = watchedInvite();
  core.invite(ringing.options);
  peer.request(peer.call(), 'INVITE', { body: sdp('caller') });
  clock.advance(2);
  peer.reply(peer.takeRequest('INVITE'), 180);
  clock.advance(2);
  core.shutDown();
  clock.advance(2);
  expect(dialog.dialogId).toContain(dialog.sipCallId);
  expect(headerOf(peer.takeResponse(503), 'retry-after')).toBe('5');
  peer.takeRequest('CANCEL');
  peer.takeRequest('BYE');
});
