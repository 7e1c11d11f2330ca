import { describe, expect, it } from 'vitest';
import { g711 } from '../../../../../channels/voice/media/embedded/g711.ts';
import { newRtpHeader } from '../../../../../channels/voice/media/embedded/rtp.ts';
import {
  isSpeaking,
  newVoiceActivity,
  noteVoice,
} from '../../../../../channels/voice/media/embedded/voice-activity.ts';

const { decode, encode } = g711.PCMA;

/** A line on which every packet of 20 ms has a level in dBFS. */
function line() {
  const activity = newVoiceActivity();
  let n = 0;
  return {
    activity,
    nowMs: () => n * 20,
    /** Says `ms` at a level; the share of that time in which it counted as speaking. */
    say(ms: number, decibels: number): number {
      const peak = 32_768 * Math.SQRT2 * 10 ** (decibels / 20);
      let speaking = 0;
      for (let end = n + ms / 20; n < end; n++) {
        const packet = Buffer.alloc(160);
        // 425 Hz has no period that fits a packet.
        for (let i = 0; i < 160; i++)
          packet[i] = encode[Math.round(peak * Math.sin((n * 160 + i) * 0.3338)) & 0xffff] as number;
        const header = { ...newRtpHeader(), sequence: n & 0xffff, payloadEnd: 160 };
        noteVoice(activity, packet, header, decode, n * 20);
        if (isSpeaking(activity, n * 20)) speaking++;
      }
      return speaking / (ms / 20);
    },
  };
}

describe('voice', () => {
  it.each([
    ['a still line', -75, -30],
    ['a usual line', -55, -32],
    ['a noisy line', -42, -24],
  ])('is told from the noise of %s, in words with pauses', (_, noise, voice) => {
    const { say, activity, nowMs } = line();
    say(3000, noise);
    expect(say(1000, noise)).toBe(0);
    for (let word = 0; word < 10; word++) {
      expect(say(500, voice)).toBeGreaterThan(0.9);
      say(200, noise);
    }
    const endedAt = nowMs() - 200;
    say(3000, noise);
    expect(Math.abs(activity.lastVoiceAt - endedAt)).toBeLessThanOrEqual(40);
    expect(say(1000, noise)).toBe(0);
  });

  it('is heard in the first packets', () => {
    const { say } = line();
    expect(say(200, -28)).toBe(1);
  });

  it('does not end when it is loud and knows no pause', () => {
    const { say } = line();
    expect(say(10_000, -20)).toBe(1);
  });

  it('is not the noise of a line that has become worse', () => {
    const { say } = line();
    say(3000, -60);
    say(3000, -40);
    expect(say(5000, -40)).toBe(0);
  });

  it('is nothing without packets', () => {
    const { activity } = line();
    expect([activity.lastVoiceAt, isSpeaking(activity, 0)]).toEqual([Number.NEGATIVE_INFINITY, false]);
  });
});
