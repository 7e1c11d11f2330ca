import type { BrowserContext, Page } from 'playwright-core';

/** A microphone that a test plugs in: each says a tone of its own, so that they can be told apart by ear. */
export interface FakeMicrophone {
  readonly id: string;
  readonly label: string;
  /** Hz. */
  readonly tone: number;
}

/**
 * Gives the pages of a browser these microphones besides the default one, from their next load on. Loudspeakers stay those
 * of the browser (Chromium's fake ones, which can really be chosen).
 */
export async function addFakeMicrophones(
  context: BrowserContext,
  microphones: readonly FakeMicrophone[],
): Promise<void> {
  await context.addInitScript(installMicrophones, microphones);
}

/** What a hand does to a plug; `break`: it is there, but cannot be opened (another program has it). */
export type PlugChange = 'plug' | 'unplug' | 'break';

/** Plugs a microphone in or pulls it out while the page looks on. */
export async function changePlug(page: Page, change: PlugChange, id: string): Promise<void> {
  await page.evaluate(
    ([what, which]) => {
      const { fakePlugs } = globalThis as unknown as { fakePlugs: { change(what: string, id: string): void } };
      fakePlugs.change(what, which);
    },
    [change, id] as const,
  );
}

interface Track {
  readonly readyState: string;
  stop(): void;
  dispatchEvent(event: unknown): void;
}
interface Stream {
  getAudioTracks(): Track[];
}
interface Media {
  getUserMedia(constraints: { audio?: { deviceId?: { exact?: string } } }): Promise<Stream>;
  enumerateDevices(): Promise<{ kind: string; deviceId: string }[]>;
  dispatchEvent(event: unknown): void;
}
interface Browser {
  readonly navigator: { readonly mediaDevices?: Media };
  readonly AudioContext: new () => {
    createOscillator(): { frequency: { value: number }; connect(to: unknown): void; start(): void };
    createGain(): { gain: { value: number }; connect(to: unknown): void };
    createMediaStreamDestination(): { readonly stream: Stream };
    close(): Promise<void>;
  };
  readonly DOMException: new (text: string, name: string) => Error;
}

/** Runs in the page: nothing of this file's scope exists there. */
function installMicrophones(microphones: readonly FakeMicrophone[]): void {
  const browser = globalThis as unknown as Browser;
  const media = browser.navigator.mediaDevices;
  if (!media) return;
  const take = media.getUserMedia.bind(media);
  const list = media.enumerateDevices.bind(media);
  const states = new Map(microphones.map(({ id }) => [id, 'plug']));
  const open = new Map<string, { readonly stream: Stream; readonly end: () => void }[]>();

  media.enumerateDevices = async () => [
    ...(await list()).filter(({ kind, deviceId }) => kind !== 'audioinput' || deviceId === 'default'),
    ...microphones
      .filter(({ id }) => states.get(id) !== 'unplug')
      .map(({ id, label }) => ({ kind: 'audioinput', deviceId: id, label, groupId: id })),
  ];
  media.getUserMedia = async (constraints) => {
    const wanted = constraints.audio?.deviceId?.exact;
    const microphone = microphones.find(({ id }) => id === wanted);
    if (!microphone) return take(constraints);
    const state = states.get(microphone.id);
    if (state === 'unplug') throw new browser.DOMException('no such device', 'NotFoundError');
    if (state === 'break') throw new browser.DOMException('could not start the source', 'NotReadableError');
    const context = new browser.AudioContext();
    const tone = context.createOscillator();
    const level = context.createGain();
    const out = context.createMediaStreamDestination();
    tone.frequency.value = microphone.tone;
    level.gain.value = 0.5;
    tone.connect(level);
    level.connect(out);
    tone.start();
    const streams = open.get(microphone.id) ?? [];
    open.set(microphone.id, [...streams, { stream: out.stream, end: () => void context.close() }]);
    return out.stream;
  };
  Object.assign(globalThis, {
    fakePlugs: {
      change(what: string, id: string) {
        states.set(id, what);
        if (what === 'unplug') {
          for (const { stream, end } of open.get(id) ?? []) {
            for (const track of stream.getAudioTracks()) {
              if (track.readyState !== 'live') continue;
              track.stop();
              track.dispatchEvent(new Event('ended'));
            }
            end();
          }
          open.delete(id);
        }
        media.dispatchEvent(new Event('devicechange'));
      },
    },
  });
}
