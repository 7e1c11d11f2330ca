import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MediaError } from '../../../../../channels/voice/media/engine.ts';
import { limits } from '../../../../../channels/voice/media/limits.ts';
import { parseSdp } from '../../../../../channels/voice/media/sdp/parse.ts';

const head = ['v=0', 'o=- 1 1 IN IP4 192.0.2.1', 's=-', 't=0 0'];
const sdp = (...lines: string[]): string => [...head, ...lines, ''].join('\r\n');
const audio = (...lines: string[]) => parseSdp(sdp('m=audio 4000 RTP/AVP 0', ...lines)).sections[0];

describe('parseSdp', () => {
  it('reads a gateway offer with session-level connection and static payload types', () => {
    const [section] = parseSdp(
      sdp('c=IN IP4 192.0.2.7', 'm=audio 49170 RTP/AVP 8 0 18 101', 'a=rtpmap:101 telephone-event/8000', 'a=sendonly'),
    ).sections;
    expect(section).toMatchObject({ media: 'audio', port: 49170, address: '192.0.2.7', direction: 'sendonly' });
    expect(section?.codecs.map(({ name, payloadType }) => [name, payloadType])).toEqual([
      ['PCMA', 8],
      ['PCMU', 0],
      ['TELEPHONE-EVENT', 101],
    ]);
  });

  it.each([
    ['bare line feeds', head.join('\n').concat('\nm=audio 4000 RTP/AVP 0\nc=IN IP4 192.0.2.9\n'), '192.0.2.9'],
    ['carriage returns alone', head.join('\r').concat('\rm=audio 4000 RTP/AVP 0\rc=IN IP4 192.0.2.9\r'), '192.0.2.9'],
    ['an IPv6 address', sdp('m=audio 4000 RTP/AVP 0', 'c=IN IP6 2001:db8::7'), '2001:db8::7'],
    ['a TTL behind the address', sdp('m=audio 4000 RTP/AVP 0', 'c=IN IP4 192.0.2.9/127'), '192.0.2.9'],
    ['a multicast address', sdp('m=audio 4000 RTP/AVP 0', 'c=IN IP4 239.1.2.3'), ''],
    ['the broadcast address', sdp('m=audio 4000 RTP/AVP 0', 'c=IN IP4 255.255.255.255'), ''],
    ['an IPv6 multicast address', sdp('m=audio 4000 RTP/AVP 0', 'c=IN IP6 ff02::1'), ''],
    ['a host name', sdp('m=audio 4000 RTP/AVP 0', 'c=IN IP4 media.example.com'), ''],
    ['no connection line', sdp('m=audio 4000 RTP/AVP 0'), ''],
  ])('takes %s', (_, text, address) => {
    expect(parseSdp(text).sections[0]?.address).toBe(address);
  });

  it('lets a section override what the session says', () => {
    const [section] = parseSdp(
      sdp(
        'c=IN IP4 192.0.2.1',
        'a=inactive',
        'a=ice-ufrag:outer',
        'm=audio 9 RTP/AVP 0',
        'a=sendrecv',
        'a=ice-ufrag:inner',
      ),
    ).sections;
    expect(section).toMatchObject({ direction: 'sendrecv', iceUfrag: 'inner', address: '192.0.2.1' });
  });

  it('keeps sections apart', () => {
    const sections = parseSdp(
      sdp('m=audio 4000 RTP/AVP 0', 'a=mid:a', 'm=video 0 RTP/AVP 96', 'a=mid:v', 'a=recvonly'),
    ).sections;
    expect(sections.map(({ media, mid, port }) => [media, mid, port])).toEqual([
      ['audio', 'a', 4000],
      ['video', 'v', 0],
    ]);
    expect(sections[0]?.direction).toBe('sendrecv');
  });

  it.each([
    ['a=rtpmap:200 PCMU/8000', { codecs: 1 }],
    ['a=rtpmap:0 PCMA/8000', { codecs: 1 }],
    ['a=rtpmap:junk', { codecs: 1 }],
    ['a=constructor:1', { codecs: 1 }],
    ['a=__proto__', { codecs: 1 }],
    ['a=', { codecs: 1 }],
    ['a=rtcp:99999999', { codecs: 1 }],
    ['a=setup:root', { codecs: 1 }],
    ['a=ice-ufrag:x y', { codecs: 1 }],
    ['a=fingerprint:sha-256 AB:CD', { codecs: 1 }],
    ['a=fingerprint:md5 AB:CD', { codecs: 1 }],
  ])('skips what it does not understand: %s', (line) => {
    expect(audio(line)).toMatchObject({ setup: undefined, iceUfrag: undefined, fingerprints: [], rtcpPort: undefined });
    expect(audio(line)?.codecs).toHaveLength(1);
  });

  it.each([
    ['nothing', ''],
    ['another protocol', 'GET / HTTP/1.1'],
    ['a port beyond 65535', sdp('m=audio 65536 RTP/AVP 0')],
    ['a port that is no number', sdp('m=audio port RTP/AVP 0')],
    ['an m= line without fields', sdp('m=')],
    ['upper-case media', sdp('m=Audio 4000 RTP/AVP 0')],
    ['an odd transport', sdp('m=audio 4000 RTP<script> 0')],
    ['odd formats', sdp('m=audio 4000 RTP/AVP <b>')],
    [
      'too many formats',
      sdp(
        `m=audio 4000 RTP/AVP ${Array(limits.sdpFormats + 1)
          .fill('0')
          .join(' ')}`,
      ),
    ],
    ['too many sections', sdp(...Array(limits.sdpSections + 1).fill('m=audio 4000 RTP/AVP 0'))],
    ['too many lines', sdp(...Array(limits.sdpLines).fill('a=x'))],
    ['too many octets', sdp(`a=${'x'.repeat(limits.sdpBytes)}`)],
  ])('refuses %s', (_, text) => {
    expect(() => parseSdp(text)).toThrow(expect.objectContaining({ code: 'bad_sdp' }));
  });

  it('answers any text with a description or a MediaError', () => {
    const line = fc.oneof(
      fc.string({ maxLength: 60 }),
      fc
        .tuple(fc.constantFrom('m=audio ', 'a=rtpmap:', 'a=fmtp:', 'c=IN IP4 ', 'a=mid:', 'a=rtcp:'), fc.string())
        .map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 40 }), (lines) => {
        try {
          parseSdp(['v=0', ...lines].join('\r\n'));
        } catch (error) {
          expect(error).toBeInstanceOf(MediaError);
        }
      }),
    );
  });
});
