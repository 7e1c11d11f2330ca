import { describe, expect, test } from 'vitest';
import { headerLinesOf, headerOf } from '../../../../../channels/voice/sip/message/message.ts';
import { type SipDialog, SipError, type Termination } from '../../../../../channels/voice/sip/stack.ts';
import { createTestCore, sdp, settle, type TestCore } from '../../../../fixtures/sip/core.ts';
import type { PeerCall } from '../../../../fixtures/sip/peer.ts';

interface Established {
  readonly call: PeerCall;
  readonly dialog: SipDialog;
  readonly ended: Termination[];
}

/** A call from the peer, answered and acknowledged. */
function establish({ peer, clock, invite }: TestCore, headers = ''): Established {
  const call = peer.call();
  peer.request(call, 'INVITE', { body: sdp('caller'), headers });
  clock.advance(2);
  const dialog = invite().answer(sdp('callee'));
  const ended: Termination[] = [];
  dialog.handlers = { ended: (termination) => void ended.push(termination) };
  clock.advance(2);
  peer.learn(call, peer.takeResponse(200, 'INVITE'));
  peer.request(call, 'ACK');
  clock.advance(2);
  peer.inbox.length = 0;
  return { call, dialog, ended };
}

describe('an INVITE that comes in', () => {
  test('gets 100 at once, then what the house says, and one 200 with SDP, Contact and tag', () => {
    const test = createTestCore();
    const { peer, clock } = test;
    const call = peer.call('+74950000001');
    peer.request(call, 'INVITE', { body: sdp('caller'), headers: 'P-Asserted-Identity: <sip:+7000@carrier>' });
    clock.advance(2);
    expect(peer.summary()).toEqual(['100 INVITE']);
    const invite = test.invite();
    expect(invite.requestUri.user).toBe('+74950000001');
    expect(invite.from).toMatchObject({ displayName: 'Peer', uri: { user: 'peer' } });
    expect(invite.offer?.toString()).toContain('o=caller');
    expect(invite.header('p-asserted-identity')).toBe('<sip:+7000@carrier>');
    expect(invite.source).toMatchObject({ transport: 'udp', address: peer.at.address, port: peer.at.port });
    invite.ring();
    invite.ring(sdp('early'));
    invite.answer(sdp('callee'));
    clock.advance(2);
    const [ringing, early, ok] = [peer.takeResponse(180), peer.takeResponse(183), peer.takeResponse(200)];
    expect(ringing.toTag).toBe(ok.toTag);
    expect(early.body.toString()).toContain('o=early');
    expect(ok.body.toString()).toContain('o=callee');
    expect(headerOf(ok, 'contact')).toBe('<sip:192.0.2.1:5060>');
  });

  test('that is repeated on the wire stays one call, and gets the last response again', () => {
    const test = createTestCore();
    const { peer, clock } = test;
    const bytes = peer.request(peer.call(), 'INVITE', { body: sdp('caller') });
    peer.raw(bytes);
    clock.advance(2);
    test.invite().ring();
    peer.raw(bytes);
    clock.advance(2);
    expect(test.invites).toHaveLength(1);
    expect(peer.summary()).toEqual(['100 INVITE', '100 INVITE', '180 INVITE', '180 INVITE']);
  });

  test('that arrives on a second path gets 482', () => {
    const { peer, clock, invites } = createTestCore();
    const call = peer.call();
    peer.request(call, 'INVITE', { body: sdp('caller') });
    peer.request(call, 'INVITE', { body: sdp('caller'), cseq: 1 });
    clock.advance(2);
    expect(invites).toHaveLength(1);
    peer.takeResponse(482);
  });

  test('mirrors Record-Route and later sends requests along it', () => {
    const test = createTestCore();
    const { peer, clock } = test;
    const route = `<sip:${peer.at.address}:${peer.at.port};lr;x=1>`;
    const call = peer.call();
    peer.request(call, 'INVITE', {
      body: sdp('caller'),
      headers: `Record-Route: ${route}, <sip:second.example;lr>`,
      contact: '<sip:far@198.51.100.7:5080>',
    });
    clock.advance(2);
    const dialog = test.invite().answer(sdp('callee'));
    clock.advance(2);
    const ok = peer.takeResponse(200);
    expect(headerLinesOf(ok, 'record-route')).toEqual([route, '<sip:second.example;lr>']);
    peer.learn(call, ok);
    peer.request(call, 'ACK');
    clock.advance(2);
    dialog.bye();
    clock.advance(2);
    const bye = peer.takeRequest('BYE');
    expect(bye.uri).toBe('sip:far@198.51.100.7:5080');
    expect(headerLinesOf(bye, 'route')).toEqual([route, '<sip:second.example;lr>']);
  });

  test('through a strict router has its Request-URI and the target as the last Route', () => {
    const test = createTestCore();
    const { peer, clock } = test;
    const call = peer.call();
    const strict = `sip:${peer.at.address}:${peer.at.port}`;
    peer.request(call, 'INVITE', {
      body: sdp('caller'),
      headers: `Record-Route: <${strict}>`,
      contact: '<sip:far@198.51.100.7>',
    });
    clock.advance(2);
    const dialog = test.invite().answer(sdp('callee'));
    clock.advance(2);
    peer.learn(call, peer.takeResponse(200));
    peer.request(call, 'ACK');
    clock.advance(2);
    dialog.bye();
    clock.advance(2);
    const bye = peer.takeRequest('BYE');
    expect(bye.uri).toBe(strict);
    expect(headerLinesOf(bye, 'route')).toEqual(['<sip:far@198.51.100.7>']);
  });

  test('can be refused with a reason and Retry-After; the refusal repeats until its ACK', () => {
    const test = createTestCore();
    const { peer, clock } = test;
    const call = peer.call();
    peer.request(call, 'INVITE', { body: sdp('caller') });
    clock.advance(2);
    test.invite().reject(503, 'Closed', 30);
    test.invite().reject(486);
    clock.advance(600);
    const refusal = peer.takeResponse(503);
    expect(refusal.reason).toBe('Closed');
    expect(headerOf(refusal, 'retry-after')).toBe('30');
    peer.takeResponse(503);
    peer.learn(call, refusal);
    peer.request(call, 'ACK', { branch: call.inviteBranch });
    clock.advance(10);
    peer.inbox.length = 0;
    clock.advance(40_000);
    expect(peer.summary()).toEqual([]);
    expect(test.core.stats()).toMatchObject({ dialogs: 0, serverTransactions: 0 });
  });

  test('is over with 487 when the caller cancels, and cannot be answered any more', () => {
    const test = createTestCore();
    const { peer, clock } = test;
    const call = peer.call();
    peer.request(call, 'INVITE', { body: sdp('caller') });
    clock.advance(2);
    const told: Termination[] = [];
    const invite = test.invite();
    invite.onCancelled = (termination) => void told.push(termination);
    peer.request(call, 'CANCEL', { headers: 'Reason: Q.850;cause=16;text="Normal call clearing"' });
    clock.advance(2);
    const ok = peer.takeResponse(200, 'CANCEL');
    expect(peer.takeResponse(487, 'INVITE').toTag).toBe(ok.toTag);
    expect(told).toEqual([{ status: 487, reason: 'Normal call clearing', q850: 16, by: 'remote' }]);
    expect(() => invite.answer(sdp('late'))).toThrow(SipError);
    invite.ring();
    clock.advance(1);
    expect(peer.summary()).toEqual(['100 INVITE']);
  });

  test('over a connection that closes is given up', () => {
    const test = createTestCore();
    const { peer, clock } = test;
    peer.request(peer.call(), 'INVITE', { body: sdp('caller'), transport: 'tcp' });
    clock.advance(2);
    const told: Termination[] = [];
    test.invite().onCancelled = (termination) => void told.push(termination);
    test.wire.flow({ transport: 'tcp', from: { address: '192.0.2.1', port: 5060 }, to: peer.at }).close();
    expect(told).toEqual([{ status: 487, reason: 'Connection lost', by: 'transport' }]);
    expect(test.core.stats().dialogs).toBe(0);
  });

  test('without SDP is answered with our offer; the ACK brings the answer', () => {
    const test = createTestCore();
    const { peer, clock } = test;
    const call = peer.call();
    peer.request(call, 'INVITE');
    clock.advance(2);
    expect(test.invite().offer).toBeNull();
    const answers: string[] = [];
    const dialog = test.invite().answer(sdp('our-offer'));
    dialog.handlers = { answered: (answer) => void answers.push(answer.toString()) };
    clock.advance(2);
    peer.learn(call, peer.takeResponse(200));
    peer.request(call, 'ACK', { body: sdp('their-answer') });
    clock.advance(2);
    expect(answers.join()).toContain('o=their-answer');
  });

  test('repeats its 200 until the ACK comes, and hangs up after 32 s without', () => {
    const test = createTestCore();
    const { peer, clock } = test;
    const call = peer.call();
    peer.request(call, 'INVITE', { body: sdp('caller') });
    clock.advance(2);
    const ended: Termination[] = [];
    test.invite().answer(sdp('callee')).handlers = { ended: (termination) => void ended.push(termination) };
    clock.advance(31_000);
    // 0, 0.5, 1.5, 3.5, 7.5, 11.5 ... 27.5 s: intervals double up to T2
    expect(peer.summary().filter((message) => message === '200 INVITE')).toHaveLength(10);
    expect(ended).toEqual([]);
    clock.advance(2_000);
    peer.takeRequest('BYE');
    expect(ended).toEqual([{ status: 408, reason: 'No ACK', by: 'transport' }]);
  });

  test('holds our BYE back until its ACK (section 15)', () => {
    const test = createTestCore();
    const { peer, clock } = test;
    const call = peer.call();
    peer.request(call, 'INVITE', { body: sdp('caller') });
    clock.advance(2);
    test.invite().answer(sdp('callee')).bye({ status: 486, text: 'Changed "our" mind' });
    clock.advance(2);
    expect(peer.summary()).toEqual(['100 INVITE', '200 INVITE']);
    peer.learn(call, peer.takeResponse(200));
    peer.request(call, 'ACK');
    clock.advance(2);
    const bye = peer.takeRequest('BYE');
    expect(headerOf(bye, 'reason')).toBe('SIP;cause=486;text="Changed \\"our\\" mind"');
  });
});

