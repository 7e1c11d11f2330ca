import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createEmbeddedEngine } from '../../channels/voice/media/embedded/index.ts';
import type { MediaCall, MediaEngine, MediaEvent } from '../../channels/voice/media/engine.ts';
import { type CallId, type LegId, newId } from '../../server/kernel/ids.ts';
import { silentLog } from '../../server/kernel/log.ts';
import { tonesIn } from '../support/audio.ts';
import { launchBrowser, serveEmptyPage, type TestBrowser, tonesInBrowser } from '../support/browser.ts';
import { findFreeUdpPorts } from '../support/free-ports.ts';
import { createRtpPeer, type RtpPeer } from '../support/rtp-peer.ts';

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
  connected: () => new Promise((resolve, reject) => {
    const { connection } = window.phone;
    const look = () => {
      if (connection.connectionState === 'connected') resolve();
      if (connection.connectionState === 'failed') reject(new Error('the connection failed'));
    };
    connection.addEventListener('connectionstatechange', look);
    look();
  }),
  close: () => window.phone.connection?.close(),
};`;

beforeAll(async () => {
  const first = await findFreeUdpPorts(20);
  engine = createEmbeddedEngine({
    host: '127.0.0.1',
    announceAddresses: ['127.0.0.1'],
    webRtcPort: 0,
    rtpPorts: { first, last: first + 19 },
    workers: 1,
    log: silentLog,
  });
  engine.onEvent = (event) => events.push(event);
  await engine.start();
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
  await engine?.close();
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

describe('a browser and the media engine', () => {
  it.each([
    ['calls', browserCalls],
    ['is called', browserIsCalled],
  ])('hear each other when the browser %s', async (_, connect) => {
    const call = openCall();
    await connect(call);
    await phone('connected');
    const peer = await customerCalls(call);
    bridge(call);
    await peer.nextPacket();
    await peer.listen(0.3);
    expect(tonesIn(await peer.listen(0.8), tones)).toEqual([agentTone]);
    expect(await tonesInBrowser(browser.page, tones)).toEqual([customerTone]);
  });
});
