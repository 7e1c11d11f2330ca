import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readWav, tone, tonesIn, type Wav, writeWav } from '../../demo/actors/audio.ts';
import { until } from '../../demo/actors/within.ts';
import { findFreeUdpPorts } from './free-ports.ts';

export interface SoftPhoneOptions {
  readonly serverPort: number;
  /** The tone that it says, Hz. */
  readonly tone: number;
  /** Registers, and picks up by itself; without an account it only calls. */
  readonly account?: { readonly user: string; readonly secret: string };
  readonly transport?: 'udp' | 'tcp';
  /** Its own number, when it has no account; baresip only. */
  readonly number?: string;
}

/** A real soft phone without sound hardware: it says a tone from a file and writes what it hears into another. */
export interface SoftPhone {
  call(number: string): void;
  hangUp(): void;
  sendDigits(digits: string): Promise<void>;
  /** Resolves when its output has a line like this since the last command. */
  waitFor(state: 'registered' | 'talking' | 'ended', ms?: number): Promise<void>;
  /** Tones of the second in the middle of what it heard in its last call. Only after the end of the call. */
  heardTones(candidates: readonly number[]): Promise<(number | string)[]>;
  /** Idempotent. */
  close(): Promise<void>;
}

const fixtures = fileURLToPath(new URL('../fixtures', import.meta.url));
const waitMs = 15_000;

/** A phone's folder with its sound, its configuration, and free ports. */
async function prepare(options: SoftPhoneOptions, template: string, values: Readonly<Record<string, string>>) {
  const folder = mkdtempSync(join(tmpdir(), 'phone-'));
  mkdirSync(join(folder, 'heard'));
  const says = join(folder, 'says.wav');
  writeWav(says, { rate: 8000, samples: tone(options.tone, 60) });
  const rtpFirst = await findFreeUdpPorts(8);
  const all: Record<string, string> = {
    FOLDER: folder,
    SAYS: says,
    SIP_PORT: String(await findFreeUdpPorts(1)),
    RTP_FIRST: String(rtpFirst),
    RTP_LAST: String(rtpFirst + 7),
    ...values,
  };
  const text = readFileSync(join(fixtures, template), 'utf8');
  const config = text.replace(/\{\{([A-Z_]+)\}\}/g, (_whole, name: string) => all[name] ?? '');
  return { folder, says, config };
}

/** The program with its output since the last command. */
function attend(child: ChildProcess, folder: string) {
  let output = '';
  let mark = 0;
  const read = (chunk: Buffer): void => {
    output += chunk.toString();
  };
  child.stdout?.on('data', read);
  child.stderr?.on('data', read);
  const exited = once(child, 'exit');
  const killWithUs = (): void => void child.kill('SIGKILL');
  process.once('exit', killWithUs);
  let closed: Promise<void> | undefined;
  const end = async (): Promise<void> => {
    process.off('exit', killWithUs);
    child.kill('SIGKILL');
    await exited;
    rmSync(folder, { recursive: true, force: true });
  };
  return {
    read,
    all: () => output,
    mark: () => {
      mark = output.length;
    },
    waitFor: async (pattern: RegExp, what: string, ms = waitMs) => {
      await until(() => pattern.test(output.slice(mark)), ms, `"${what}" of the soft phone`).catch((error: unknown) => {
        throw new Error(`${(error as Error).message}; it said: ${output.slice(mark).slice(-1_500)}`);
      });
    },
    close: () => (closed ??= end()),
  };
}

async function tonesOf(path: string, candidates: readonly number[]): Promise<(number | string)[]> {
  const { rate, channels } = await until(() => complete(path), waitMs, 'the end of the file of what was heard');
  const samples = channels[0] ?? new Int16Array();
  const middle = Math.floor(samples.length / 2);
  return tonesIn({ rate, samples: samples.subarray(middle - rate / 2, middle + rate / 2) }, candidates);
}

/** The file, or null while the phone has not written all of it. */
function complete(path: string): Wav | null {
  try {
    return readWav(path);
  } catch {
    return null;
  }
}

