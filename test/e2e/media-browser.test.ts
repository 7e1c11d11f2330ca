import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { preferredProfiles } from '../../channels/voice/media/embedded/dtls/hello.ts';
import { createEmbeddedEngine } from '../../channels/voice/media/embedded/index.ts';
import { type SrtpProfile, srtpProfiles } from '../../channels/voice/media/embedded/srtp/keys.ts';
import { spawnWorker } from '../../channels/voice/media/embedded/worker-link.ts';
import type { MediaCall, MediaEngine, MediaEvent } from '../../channels/voice/media/engine.ts';
import { tonesIn } from '../../demo/actors/audio.ts';
import { createRtpPeer, type RtpPeer } from '../../demo/actors/rtp-peer.ts';
import { type CallId, type LegId, newId } from '../../server/kernel/ids.ts';
import { silentLog } from '../../server/kernel/log.ts';
import { launchBrowser, serveEmptyPage, type TestBrowser, tonesInBrowser } from '../support/browser.ts';
import { findFreeUdpPorts } from '../support/free-ports.ts';

const agent = 'agent' as LegId;
const customer = 'customer' as LegId;
const agentTone = 440;
const customerTone = 1000;
const tones = [agentTone, customerTone, 700, 1500];

let engine: MediaEngine;
let browser: TestBrowser;
let site: { url: string; close(): void };
const events: MediaEvent[] = [];
const opened: { close(): unknown }[] = [];

/** The page's side of a call, by the bare browser interface. */
const pageScript = `
window.phone = {
  async open() {
    const connection = new RTCPeerConnection({ bundlePolicy: 'max-bundle', rtcpMuxPolicy: 'require' });
    const microphone = await navigator.mediaDevices.getUserMedia({
      audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false },
    });
    window.phone.sender = connection.addTrack(microphone.getAudioTracks()[0], microphone);
    window.phone.connection = connection;
  },
  async offer(options) {
    const { connection } = window.phone;
    await connection.setLocalDescription(await connection.createOffer(options));
    return connection.localDescription.sdp;
  },
  answered: (sdp) => window.phone.connection.setRemoteDescription({ type: 'answer', sdp }),
  async answer(sdp) {
    const { connection } = window.phone;
    await connection.setRemoteDescription({ type: 'offer', sdp });
    await connection.setLocalDescription(await connection.createAnswer());
    return connection.localDescription.sdp;
  },
  localUfrag: () => /a=ice-ufrag:(\\S+)/.exec(window.phone.connection.localDescription.sdp)[1],
  connected: () => new Promise((resolve, reject) => {
    const { connection } = window.phone;
    const look = () => {
      if (connection.connectionState === 'connected') resolve();
      if (connection.connectionState === 'failed') reject(new Error('the connection failed'));
    };
    connection.addEventListener('connectionstatechange', look);
    look();
  }),
  sendDigits: (digits) => window.phone.sender.dtmf.insertDTMF(digits, 120, 80),
  close: () => window.phone.connection?.close(),
  async openToListen() {
    window.phone.connection = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
    window.phone.connection.addTransceiver('audio', { direction: 'recvonly' });
  },
  windows: async ({ seconds, frequencies }) => window.toneMeter.windows(window.toneMeter.streams().at(-1), seconds, frequencies),
  lost: async () => {
    const reports = [...(await window.phone.connection.getStats()).values()];
    return {
      packetsLost: reports.find((report) => report.type === 'inbound-rtp')?.packetsLost,
      roundTripSeen: reports.some((report) => report.type === 'remote-inbound-rtp' && report.roundTripTime !== undefined),
    };
  },
};`;

async function startEngine(srtpProfiles = preferredProfiles): Promise<void> {
  const first = await findFreeUdpPorts(20);
  engine = createEmbeddedEngine(
    {
      host: '127.0.0.1',
      announceAddresses: ['127.0.0.1'],
      webRtcPort: 0,
      rtpPorts: { first, last: first + 19 },
      workers: 1,
      log: silentLog,
    },
    (settings) => spawnWorker({ ...settings, srtpProfiles }),
  );
  engine.onEvent = (event) => events.push(event);
  await engine.start();
}