describe('reliable provisional responses (RFC 3262)', () => {
  test('are sent one at a time, repeated until their PRACK, and hold the 200 back', () => {
    const test = createTestCore();
    const { peer, clock } = test;
    const call = peer.call();
    peer.request(call, 'INVITE', { body: sdp('caller'), headers: 'Require: 100rel' });
    clock.advance(2);
    test.invite().ring();
    test.invite().ring(sdp('early'));
    const dialog = test.invite().answer(sdp('callee'));
    const ended: Termination[] = [];
    dialog.handlers = { ended: (termination) => void ended.push(termination) };
    clock.advance(600);
    expect(peer.summary()).toEqual(['100 INVITE', '180 INVITE', '180 INVITE']);
    const ringing = peer.takeResponse(180);
    expect(headerOf(ringing, 'require')).toBe('100rel');
    const rseq = Number(headerOf(ringing, 'rseq'));
    peer.learn(call, ringing);
    peer.request(call, 'PRACK', { headers: `RAck: ${rseq + 7} 1 INVITE` });
    clock.advance(2);
    peer.takeResponse(481, 'PRACK');
    peer.request(call, 'PRACK', { headers: `RAck: ${rseq} 1 INVITE` });
    clock.advance(2);
    peer.takeResponse(200, 'PRACK');
    expect(headerOf(peer.takeResponse(183), 'rseq')).toBe(String(rseq + 1));
    peer.request(call, 'PRACK', { headers: `RAck: ${rseq + 1} 1 INVITE` });
    clock.advance(2);
    peer.takeResponse(200, 'PRACK');
    peer.takeResponse(200, 'INVITE');
    peer.request(call, 'ACK');
    peer.request(call, 'BYE');
    clock.advance(2);
    peer.takeResponse(200, 'BYE');
    expect(ended).toEqual([{ status: 200, reason: 'BYE', by: 'remote' }]);
  });

  test('without a PRACK end the INVITE with 504 after 32 s', () => {
    const test = createTestCore();
    const { peer, clock } = test;
    peer.request(peer.call(), 'INVITE', { body: sdp('caller'), headers: 'Require: 100rel' });
    clock.advance(2);
    const told: Termination[] = [];
    test.invite().onCancelled = (termination) => void told.push(termination);
    test.invite().ring();
    clock.advance(33_000);
    peer.takeResponse(504);
    expect(told).toEqual([{ status: 504, reason: 'No PRACK', by: 'transport' }]);
  });

  test('a CANCEL while the 200 waits for a PRACK ends the dialog that was promised', () => {
    const test = createTestCore();
    const { peer, clock } = test;
    const call = peer.call();
    peer.request(call, 'INVITE', { body: sdp('caller'), headers: 'Require: 100rel' });
    clock.advance(2);
    test.invite().ring();
    const ended: Termination[] = [];
    test.invite().answer(sdp('callee')).handlers = { ended: (termination) => void ended.push(termination) };
    peer.request(call, 'CANCEL');
    clock.advance(2);
    peer.takeResponse(487);
    expect(ended).toMatchObject([{ status: 487, by: 'remote' }]);
    expect(test.core.stats().dialogs).toBe(0);
  });
});

