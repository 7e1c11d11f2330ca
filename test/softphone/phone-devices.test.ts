import { describe, expect, it } from 'vitest';
import { defaultOf, findDevice, readChoice, readDevices } from '../../softphone/phone/audio-devices.ts';
import { defaultSound, readSound } from '../../softphone/phone/sound-settings.ts';

const info = (kind: string, deviceId: string, label: string) => ({ kind, deviceId, label });

describe('devices as the browser lists them', () => {
  const infos = [
    info('audioinput', 'default', 'Default - Headset'),
    info('audioinput', 'communications', 'Communications - Headset'),
    info('audioinput', 'm1', 'Headset'),
    info('audioinput', 'm2', 'Webcam'),
    info('audiooutput', 'o1', 'Headset'),
    info('videoinput', 'v1', 'Webcam'),
  ];

  it('are microphones and outputs, without the roles that the system gives them', () => {
    expect(readDevices(infos)).toEqual({
      microphones: [
        { id: 'm1', label: 'Headset' },
        { id: 'm2', label: 'Webcam' },
      ],
      outputs: [{ id: 'o1', label: 'Headset' }],
    });
    expect(defaultOf(infos, 'audioinput')).toBe('Default - Headset');
    expect(defaultOf(infos, 'audiooutput')).toBe('');
  });

  it('have no id before the microphone is allowed, and count as none', () => {
    expect(readDevices([info('audioinput', '', '')])).toEqual({ microphones: [], outputs: [] });
  });

  it('are bounded in number and in the length of their names', () => {
    const many = Array.from({ length: 500 }, (_, i) => info('audioinput', `m${i}`, 'x'.repeat(5000)));
    const { microphones } = readDevices(many);
    expect(microphones.length).toBeLessThanOrEqual(32);
    expect(microphones[0]?.label.length).toBeLessThanOrEqual(200);
  });
});

describe('a chosen device', () => {
  const plugged = [
    { id: 'a', label: 'Headset' },
    { id: 'b', label: 'Webcam' },
  ];
  it.each([
    [{ id: 'b', label: 'Webcam' }, 'b'],
    // another browser, or cleared cookies: the id is new, the label is not
    [{ id: 'old', label: 'Headset' }, 'a'],
    // the id wins over a label that two devices share
    [{ id: 'b', label: 'Headset' }, 'b'],
    [{ id: 'gone', label: 'Speakers' }, undefined],
    [{ id: 'gone', label: '' }, undefined],
  ])('%j is %s', (choice, id) => {
    expect(findDevice(choice, plugged)?.id).toBe(id);
  });

  it.each([undefined, null, 'Headset', {}, { id: '', label: 'x' }, { id: 1, label: 'x' }, { id: 'a' }])(
    'kept as %j is no choice',
    (kept) => {
      expect(readChoice(kept)).toBeNull();
    },
  );
});

describe('sound settings', () => {
  it('come back as they were kept', () => {
    const kept = {
      microphone: { id: 'm', label: 'Headset' },
      speaker: null,
      secondRing: { id: 'default', label: '' },
      ringVolume: 0.2,
      secondRingVolume: 1,
      messageVolume: 0,
      silentRing: true,
    };
    expect(readSound(JSON.parse(JSON.stringify(kept)) as Record<string, unknown>)).toEqual(kept);
  });
  it('fall back to the default one by one', () => {
    expect(readSound({})).toEqual(defaultSound);
    expect(
      readSound({ ringVolume: 7, messageVolume: 'loud', silentRing: 1, microphone: 5, secondRingVolume: 0.3 }),
    ).toEqual({
      ...defaultSound,
      secondRingVolume: 0.3,
    });
  });
});
