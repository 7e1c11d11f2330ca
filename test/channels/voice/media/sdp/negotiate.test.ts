import { describe, expect, it } from 'vitest';
import { buildSdp, type SdpOptions } from '../../../../../channels/voice/media/sdp/build.ts';
import {
  maySend,
  negotiateAnswer,
  negotiateOffer,
  ownOffer,
} from '../../../../../channels/voice/media/sdp/negotiate.ts';
import { parseSdp } from '../../../../../channels/voice/media/sdp/parse.ts';

const fingerprint = `a=fingerprint:sha-256 ${Array(32).fill('AB').join(':')}`;
const ice = ['a=ice-ufrag:abcd', `a=ice-pwd:${'p'.repeat(24)}`];

const plain = (...lines: string[]): string =>
  ['v=0', 'o=- 1 1 IN IP4 192.0.2.1', 's=-', 'c=IN IP4 192.0.2.1', 't=0 0', ...lines, ''].join('\r\n');
const browser = (setup: string, ...lines: string[]): string =>
  plain(
    'a=group:BUNDLE 0',
    'm=audio 9 UDP/TLS/RTP/SAVPF 111 0 8 110 126',
    'a=mid:0',
    'a=rtcp-mux',
    ...ice,
    fingerprint,
    `a=setup:${setup}`,
    'a=rtpmap:111 opus/48000/2',
    'a=rtpmap:110 telephone-event/48000',
    'a=rtpmap:126 telephone-event/8000',
    ...lines,
  );
const offered = (text: string) => negotiateOffer(parseSdp(text));
const answered = (text: string, kind: 'rtp' | 'webrtc' = 'rtp') =>
  negotiateAnswer(parseSdp(text), ownOffer(kind, 'PCMA'));

describe('negotiateOffer', () => {
  it.each([
    ['the first law that is offered', 'm=audio 4000 RTP/AVP 18 8 0', { law: 'PCMA', payloadType: 8 }],
    ['PCMU before PCMA', 'm=audio 4000 RTP/AVP 0 8', { law: 'PCMU', payloadType: 0 }],
  ])('takes %s', (_, media, codec) => {
    expect(offered(plain(media)).codec).toEqual(codec);
  });

  it('takes a law under a dynamic payload type', () => {
    const result = offered(plain('m=audio 4000 RTP/AVP 97', 'a=rtpmap:97 pcmu/8000/1'));
    expect(result.codec).toEqual({ law: 'PCMU', payloadType: 97 });
    expect([...result.receive]).toEqual([[97, 'PCMU']]);
  });

  it.each([
    ['only Opus', 'm=audio 4000 RTP/AVP 111', 'a=rtpmap:111 opus/48000/2'],
    ['PCMU at 16 kHz', 'm=audio 4000 RTP/AVP 97', 'a=rtpmap:97 PCMU/16000'],
    ['stereo PCMU', 'm=audio 4000 RTP/AVP 97', 'a=rtpmap:97 PCMU/8000/2'],
  ])('refuses %s', (_, ...lines) => {
    expect(() => offered(plain(...lines))).toThrow(expect.objectContaining({ code: 'no_codec' }));
  });

  it('takes telephone-event at the clock of the audio only', () => {
    expect(offered(browser('actpass')).dtmfPayloadType).toBe(126);
    expect(offered(plain('m=audio 4000 RTP/AVP 0')).dtmfPayloadType).toBeUndefined();
  });

  it.each([
    ['sendrecv', 'sendrecv', true],
    ['sendonly', 'recvonly', false],
    ['recvonly', 'sendonly', true],
    ['inactive', 'inactive', false],
  ])('mirrors %s as %s', (theirs, ours, sends) => {
    const result = offered(plain('m=audio 4000 RTP/AVP 0', `a=${theirs}`));
    expect(result.direction).toBe(ours);
    expect(maySend(result)).toBe(sends);
  });

  it('understands the old hold by the address 0.0.0.0', () => {
    const result = offered(plain('m=audio 4000 RTP/AVP 0', 'c=IN IP4 0.0.0.0'));
    expect(result).toMatchObject({ direction: 'recvonly', remote: { address: '' } });
    expect(maySend(result)).toBe(false);
  });

  it.each([
    ['the next port', [], { rtcpPort: 4001, rtcpMux: false }],
    ['a port of its own', ['a=rtcp:53020'], { rtcpPort: 53020 }],
    ['the same port', ['a=rtcp-mux'], { rtcpMux: true }],
  ])('finds RTCP on %s', (_, lines, remote) => {
    expect(offered(plain('m=audio 4000 RTP/AVP 0', ...lines)).remote).toMatchObject(remote);
  });

  it.each([
    ['no audio', plain('m=video 4000 RTP/AVP 96')],
    ['audio that is switched off', plain('m=audio 0 RTP/AVP 0')],
    ['SDES', plain('m=audio 4000 RTP/SAVP 0')],
    ['DTLS without a fingerprint', plain('m=audio 9 UDP/TLS/RTP/SAVPF 0', ...ice, 'a=rtcp-mux')],
    ['DTLS without ICE', plain('m=audio 9 UDP/TLS/RTP/SAVPF 0', fingerprint, 'a=rtcp-mux')],
    ['separate RTCP in WebRTC', browser('actpass').replace('a=rtcp-mux\r\n', '')],
    ['a peer that wants to be the DTLS server', browser('passive')],
  ])('refuses %s', (_, text) => {
    expect(() => offered(text)).toThrow(expect.objectContaining({ code: 'bad_sdp' }));
  });

  it('finds the audio behind other sections and keeps them all', () => {
    const result = offered(plain('m=video 5000 RTP/AVP 96', 'm=audio 4000 RTP/AVP 0', 'm=image 6000 udptl t38'));
    expect(result.audio).toBe(1);
    expect(result.sections.map(({ media }) => media)).toEqual(['video', 'audio', 'image']);
  });
});