describe('inside the dialog of an answered INVITE', () => {
  test('BYE is answered and told once, with its Reason', () => {
    const test = createTestCore();
    const { call, ended } = establish(test);
    const bytes = test.peer.request(call, 'BYE', { headers: 'Reason: Q.850;cause=31;text="Normal, unspecified"' });
    test.peer.raw(bytes);
    test.clock.advance(2);
    expect(test.peer.summary()).toEqual(['200 BYE', '200 BYE']);
    expect(ended).toEqual([{ status: 200, reason: 'Normal, unspecified', q850: 31, by: 'remote' }]);
    expect(test.core.stats().dialogs).toBe(0);
  });

  test('a BYE that crosses ours is answered 200 and told to nobody', () => {
    const test = createTestCore();
    const { call, dialog, ended } = establish(test);
    dialog.bye();
    test.peer.request(call, 'BYE');
    test.clock.advance(2);
    test.peer.takeResponse(200, 'BYE');
    test.peer.reply(test.peer.takeRequest('BYE'), 200);
    test.clock.advance(2);
    expect(ended).toEqual([]);
    expect(test.core.stats().dialogs).toBe(0);
  });

  test('a re-INVITE is answered by the handler and its 200 repeated until the ACK', async () => {
    const test = createTestCore();
    const { call, dialog } = establish(test);
    const offers: (string | undefined)[] = [];
    dialog.handlers.offer = async (offer) => {
      offers.push(offer?.toString());
      return sdp('held');
    };
    test.peer.request(call, 'INVITE', { body: sdp('hold-me') });
    test.clock.advance(2);
    await settle();
    test.clock.advance(600);
    expect(test.peer.summary()).toEqual(['100 INVITE', '200 INVITE', '200 INVITE']);
    expect(test.peer.takeResponse(200).body.toString()).toContain('o=held');
    expect(offers[0]).toContain('o=hold-me');
    test.peer.request(call, 'ACK');
    test.clock.advance(2);
    test.peer.inbox.length = 0;
    test.clock.advance(5_000);
    expect(test.peer.summary()).toEqual([]);
  });

  test('a re-INVITE without SDP gets our offer and `answered` brings the answer', async () => {
    const test = createTestCore();
    const { call, dialog } = establish(test);
    const heard: string[] = [];
    dialog.handlers.offer = async (offer) => sdp(offer === null ? 'our-offer' : 'wrong');
    dialog.handlers.answered = (answer) => void heard.push(answer.toString());
    test.peer.request(call, 'INVITE');
    test.clock.advance(2);
    await settle();
    test.clock.advance(2);
    expect(test.peer.takeResponse(200).body.toString()).toContain('o=our-offer');
    test.peer.request(call, 'ACK', { body: sdp('their-answer') });
    test.clock.advance(2);
    expect(heard.join()).toContain('o=their-answer');
  });

  test('488 from the handler refuses the offer and keeps the dialog', async () => {
    const test = createTestCore();
    const { call, dialog, ended } = establish(test);
    dialog.handlers.offer = () => Promise.reject(new SipError(488, 'video only'));
    test.peer.request(call, 'INVITE', { body: sdp('video') });
    test.clock.advance(2);
    await settle();
    test.clock.advance(2);
    test.peer.learn(call, test.peer.takeResponse(488));
    test.peer.request(call, 'ACK', { branch: call.inviteBranch });
    test.peer.request(call, 'OPTIONS');
    test.clock.advance(2);
    test.peer.takeResponse(200, 'OPTIONS');
    expect(ended).toEqual([]);
  });

  test('UPDATE with SDP is answered by the handler, without SDP by the stack', async () => {
    const test = createTestCore();
    const { call, dialog } = establish(test);
    dialog.handlers.offer = async () => sdp('updated');
    test.peer.request(call, 'UPDATE', { body: sdp('update') });
    test.clock.advance(2);
    await settle();
    test.clock.advance(2);
    expect(test.peer.takeResponse(200, 'UPDATE').body.toString()).toContain('o=updated');
    test.peer.request(call, 'UPDATE', { contact: '<sip:moved@198.51.100.3:5070>' });
    test.clock.advance(2);
    expect(test.peer.takeResponse(200, 'UPDATE').body).toHaveLength(0);
    dialog.bye();
    test.clock.advance(2);
    expect(test.wire.sent.at(-1)).toMatch(/^BYE sip:moved@198\.51\.100\.3:5070 /);
  });

  test('our re-INVITE meets theirs: 491, and ours is sent again', async () => {
    const test = createTestCore();
    const { call, dialog } = establish(test);
    const answer = dialog.reinvite(sdp('ours'));
    test.clock.advance(2);
    const ours = test.peer.takeRequest('INVITE');
    test.peer.request(call, 'INVITE', { body: sdp('theirs') });
    test.clock.advance(2);
    test.peer.takeResponse(491);
    test.peer.request(call, 'ACK', { branch: call.inviteBranch });
    test.peer.reply(ours, 491);
    test.clock.advance(2_100);
    const again = test.peer.takeRequest('INVITE');
    expect(again.cseq).toBe(ours.cseq + 1);
    test.peer.reply(again, 200, { body: sdp('agreed') });
    test.clock.advance(2);
    expect((await answer).toString()).toContain('o=agreed');
    expect(test.peer.summary().filter((message) => message === 'ACK')).toHaveLength(2);
  });

  test('an old CSeq gets 500, a wrong tag 481, REFER 405, an unknown method 501, Require 420', () => {
    const test = createTestCore();
    const { call } = establish(test);
    const send = (method: string, overrides = {}): void => {
      test.peer.request(call, method, overrides);
      test.clock.advance(2);
    };
    send('INFO', { cseq: 1 });
    send('REFER', { headers: 'Refer-To: <sip:thief@example.com>' });
    send('DANCE');
    send('INFO', { headers: 'Require: teleport' });
    test.peer.request({ ...call, localTag: 'somebody-else' }, 'BYE');
    test.peer.request({ ...call, remoteTag: 'nobody' }, 'BYE');
    test.clock.advance(2);
    expect(test.peer.summary()).toEqual(['500 INFO', '405 REFER', '501 DANCE', '420 INFO', '481 BYE', '481 BYE']);
  });

  test('INFO reaches the handler with its body and type', () => {
    const test = createTestCore();
    const { call, dialog } = establish(test);
    const heard: string[] = [];
    dialog.handlers.info = (type, body) => {
      heard.push(`${type} ${body}`);
      return 202;
    };
    test.peer.request(call, 'INFO', { contentType: 'application/dtmf-relay', body: 'Signal=5' });
    test.clock.advance(2);
    test.peer.takeResponse(202, 'INFO');
    expect(heard).toEqual(['application/dtmf-relay Signal=5']);
  });
});

