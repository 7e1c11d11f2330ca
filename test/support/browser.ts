import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { absentBelow, heardAbove, tone, writeWav } from '../../demo/actors/audio.ts';

/** A headless Chromium with a tone for a microphone and a profile of its own. */
export interface TestBrowser {
  readonly context: BrowserContext;
  readonly page: Page;
  /** As a crash would: the process is gone, and nothing is said to anybody. Call `close` all the same. */
  kill(): void;
  /** Idempotent. */
  close(): Promise<void>;
}

export interface TestBrowserOptions {
  /** The tone that its microphone hears, Hz. */
  readonly microphone: number;
  /** Opened at once; about:blank otherwise. */
  readonly url?: string;
  readonly arguments?: readonly string[];
}

const flags = [
  '--headless=new',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--use-fake-device-for-media-stream',
  '--use-fake-ui-for-media-stream',
  '--autoplay-policy=no-user-gesture-required',
  // Without it, WebRTC does not use the loopback interface.
  '--allow-loopback-in-peer-connection',
];

/** Starts Chromium; CHROMIUM_PATH names another than Debian's. Loads the tone meter into every page. */
export async function launchBrowser(options: TestBrowserOptions): Promise<TestBrowser> {
  const profile = mkdtempSync(join(tmpdir(), 'browser-'));
  const microphone = join(profile, 'microphone.wav');
  writeWav(microphone, { rate: 48_000, samples: tone(options.microphone, 20, 48_000) });
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium',
    // Playwright's own headless switch picks the old mode; the flag above picks the real browser.
    headless: false,
    permissions: ['microphone'],
    args: [...flags, `--use-file-for-fake-audio-capture=${microphone}`, ...(options.arguments ?? [])],
  });
  await context.addInitScript(toneMeterSource);
  const page = context.pages()[0] ?? (await context.newPage());
  if (options.url) await page.goto(options.url);
  let closed = false;
  return {
    context,
    page,
    kill: () => process.kill(processOf(profile), 'SIGKILL'),
    async close() {
      if (closed) return;
      closed = true;
      await context.close();
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** The browser's own process, not those that it started: by its profile, which nobody else has. */
function processOf(profile: string): number {
  const found = readdirSync('/proc').find((entry) => {
    if (!/^\d+$/.test(entry)) return false;
    const words = argumentsOf(entry);
    return words.includes(`--user-data-dir=${profile}`) && !words.some((word) => word.startsWith('--type='));
  });
  if (found === undefined) throw new Error('the browser does not run');
  return Number(found);
}

function argumentsOf(pid: string): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    // it ended meanwhile
    return [];
  }
}

/** Serves one empty page on 127.0.0.1, as the microphone is only given to pages with an origin. */
export async function serveEmptyPage(): Promise<{ url: string; close(): void }> {
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html');
    response.end('<!doctype html><title>test</title>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/`, close: () => void server.close() };
}

/**
 * Runs inside the page. `toneMeter.amplitudes(stream, seconds, frequencies)` listens to a MediaStream and returns the
 * amplitude (0-1) of each frequency. Where a page keeps its streams to itself, the streams of all audio elements and of
 * all RTCPeerConnections of the page are in `toneMeter.streams()`.
 */
const toneMeterSource = `(() => {
  const connections = [];
  const Original = window.RTCPeerConnection;
  if (!Original || window.toneMeter) return;
  window.RTCPeerConnection = class extends Original {
    constructor(...args) {
      super(...args);
      connections.push(this);
    }
  };
  const amplitude = (samples, rate, frequency) => {
    const coefficient = 2 * Math.cos((2 * Math.PI * frequency) / rate);
    let previous = 0;
    let beforePrevious = 0;
    for (const sample of samples) {
      const current = sample + coefficient * previous - beforePrevious;
      beforePrevious = previous;
      previous = current;
    }
    const power = previous ** 2 + beforePrevious ** 2 - coefficient * previous * beforePrevious;
    return (2 * Math.sqrt(Math.max(power, 0))) / samples.length;
  };
  const capture = async (stream, seconds) => {
    // A remote stream is silent in Web Audio unless an element plays it too.
    const element = new Audio();
    element.srcObject = stream;
    element.muted = true;
    await element.play();
    const context = new AudioContext({ sampleRate: 48000 });
    await context.resume();
    const source = context.createMediaStreamSource(stream);
    const tap = context.createScriptProcessor(4096, 1, 1);
    const mute = context.createGain();
    mute.gain.value = 0;
    const blocks = [];
    // The first blocks hold what was buffered before.
    const skip = 3;
    const wanted = skip + Math.ceil((seconds * 48000) / 4096);
    await new Promise((resolve) => {
      tap.onaudioprocess = (event) => {
        blocks.push(new Float32Array(event.inputBuffer.getChannelData(0)));
        if (blocks.length >= wanted) resolve();
      };
      source.connect(tap);
      tap.connect(mute);
      mute.connect(context.destination);
    });
    source.disconnect();
    tap.disconnect();
    await context.close();
    element.srcObject = null;
    const samples = new Float32Array((blocks.length - skip) * 4096);
    blocks.slice(skip).forEach((block, i) => samples.set(block, i * 4096));
    return samples;
  };
  const streams = () =>
    connections
      .filter((connection) => connection.connectionState === 'connected')
      .map((connection) => new MediaStream(connection.getReceivers().map((receiver) => receiver.track).filter((track) => track.kind === 'audio')));
  window.toneMeter = {
    connections,
    streams,
    capture,
    async amplitudes(stream, seconds, frequencies) {
      const samples = await capture(stream, seconds);
      return frequencies.map((frequency) => amplitude(samples, 48000, frequency));
    },
    /** Amplitudes in consecutive windows of 40 ms, for short sounds. */
    async windows(stream, seconds, frequencies) {
      const samples = await capture(stream, seconds);
      const result = [];
      for (let at = 0; at + 1920 <= samples.length; at += 1920) {
        const part = samples.subarray(at, at + 1920);
        result.push(frequencies.map((frequency) => amplitude(part, 48000, frequency)));
      }
      return result;
    },
  };
})();`;

interface ToneMeter {
  readonly connections: RTCPeerConnectionLike[];
  streams(): unknown[];
  amplitudes(stream: unknown, seconds: number, frequencies: readonly number[]): Promise<number[]>;
}
interface RTCPeerConnectionLike {
  readonly connectionState: string;
}

/**
 * Which of the frequencies (Hz) the page hears on its newest connected call, judged as by `tonesIn` of audio.ts.
 * @throws when no peer connection of the page is connected
 */
export async function tonesInBrowser(
  page: Page,
  candidates: readonly number[],
  seconds = 0.8,
): Promise<(number | string)[]> {
  const amplitudes = await page.evaluate(
    async ([frequencies, length]) => {
      const { toneMeter } = globalThis as unknown as { toneMeter: ToneMeter };
      const stream = toneMeter.streams().at(-1);
      if (!stream) throw new Error('no call is connected in this page');
      return toneMeter.amplitudes(stream, length, frequencies);
    },
    [candidates, seconds] as const,
  );
  return candidates.flatMap((frequency, i): (number | string)[] => {
    const amplitude = amplitudes[i] ?? 0;
    if (amplitude > heardAbove) return [frequency];
    return amplitude < absentBelow ? [] : [`${frequency} Hz at ${amplitude.toFixed(3)}`];
  });
}