describe('negotiateAnswer', () => {
  it('sends what the answer lists first and receives all that was offered', () => {
    const result = answered(plain('m=audio 4000 RTP/AVP 0 96', 'a=rtpmap:96 telephone-event/8000'));
    expect(result.codec).toEqual({ law: 'PCMU', payloadType: 0 });
    expect(result.dtmfPayloadType).toBe(96);
    expect([...result.receive]).toEqual([
      [8, 'PCMA'],
      [0, 'PCMU'],
    ]);
    expect([...result.dtmfReceive]).toEqual([101, 96]);
  });

  it.each([
    ['refused audio', plain('m=audio 0 RTP/AVP 0'), 'no_codec'],
    ['another codec', plain('m=audio 4000 RTP/AVP 18'), 'no_codec'],
    ['no audio', plain('m=video 4000 RTP/AVP 96'), 'bad_sdp'],
    ['a browser where a gateway was asked', browser('active'), 'bad_sdp'],
  ])('refuses %s', (_, text, code) => {
    expect(() => answered(text)).toThrow(expect.objectContaining({ code }));
  });

  it.each([
    ['active', undefined],
    ['passive', 'bad_sdp'],
    ['actpass', 'bad_sdp'],
  ])('lets a browser answer as %s: %s', (setup, code) => {
    const act = () => answered(browser(setup), 'webrtc');
    if (code) expect(act).toThrow(expect.objectContaining({ code }));
    else expect(act().kind).toBe('webrtc');
  });
});

describe('ownOffer', () => {
  it('keeps sections and payload types of a running session', () => {
    const current = offered(
      plain(
        'm=video 5000 RTP/AVP 96',
        'm=audio 4000 RTP/AVP 97 105',
        'a=rtpmap:97 PCMU/8000',
        'a=rtpmap:105 telephone-event/8000',
      ),
    );
    const offer = ownOffer('rtp', 'PCMU', current);
    expect(offer).toMatchObject({ audio: 1, dtmfPayloadType: 105 });
    expect(offer.codecs).toEqual([
      { law: 'PCMU', payloadType: 97 },
      { law: 'PCMA', payloadType: 8 },
    ]);
  });
});

describe('buildSdp', () => {
  const options: SdpOptions = {
    kind: 'rtp',
    sessionId: 7,
    version: 3,
    addresses: ['192.0.2.9'],
    port: 10_000,
    ssrc: 1,
    sections: [
      { media: 'video', proto: 'RTP/AVP', formats: ['96', '97'], mid: undefined },
      { media: 'audio', proto: 'RTP/AVP', formats: ['0'], mid: undefined },
    ],
    audio: 1,
    codecs: [{ law: 'PCMU', payloadType: 0 }],
    dtmfPayloadType: 101,
    direction: 'recvonly',
    rtcpMux: false,
  };

  it('writes what parseSdp reads back, and refuses the other sections in their place', () => {
    const [video, audio] = parseSdp(buildSdp(options)).sections;
    expect(video).toMatchObject({ media: 'video', port: 0, formats: ['96', '97'] });
    expect(audio).toMatchObject({ port: 10_000, address: '192.0.2.9', direction: 'recvonly', rtcpMux: false });
    expect(audio?.codecs.map(({ name }) => name)).toEqual(['PCMU', 'TELEPHONE-EVENT']);
  });

  it('announces every address to a browser, best first, and bundles only its audio', () => {
    const text = buildSdp({
      ...options,
      kind: 'webrtc',
      addresses: ['198.51.100.1', '2001:db8::1'],
      sections: [
        { media: 'audio', proto: 'UDP/TLS/RTP/SAVPF', formats: ['0'], mid: 'x' },
        { media: 'application', proto: 'UDP/DTLS/SCTP', formats: ['webrtc-datachannel'], mid: 'y' },
      ],
      audio: 0,
      rtcpMux: true,
      secure: { ufrag: 'u', pwd: 'p', fingerprint: 'AB', setup: 'passive' },
    });
    const priorities = [...text.matchAll(/a=candidate:\d 1 udp (\d+) (\S+) 10000 typ host/g)];
    expect(priorities.map((match) => match[2])).toEqual(['198.51.100.1', '2001:db8::1']);
    expect(Number(priorities[0]?.[1])).toBeGreaterThan(Number(priorities[1]?.[1]));
    expect(text).toContain('a=group:BUNDLE x\r\n');
    expect(text).toContain('m=application 0 UDP/DTLS/SCTP webrtc-datachannel\r\na=mid:y');
    expect(text).toContain('a=ice-lite\r\n');
    expect(text.endsWith('\r\n')).toBe(true);
  });
});
