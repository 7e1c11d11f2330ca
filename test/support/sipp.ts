import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { g711 } from '../../channels/voice/media/embedded/g711.ts';
import { tone } from '../../demo/actors/audio.ts';
import { findFreeUdpPorts } from './free-ports.ts';

const scenarios = fileURLToPath(new URL('../fixtures/sipp', import.meta.url));

/** What a scenario says unless a test says otherwise. */
const defaults: Readonly<Record<string, string>> = {
  CALLED: '+74950000001',
  TO: '+74950000001',
  FROM: '+79161234567',
  FROM_HOST: '[local_ip]',
  DISPLAY: '"Carrier"',
  HEADERS: 'X-Carrier: test',
  CODECS: '8 0',
  DTMF_TYPE: '101',
  DIGITS: '5',
  RTP_PORT: '[media_port]',
  MEDIA: '',
  HOLD_MS: '1500',
  RING_MS: '500',
  WAIT_MS: '20000',
};

export interface SippOptions {
  readonly serverPort: number;
  /** Values of the scenario's {{NAMES}}. */
  readonly values?: Readonly<Record<string, string>>;
  readonly transport?: 'udp' | 'tcp';
  /** Hz that the caller says; otherwise it sends back what it hears. */
  readonly tone?: number;
  /** Calls, and how many begin in a second. */
  readonly calls?: number;
  readonly rate?: number;
  readonly timeoutSeconds?: number;
}

export interface SippRun {
  /** Resolves when every call went as the scenario says. @throws with what sipp complained about */
  readonly done: Promise<void>;
}

/** Starts sipp as a caller from 127.0.0.1, with a scenario of test/fixtures/sipp. */
export async function startSipp(scenario: string, options: SippOptions): Promise<SippRun> {
  const folder = mkdtempSync(join(tmpdir(), 'sipp-'));
  const { calls = 1, rate = 10, transport = 'udp', timeoutSeconds = 40 } = options;
  const values = { ...defaults, ...options.values, ...(options.tone ? sayTone(folder, options.tone) : {}) };
  const file = join(folder, `${scenario}.xml`);
  writeFileSync(file, render(readFileSync(join(scenarios, `${scenario}.xml`), 'utf8'), values));
  const [sipPort, rtpPort] = [await findFreeUdpPorts(1), await findFreeUdpPorts(4)];
  const child = spawn(
    'sipp',
    [
      ...['-sf', file, '-i', '127.0.0.1', '-mi', '127.0.0.1', '-p', `${sipPort}`, '-mp', `${rtpPort}`],
      ...['-m', `${calls}`, '-r', `${rate}`, '-t', transport === 'tcp' ? 't1' : 'u1', '-nostdin'],
      ...['-timeout', `${timeoutSeconds}`, '-timeout_error', '-trace_err', '-error_file', join(folder, 'errors')],
      ...(options.tone ? [] : ['-rtp_echo']),
      `127.0.0.1:${options.serverPort}`,
    ],
    { cwd: folder, stdio: 'ignore' },
  );
  const killWithUs = (): void => void child.kill('SIGKILL');
  process.once('exit', killWithUs);
  const end = async (): Promise<void> => {
    const [code] = await once(child, 'close');
    process.off('exit', killWithUs);
    const errors = existsSync(join(folder, 'errors')) ? readFileSync(join(folder, 'errors'), 'utf8') : '';
    rmSync(folder, { recursive: true, force: true });
    if (code !== 0) throw new Error(`sipp ${scenario} ended with ${code}: ${errors.slice(0, 2_000)}`);
  };
  const done = end();
  // Told to whoever waits for it; until then it must not end the test run.
  done.catch(() => undefined);
  return { done };
}

/** Fills in {{NAME}}: a value, or a part that may hold names itself. @throws for a name that is neither */
function render(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/\{\{([A-Z][A-Z0-9_-]*)\}\}/g, (_whole, name: string) => {
    const value = values[name];
    if (value !== undefined) return value;
    const part = join(scenarios, 'parts', `${name.toLowerCase()}.txt`);
    if (!existsSync(part)) throw new Error(`the scenario has no value for ${name}`);
    return render(readFileSync(part, 'utf8').trimEnd(), values);
  });
}

/** Sound for sipp's RTP stream: A-law without a header, repeated for ever. */
function sayTone(folder: string, frequency: number): Record<string, string> {
  const { encode } = g711.PCMA;
  const octets = Uint8Array.from(tone(frequency, 10), (sample) => encode[sample & 0xffff] ?? 0);
  const file = join(folder, 'tone.alaw');
  writeFileSync(file, octets);
  return {
    MEDIA: `<nop><action><exec rtp_stream="${file},-1,8"/></action></nop>`,
    RTP_PORT: '[rtpstream_audio_port]',
    CODECS: '8',
  };
}
