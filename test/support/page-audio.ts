import type { Page } from 'playwright-core';

/** Whether the page hears something that is not the agent (who says one tone, Hz), for half a second at least. */
export function listenForComfort(
  on: Page,
  { seconds, agent }: { readonly seconds: number; readonly agent: number },
): Promise<boolean> {
  return on.evaluate(
    async ([length, tone, wantedFrames]) => {
      const { toneMeter } = globalThis as unknown as {
        toneMeter: {
          streams(): unknown[];
          capture(stream: unknown, seconds: number): Promise<Float32Array>;
        };
      };
      const samples = await toneMeter.capture(toneMeter.streams().at(-1), length);
      const frame = 960;
      let others = 0;
      for (let at = 0; at + frame <= samples.length; at += frame) {
        let energy = 0;
        let real = 0;
        let imaginary = 0;
        for (let i = 0; i < frame; i++) {
          const sample = samples[at + i] ?? 0;
          energy += sample * sample;
          real += sample * Math.cos((2 * Math.PI * tone * i) / 48_000);
          imaginary += sample * Math.sin((2 * Math.PI * tone * i) / 48_000);
        }
        const loudness = Math.sqrt(energy / frame);
        // of a pure tone it is 1.4 times the loudness
        const amplitude = (2 * Math.hypot(real, imaginary)) / frame;
        others = loudness > 0.005 && amplitude < 0.7 * loudness ? others + 1 : 0;
        if (others >= wantedFrames) return true;
      }
      return false;
    },
    [seconds, agent, 25] as const,
  );
}

/** Takes the microphone of a page off its newest call, or puts it back: packets stop, the call stays. */
export const cutMicrophone = (on: Page, cut: boolean): Promise<void> =>
  on.evaluate(async (isCut) => {
    const scope = globalThis as unknown as {
      toneMeter: {
        connections: { getSenders(): { track: unknown; replaceTrack(track: unknown): Promise<void> }[] }[];
      };
      cutTrack?: unknown;
    };
    const sender = scope.toneMeter.connections.at(-1)?.getSenders()[0];
    if (isCut) scope.cutTrack = sender?.track;
    await sender?.replaceTrack(isCut ? null : scope.cutTrack);
  }, cut);

/** How loud it rings on each chosen output, by its label: the largest amplitude of the ring's notes there. */
export const ringsByOutput = (on: Page): Promise<Record<string, number>> =>
  on.evaluate(
    async (notes) => {
      interface Sounding {
        readonly srcObject: unknown;
        readonly sinkId: string;
        readonly paused: boolean;
      }
      const scope = globalThis as unknown as {
        document: { querySelectorAll(selector: string): Iterable<Sounding> };
        navigator: { mediaDevices: { enumerateDevices(): Promise<{ deviceId: string; label: string }[]> } };
        toneMeter: { amplitudes(stream: unknown, seconds: number, notes: readonly number[]): Promise<number[]> };
      };
      const devices = await scope.navigator.mediaDevices.enumerateDevices();
      const playing = [...scope.document.querySelectorAll('audio')].filter((one) => one.srcObject && !one.paused);
      const loud = await Promise.all(
        playing.map(async (one) => Math.max(...(await scope.toneMeter.amplitudes(one.srcObject, 3, notes)))),
      );
      return Object.fromEntries(
        playing.map((one, i) => [devices.find(({ deviceId }) => deviceId === one.sinkId)?.label ?? '', loud[i] ?? 0]),
      ) as Record<string, number>;
    },
    [659, 784, 988, 1175],
  );