/** baresip, controlled over its JSON interface. */
export async function startBaresip(options: SoftPhoneOptions): Promise<SoftPhone> {
  const { serverPort, account, transport = 'udp' } = options;
  const modules = execFileSync('dpkg', ['-L', 'baresip-core'], { encoding: 'utf8' })
    .split('\n')
    .find((path) => path.endsWith('/g711.so'));
  const controlPort = await freeTcpPort();
  const { folder, config } = await prepare(options, 'baresip.conf', {
    CONTROL_PORT: String(controlPort),
    MODULES: dirname(modules ?? ''),
  });
  const server = `127.0.0.1:${serverPort}`;
  const credentials = account ? `auth_user=${account.user};auth_pass=${account.secret};regint=120` : 'regint=0';
  writeFileSync(join(folder, 'config'), config);
  writeFileSync(join(folder, 'contacts'), '');
  writeFileSync(
    join(folder, 'accounts'),
    `<sip:${account?.user ?? options.number ?? 'caller'}@${server};transport=${transport}>;${credentials};answermode=${account ? 'auto' : 'manual'};audio_codecs=PCMA;ptime=20\n`,
  );
  const child = spawn('baresip', ['-f', folder], { stdio: ['ignore', 'pipe', 'pipe'] });
  const program = attend(child, folder);
  const control = await connectControl(controlPort);
  control.on('data', program.read);
  const tell = (command: string, params = ''): void => {
    const json = JSON.stringify({ command, params });
    control.write(`${Buffer.byteLength(json)}:${json},`);
  };
  const patterns = { registered: /REGISTER_OK/, talking: /CALL_ESTABLISHED/, ended: /CALL_CLOSED/ };
  return {
    call(number) {
      program.mark();
      tell('dial', `sip:${number}@${server};transport=${transport}`);
    },
    hangUp: () => tell('hangup'),
    async sendDigits(digits) {
      for (const digit of digits) {
        tell('sndcode', digit);
        // the phone plays one digit at a time and drops what comes meanwhile
        await new Promise((resolve) => setTimeout(resolve, 300));
      }
    },
    waitFor: (state, ms) => program.waitFor(patterns[state], state, ms),
    async heardTones(candidates) {
      const file = readdirSync(join(folder, 'heard')).find((name) => name.endsWith('-dec.wav'));
      if (!file) throw new Error('the phone heard nothing');
      return tonesOf(join(folder, 'heard', file), candidates);
    },
    async close() {
      control.destroy();
      await program.close();
    },
  };
}

/** linphonec, controlled over its standard input. */
export async function startLinphone(options: SoftPhoneOptions): Promise<SoftPhone> {
  const { serverPort, account, transport = 'udp' } = options;
  const { folder, says, config } = await prepare(options, 'linphonerc', {
    SERVER: `127.0.0.1:${serverPort}`,
    TRANSPORT: transport,
    USER: account?.user ?? 'caller',
    SECRET: account?.secret ?? '',
    REGISTERS: account ? '1' : '0',
  });
  const heard = join(folder, 'heard', 'heard.wav');
  writeFileSync(join(folder, 'linphonerc'), config);
  mkdirSync(join(folder, '.local/share/linphone'), { recursive: true });
  const child = spawn('linphonec', ['-c', join(folder, 'linphonerc'), ...(account ? ['-a'] : [])], {
    env: { ...process.env, HOME: folder },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const program = attend(child, folder);
  const tell = (command: string): void => void child.stdin.write(`${command}\n`);
  await program.waitFor(/linphonec>/, 'prompt');
  tell('soundcard use files');
  tell(`play ${says}`);
  tell(`record ${heard}`);
  const patterns = {
    registered: /registered, identity/,
    talking: /Media streams established|connected/,
    ended: /ended/,
  };
  return {
    call(number) {
      program.mark();
      tell(`call sip:${number}@127.0.0.1:${serverPort}`);
    },
    hangUp: () => tell('terminate all'),
    async sendDigits(digits) {
      for (const digit of digits) {
        tell(digit);
        await new Promise((resolve) => setTimeout(resolve, 300));
      }
    },
    async waitFor(state, ms) {
      // Of this it tells only who asks.
      const asking = state === 'registered' ? setInterval(() => tell('status register'), 200) : undefined;
      await program.waitFor(patterns[state], state, ms).finally(() => clearInterval(asking));
    },
    heardTones(candidates) {
      // Its header counts its own 44 bytes as sound.
      const file = readFileSync(heard);
      file.writeUInt32LE(file.length - 44, 40);
      writeFileSync(heard, file);
      return tonesOf(heard, candidates);
    },
    close: program.close,
  };
}

async function freeTcpPort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}

/** baresip opens its control port some moments after its start. */
async function connectControl(port: number): Promise<Socket> {
  return until(
    () =>
      new Promise<Socket | null>((resolve) => {
        const socket = connect(port, '127.0.0.1', () => resolve(socket));
        socket.on('error', () => resolve(null));
      }),
    waitMs,
    'the control connection to baresip',
  );
}