beforeAll(async () => {
  site = await serveEmptyPage();
  browser = await launchBrowser({ microphone: agentTone, url: site.url });
  await browser.page.evaluate(pageScript);
});
afterEach(async () => {
  await phone('close');
  for (const each of opened.splice(0).reverse()) await each.close();
  events.length = 0;
});
afterAll(async () => {
  await browser?.close();
  site?.close();
});

function phone<Result = void>(method: string, argument?: unknown): Promise<Result> {
  return browser.page.evaluate(
    ([name, value]) => {
      const page = globalThis as unknown as { phone: Record<string, (argument: unknown) => Promise<unknown>> };
      return page.phone[name as string]?.(value) as Promise<Result>;
    },
    [method, argument] as const,
  );
}

function openCall(): MediaCall {
  const call = engine.openCall(newId<CallId>());
  opened.push(call);
  return call;
}

async function browserCalls(call: MediaCall, change = (offer: string): string => offer): Promise<void> {
  await phone('open');
  const offer = change(await phone<string>('offer'));
  await phone('answered', (await call.answerLeg(agent, Buffer.from(offer))).toString());
}

async function browserIsCalled(call: MediaCall): Promise<void> {
  await phone('open');
  const offer = await call.offerLeg(agent, 'webrtc');
  await call.accept(agent, Buffer.from(await phone<string>('answer', offer.toString())));
}

async function customerCalls(call: MediaCall): Promise<RtpPeer> {
  const peer = await createRtpPeer({ frequency: customerTone });
  opened.push(peer);
  peer.connect(await call.answerLeg(customer, peer.description()));
  peer.start();
  return peer;
}

function bridge(call: MediaCall): void {
  call.hear(agent, [{ kind: 'leg', legId: customer }]);
  call.hear(customer, [{ kind: 'leg', legId: agent }]);
}

/** The tones that both sides hear once a change has had the time to arrive. */
async function heard(peer: RtpPeer) {
  await peer.listen(0.4);
  const [atBrowser, atCustomer] = await Promise.all([tonesInBrowser(browser.page, tones), peer.listen(0.8)]);
  return { atBrowser, atCustomer: tonesIn(atCustomer, tones) };
}
const both = { atBrowser: [customerTone], atCustomer: [agentTone] };

const ways: [string, (call: MediaCall) => Promise<void>][] = [
  ['calls', browserCalls],
  ['is called', browserIsCalled],
];

async function bridgedCall(connect = browserCalls): Promise<{ call: MediaCall; peer: RtpPeer }> {
  const call = openCall();
  await connect(call);
  await phone('connected');
  const peer = await customerCalls(call);
  bridge(call);
  return { call, peer };
}

describe.each<[string, SrtpProfile]>([
  ['AES-CM', srtpProfiles.aes128CmSha1Tag80],
  ['AES-GCM', srtpProfiles.aeadAes128Gcm],
])('a browser and a customer with %s', (_, profile) => {
  beforeAll(() => startEngine([profile]));
  afterAll(() => engine.close());

  it.each(ways)('hear each other when the browser %s, also after it restarts ICE', async (_, connect) => {
    const { call, peer } = await bridgedCall(connect);
    expect(await heard(peer)).toEqual(both);
    const before = (await phone<string>('localUfrag')) ?? '';
    const answer = await call.reanswer(agent, Buffer.from(await phone<string>('offer', { iceRestart: true })));
    await phone('answered', answer.toString());
    expect(await phone<string>('localUfrag')).not.toBe(before);
    expect(await heard(peer)).toEqual(both);
    expect([peer.received.ssrcs.size, peer.received.gaps]).toEqual([1, 0]);
  });

  it('send RTCP that the other understands', async () => {
    const { call } = await bridgedCall();
    await expect.poll(async () => (await phone<{ roundTripSeen: boolean }>('lost')).roundTripSeen).toBe(true);
    await expect.poll(async () => (await call.legStats(agent))?.roundTripMs).toBeGreaterThan(0);
  });
});