describe('session timers of a UAS (RFC 4028)', () => {
  const updatable = 'Supported: timer\r\nAllow: INVITE, ACK, BYE, UPDATE';

  test('a too small interval gets 422 with Min-SE', () => {
    const test = createTestCore();
    test.peer.request(test.peer.call(), 'INVITE', {
      body: sdp('x'),
      headers: 'Supported: timer\r\nSession-Expires: 60',
    });
    test.clock.advance(2);
    expect(headerOf(test.peer.takeResponse(422), 'min-se')).toBe('90');
    expect(test.invites).toHaveLength(0);
  });

  test('the peer refreshes when it offers to; without a refresh we hang up before the interval ends', () => {
    const test = createTestCore();
    const { call, ended } = establish(test, 'Supported: timer\r\nSession-Expires: 90;refresher=uac');
    test.clock.advance(40_000);
    test.peer.request(call, 'UPDATE', { headers: 'Supported: timer\r\nSession-Expires: 90;refresher=uac' });
    test.clock.advance(2);
    expect(headerOf(test.peer.takeResponse(200, 'UPDATE'), 'session-expires')).toBe('90;refresher=uac');
    test.clock.advance(59_000);
    expect(ended).toEqual([]);
    test.clock.advance(2_000);
    expect(ended).toEqual([{ status: 408, reason: 'Session timer expired', by: 'transport' }]);
    test.peer.takeRequest('BYE');
  });

  test('we refresh with UPDATE where the peer allows it', () => {
    const test = createTestCore();
    const { ended } = establish(test, `${updatable}\r\nSession-Expires: 100;refresher=uas`);
    for (let round = 0; round < 3; round++) {
      test.clock.advance(50_010);
      const update = test.peer.takeRequest('UPDATE');
      expect(headerOf(update, 'session-expires')).toBe('100;refresher=uac');
      test.peer.reply(update, 200, { headers: 'Session-Expires: 100;refresher=uac' });
      test.clock.advance(2);
    }
    expect(ended).toEqual([]);
  });

  test('we refresh with our last SDP in a re-INVITE where it does not', () => {
    const test = createTestCore();
    establish(test, 'Supported: timer\r\nAllow: INVITE, ACK, BYE\r\nSession-Expires: 100;refresher=uas');
    test.clock.advance(50_010);
    const invite = test.peer.takeRequest('INVITE');
    expect(invite.body.toString()).toContain('o=callee');
    test.peer.reply(invite, 200, { body: sdp('caller'), headers: 'Session-Expires: 100;refresher=uac' });
    test.clock.advance(2);
    test.peer.takeRequest('ACK');
  });

  test('481 to a refresh ends the dialog', () => {
    const test = createTestCore();
    const { ended } = establish(test, `${updatable}\r\nSession-Expires: 100;refresher=uas`);
    test.clock.advance(50_010);
    test.peer.reply(test.peer.takeRequest('UPDATE'), 481);
    test.clock.advance(2);
    expect(ended).toMatchObject([{ status: 481, by: 'remote' }]);
    expect(test.peer.summary()).toEqual([]);
  });
});
