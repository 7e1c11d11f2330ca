import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { makeCertificate } from '../../../../../channels/voice/media/embedded/dtls/certificate.ts';
import { preferredProfiles } from '../../../../../channels/voice/media/embedded/dtls/hello.ts';
import { createIceRegistry } from '../../../../../channels/voice/media/embedded/ice/registry.ts';
import { bindingRequest } from '../../../../../channels/voice/media/embedded/ice/stun.ts';
import { createSrtpSender } from '../../../../../channels/voice/media/embedded/srtp/context.ts';
import { type MasterKey, srtpProfiles } from '../../../../../channels/voice/media/embedded/srtp/keys.ts';
import { openWebRtcTransport } from '../../../../../channels/voice/media/embedded/webrtc-transport.ts';
import { limits } from '../../../../../channels/voice/media/limits.ts';
import type { RemoteMedia } from '../../../../../channels/voice/media/sdp/negotiate.ts';
import { createFakeClock } from '../../../../../server/kernel/clock.ts';

const certificate = makeCertificate(Date.UTC(2026, 0, 1));
const browser = { address: '192.0.2.1', port: 50_000 };

const remote = (iceUfrag: string, identity = 'AA'): RemoteMedia => ({
  address: '',
  port: 9,
  rtcpPort: 9,
  rtcpMux: true,
  iceUfrag,
  fingerprints: [{ algorithm: 'sha-256', value: identity }],
});

function setUp() {
  const clock = createFakeClock();
  const registry = createIceRegistry();
  const log: string[] = [];
  const sent: string[] = [];
  const transport = openWebRtcTransport({
    socket: {
      port: 40_000,
      send: (_packet, _length, port, address) => sent.push(`${address}:${port}`),
      close: () => {},
    },
    registry,
    certificate,
    clock,
    now: () => clock.now(),
    profiles: preferredProfiles,
    handlers: {
      rtp: (_packet, length) => log.push(`rtp ${length}`),
      rtcp: () => log.push('rtcp'),
      connected: () => log.push('connected'),
      lost: (reason) => log.push(`lost: ${reason}`),
    },
    onClose: () => log.push('closed'),
  });
  const newKey = (): MasterKey => ({
    profile: srtpProfiles.aes128CmSha1Tag80,
    key: randomBytes(16),
    salt: randomBytes(14),
  });
  const keys = { client: newKey(), server: newKey() };
  const credentials = () => transport.describe('answer') ?? { ufrag: '', pwd: '' };
  return {
    clock,
    registry,
    log,
    sent,
    transport,
    keys,
    credentials,
    /** Whether a check with these credentials is answered. */
    check({ ufrag, pwd } = credentials(), useCandidate = true, { address, port } = browser): boolean {
      const request = bindingRequest({
        transactionId: randomBytes(12),
        username: `${ufrag}:b`,
        password: pwd,
        useCandidate,
      });
      return registry.check(request, address, port) !== null;
    },
    speak(): void {
      const packet = Buffer.alloc(200);
      packet[0] = 0x80;
      const length = createSrtpSender(keys.client).protect(packet, 172);
      registry.agentAt(browser.address, browser.port)?.received(packet.subarray(0, length));
    },
    /** Moves on second by second, as the port's timer does. */
    wait(ms: number): void {
      for (let passed = 0; passed < ms; passed += 1000) {
        clock.advance(1000);
        transport.checkConsent(clock.now());
      }
    },
  };
}

describe('a WebRTC leg', () => {
  it('sends to the nominated address and hears only with keys', () => {
    const { transport, check, speak, keys, log, sent } = setUp();
    transport.apply(remote('one'), 'offer');
    expect(transport.ready()).toBe(false);
    check(undefined, false, { address: '192.0.2.9', port: 1 });
    check();
    speak();
    expect(log).toEqual([]);
    transport.install(keys);
    speak();
    expect(log).toEqual(['connected', 'rtp 172']);
    expect(transport.ready()).toBe(true);
    const packet = Buffer.alloc(200);
    packet[0] = 0x80;
    transport.send(packet, 172);
    expect(sent).toEqual(['192.0.2.1:50000']);
  });

  it('is lost when the checks stop, once, and again only after it had come back', () => {
    const { transport, check, wait, log, keys } = setUp();
    transport.apply(remote('one'), 'offer');
    wait(300_000);
    expect(log).toEqual([]);
    check();
    transport.install(keys);
    wait(limits.consentMs - 1000);
    check();
    wait(limits.consentMs);
    expect(log).toEqual(['connected']);
    wait(60_000);
    expect(log).toEqual(['connected', 'lost: no STUN checks from the peer']);
    check();
    wait(60_000);
    expect(log.slice(2)).toEqual(['lost: no STUN checks from the peer']);
  });

  it('is lost when a peer that has answered never shows up', () => {
    const { transport, wait, log } = setUp();
    transport.apply(remote('one'), 'answer');
    wait(limits.iceSetupMs);
    expect(log).toEqual([]);
    wait(2000);
    expect(log).toEqual(['lost: no STUN checks from the peer']);
  });

  it('takes the old user fragment until the new one is nominated', () => {
    const { transport, check, credentials } = setUp();
    transport.apply(remote('one'), 'offer');
    const old = { ...credentials() };
    check(old);
    transport.apply(remote('one'), 'offer');
    expect(credentials().ufrag).toBe(old.ufrag);
    transport.apply(remote('two'), 'offer');
    expect(credentials().ufrag).not.toBe(old.ufrag);
    expect(check(old)).toBe(true);
    expect(check(undefined, false)).toBe(true);
    expect(check(old)).toBe(true);
    expect(check()).toBe(true);
    expect(check(old)).toBe(false);
  });

  it('keeps its credentials when another fork answers, and drops the keys of the first', () => {
    const { transport, check, credentials, keys } = setUp();
    const { ufrag } = credentials();
    transport.apply(remote('fork-1'), 'answer');
    check();
    transport.install(keys);
    transport.apply(remote('fork-1'), 'answer');
    expect(transport.ready()).toBe(true);
    transport.apply(remote('fork-2', 'BB'), 'answer');
    expect(transport.ready()).toBe(false);
    expect(credentials().ufrag).toBe(ufrag);
  });

  it('takes any datagram', () => {
    const { transport, check, registry, keys } = setUp();
    transport.apply(remote('one'), 'offer');
    check();
    transport.install(keys);
    for (let first = 0; first < 256; first++) {
      for (const length of [1, 2, 12, 13, 14, 40, 200]) {
        const packet = randomBytes(length);
        packet[0] = first;
        registry.check(packet, browser.address, browser.port);
        registry.agentAt(browser.address, browser.port)?.received(packet);
      }
    }
    transport.close();
  });

  it('leaves nothing behind', () => {
    const { transport, check, registry, wait, log, keys } = setUp();
    transport.apply(remote('one'), 'offer');
    check();
    transport.install(keys);
    transport.close();
    transport.close();
    expect(log).toEqual(['connected', 'closed']);
    expect(check()).toBe(false);
    expect(registry.agentAt(browser.address, browser.port)).toBeUndefined();
    wait(60_000);
    expect(log).toHaveLength(2);
  });
});
