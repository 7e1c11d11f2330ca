import { describe, expect, it } from 'vitest';
import {
  dtmfBusy,
  newDtmfReader,
  newDtmfWriter,
  queueDtmf,
  readDtmf,
  stepDtmf,
} from '../../../../../channels/voice/media/embedded/dtmf.ts';
import { newRtpHeader } from '../../../../../channels/voice/media/embedded/rtp.ts';
import { limits } from '../../../../../channels/voice/media/limits.ts';

interface Sent {
  readonly event: number;
  readonly at: number;
  readonly duration: number;
  readonly end?: boolean;
  readonly marker?: boolean;
  readonly ssrc?: number;
}

function read(packets: readonly Sent[]): string {
  const reader = newDtmfReader();
  return packets
    .map(({ event, at, duration, end = false, marker = false, ssrc = 1 }) => {
      const packet = Buffer.from([event, end ? 0x8a : 0x0a, duration >> 8, duration & 0xff]);
      const header = { ...newRtpHeader(), timestamp: at >>> 0, marker, ssrc, payloadStart: 0, payloadEnd: 4 };
      return readDtmf(reader, packet, header) ?? '';
    })
    .join('');
}

/** A press as a telephone sends it. */
const press = (event: number, at: number): Sent[] => [
  { event, at, duration: 160, marker: true },
  { event, at, duration: 320 },
  ...Array<Sent>(3).fill({ event, at, duration: 480, end: true }),
];

describe('readDtmf', () => {
  it.each<[string, Sent[], string]>([
    ['a press', press(5, 1000), '5'],
    ['the same digit twice', [...press(5, 1000), ...press(5, 3000)], '55'],
    ['all sixteen', Array.from({ length: 16 }, (_, event) => press(event, event * 1000)).flat(), '0123456789*#ABCD'],
    ['a press whose beginning was lost', press(7, 1000).slice(2), '7'],
    ['a press whose end was lost, and the next one', [...press(7, 1000).slice(0, 2), ...press(7, 9000)], '77'],
    ['a late packet of an older press', [...press(1, 1000), ...press(2, 3000), ...press(1, 1000)], '12'],
    ['timestamps that wrap', [...press(1, 0xfffffff0), ...press(2, 0x500)], '12'],
    [
      'another source with older timestamps',
      [...press(1, 9000), ...press(2, 10).map((each) => ({ ...each, ssrc: 2 }))],
      '12',
    ],
    ['an event that is no digit', press(16, 1000), ''],
    [
      'a press of 9 s, sent in two segments',
      [
        { event: 3, at: 1000, duration: 0xffff, marker: true },
        { event: 3, at: 1000 + 0xffff, duration: 160 },
        { event: 3, at: 1000 + 0xffff, duration: 800, end: true },
      ],
      '3',
    ],
  ])('reads %s', (_, packets, digits) => {
    expect(read(packets)).toBe(digits);
  });

  it('ignores a packet without a whole event', () => {
    const header = { ...newRtpHeader(), payloadStart: 0, payloadEnd: 3 };
    expect(readDtmf(newDtmfReader(), Buffer.alloc(3), header)).toBeNull();
  });
});

describe('stepDtmf', () => {
  it('sends 160 ms a digit with three ends, and a pause of 80 ms', () => {
    const writer = newDtmfWriter();
    queueDtmf(writer, '1#');
    const steps = Array.from({ length: 24 }, () => stepDtmf(writer));
    expect(steps.map((packets) => packets.length)).toEqual([
      1, 1, 1, 1, 1, 1, 1, 3, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 3, 0, 0, 0, 0,
    ]);
    expect(steps[0]).toEqual([{ event: 1, durationSamples: 160, first: true, end: false }]);
    expect(steps[7]?.[0]).toEqual({ event: 1, durationSamples: 1280, first: false, end: true });
    expect(steps[12]?.[0]?.event).toBe(11);
    expect(dtmfBusy(writer)).toBe(false);
  });

  it('leaves out what is no digit, and what is too much', () => {
    const writer = newDtmfWriter();
    queueDtmf(writer, 'x1 a');
    expect(writer.queue).toEqual([1, 12]);
    queueDtmf(writer, '5'.repeat(1000));
    expect(writer.queue).toHaveLength(limits.dtmfQueue);
  });
});