describe('a browser and the media engine', () => {
  beforeAll(() => startEngine());
  afterAll(() => engine.close());

  it('hears itself in an echo test, and music that is no tone of the test', async () => {
    const call = openCall();
    await browserCalls(call);
    await phone('connected');
    call.hear(agent, [{ kind: 'leg', legId: agent }]);
    await expect.poll(() => tonesInBrowser(browser.page, tones)).toEqual([agentTone]);
    call.hear(agent, []);
    await expect.poll(() => tonesInBrowser(browser.page, tones)).toEqual([]);
    expect(events.map(({ type }) => type)).toEqual(['connected']);
  });

  it('exchange digits both ways', async () => {
    const { peer } = await bridgedCall();
    expect(await heard(peer)).toEqual(both);
    await phone('sendDigits', '159#');
    expect(await peer.waitForDigits(4)).toBe('159#');
    const windows = phone<number[][]>('windows', { seconds: 1.6, frequencies: [770, 1336] });
    peer.sendDigits('55');
    // The browser plays the digit 5: 770 and 1336 Hz.
    expect((await windows).filter((levels) => levels.every((level) => level > 0.05)).length).toBeGreaterThan(2);
    expect(events.flatMap((event) => (event.type === 'dtmf' ? [[event.legId, event.digit]] : []))).toEqual([
      ...[...'159#'].map((digit) => [agent, digit]),
      [customer, '5'],
      [customer, '5'],
    ]);
  });

  it('sees the loss of the customer as its own', async () => {
    const call = openCall();
    await browserCalls(call);
    await phone('connected');
    const peer = await createRtpPeer({ frequency: customerTone, dropEvery: 5 });
    opened.push(peer);
    peer.connect(await call.answerLeg(customer, peer.description()));
    peer.start();
    bridge(call);
    await expect.poll(async () => (await phone<{ packetsLost: number }>('lost')).packetsLost).toBeGreaterThan(5);
  });

  it('lets a supervisor without a microphone listen to a mix', async () => {
    const call = openCall();
    await phone('openToListen');
    const answer = (await call.answerLeg(agent, Buffer.from(await phone<string>('offer')))).toString();
    expect(answer).toContain('a=sendonly');
    await phone('answered', answer);
    await phone('connected');
    await customerCalls(call);
    const second = await createRtpPeer({ frequency: 1500 });
    opened.push(second);
    second.connect(await call.answerLeg('second' as LegId, second.description()));
    second.start();
    call.hear(agent, [
      { kind: 'leg', legId: customer },
      { kind: 'leg', legId: 'second' as LegId },
    ]);
    await expect.poll(() => tonesInBrowser(browser.page, tones)).toEqual([customerTone, 1500]);
  });

  it('refuses a browser that is not the announced one', async () => {
    const call = openCall();
    await browserCalls(call, (offer) => offer.replace(/(a=fingerprint:sha-256 )../, '$100'));
    await expect.poll(() => events.map(({ type }) => type)).toEqual(['lost']);
    expect(events[0]).toMatchObject({ legId: agent, reason: expect.stringContaining('not the announced one') });
    expect((await call.legStats(agent))?.receivedPackets).toBe(0);
  });

  it('is deaf to a browser until its answer is known', async () => {
    const call = openCall();
    await phone('open');
    const offer = await call.offerLeg(agent, 'webrtc');
    const answer = await phone<string>('answer', offer.toString());
    await phone('connected');
    expect(events).toEqual([]);
    expect(await call.legStats(agent)).toMatchObject({ receivedPackets: 0, sentPackets: 0 });
    await call.accept(agent, Buffer.from(answer));
    await expect.poll(async () => (await call.legStats(agent))?.receivedPackets).toBeGreaterThan(10);
    expect(events.map(({ type }) => type)).toEqual(['connected']);
  });

  it('takes the browser back on the same leg after its page was loaded anew', async () => {
    const { call, peer } = await bridgedCall();
    expect(await heard(peer)).toEqual(both);
    await browser.page.reload();
    await browser.page.evaluate(pageScript);
    await phone('open');
    const answer = await call.reanswer(agent, Buffer.from(await phone<string>('offer')));
    await phone('answered', answer.toString());
    await phone('connected');
    expect(await heard(peer)).toEqual(both);
    expect(peer.received.ssrcs.size).toBe(1);
  });

  it('loses a browser that hangs up without a word', async () => {
    const { call } = await bridgedCall();
    await phone('close');
    await expect
      .poll(() => events.filter(({ type }) => type === 'lost'))
      .toMatchObject([{ callId: call.callId, legId: agent }]);
  });
});
