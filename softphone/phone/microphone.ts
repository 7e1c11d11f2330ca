import { type DeviceChoice, findDevice } from './audio-devices.ts';
import type { DeviceWatch } from './device-watch.ts';

/** `asking`: the browser shows its permission question. `missing`: there is no device. */
export type MicrophoneState = 'closed' | 'asking' | 'live' | 'denied' | 'missing';

/**
 * What became of a choice. `missing`: it is not plugged in, the system's default stands in for it. `failed`: it could not
 * be opened, what was open before still is.
 */
export type ChoiceState = 'ok' | 'missing' | 'failed';

export interface Microphone {
  state(): MicrophoneState;
  choiceState(): ChoiceState;
  /** Takes another microphone; null = the system's default. Until it is open the old one goes on. */
  choose(choice: DeviceChoice): void;
  /** What is plugged in has changed: the chosen one may be gone or back, or another one the default. */
  devicesChanged(): void;
  /** Asks for the microphone when it is not open yet. Never throws: look at the state. */
  open(): Promise<MicrophoneState>;
  /** A track of its own for one call. @throws Error when there is no microphone. */
  openTrack(): Promise<MediaStreamTrack>;
  /** How loud it is now, 0 to 1. */
  level(): number;
  close(): void;
}

const CONSTRAINTS: MediaTrackConstraints = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };

/** Speech near a headset has a root mean square of about a quarter of full scale: that fills the meter. */
const FULL_METER_RMS = 0.25;

export interface MicrophoneOptions {
  readonly audio: () => AudioContext;
  readonly devices: Pick<DeviceWatch, 'list' | 'defaultMicrophone' | 'refresh'>;
  /** The state changed. */
  readonly onChange: () => void;
  /** Another device is open: calls must take a new track. */
  readonly onTrack: () => void;
}

/** What is wanted: a plugged-in device by its id, or the default, by its present name. */
interface Wanted {
  readonly id: string | null;
  readonly key: string;
}

/**
 * The one open microphone of this tab. It stays open during the shift, so that answering takes no time and the meter can
 * prove that it works before a client is on the line. A device that cannot be opened never costs the one that is.
 */
export function createMicrophone({ audio, devices, onChange, onTrack }: MicrophoneOptions): Microphone {
  let state: MicrophoneState = 'closed';
  let choice: DeviceChoice = null;
  /** What could not be opened; not tried again before something changes. */
  let failedKey: string | undefined;
  let stream: MediaStream | undefined;
  /** What the open stream was opened for. */
  let openedKey: string | undefined;
  let analyser: AnalyserNode | undefined;
  let opening: Promise<MicrophoneState> | undefined;
  let samples = new Float32Array(0);

  const isAlive = (): boolean => stream?.getAudioTracks()[0]?.readyState === 'live';

  function set(next: MicrophoneState): MicrophoneState {
    state = next;
    onChange();
    return next;
  }

  function wanted(): Wanted {
    const found = choice === null ? undefined : findDevice(choice, devices.list().microphones);
    return found === undefined
      ? { id: null, key: `default ${devices.defaultMicrophone()}` }
      : { id: found.id, key: found.id };
  }

  function adopt(fresh: MediaStream): void {
    release();
    stream = fresh;
    const track = fresh.getAudioTracks()[0];
    // pulled out: the browser ends the track before it says what is left
    if (track !== undefined) track.onended = () => void devices.refresh().then(() => open());
    const context = audio();
    analyser = context.createAnalyser();
    analyser.fftSize = 512;
    samples = new Float32Array(analyser.fftSize);
    context.createMediaStreamSource(fresh).connect(analyser);
  }

  function release(): void {
    for (const track of stream?.getTracks() ?? []) {
      track.onended = null;
      track.stop();
    }
    analyser?.disconnect();
    stream = undefined;
    analyser = undefined;
  }

  async function take(want: Wanted): Promise<void> {
    const device = want.id === null ? {} : { deviceId: { exact: want.id } };
    const fresh = await navigator.mediaDevices.getUserMedia({ audio: { ...CONSTRAINTS, ...device } });
    adopt(fresh);
    openedKey = want.key;
  }

  async function ask(): Promise<MicrophoneState> {
    if (navigator.mediaDevices === undefined) return set('missing');
    if (!isAlive()) set('asking');
    const want = wanted();
    try {
      await take(want);
      failedKey = undefined;
    } catch (error) {
      failedKey = want.key;
      return set(await takeSpare(want, error));
    }
    set('live');
    onTrack();
    // names are given away only now that the microphone is allowed; one of them may be the chosen one's
    await devices.refresh();
    const now = wanted();
    if (want.id === null && now.id === null) openedKey = now.key;
    return state;
  }

  /** What there is goes on; when there is nothing, the default is better than silence. */
  async function takeSpare(want: Wanted, error: unknown): Promise<MicrophoneState> {
    if (isAlive()) {
      openedKey = want.key;
      return 'live';
    }
    release();
    if (want.id === null || isRefused(error)) return isRefused(error) ? 'denied' : 'missing';
    try {
      await take({ id: null, key: want.key });
    } catch (second) {
      return isRefused(second) ? 'denied' : 'missing';
    }
    onTrack();
    return 'live';
  }

  function open(): Promise<MicrophoneState> {
    opening ??= ask().finally(() => {
      opening = undefined;
      // the wish changed while the browser was busy
      if (state === 'live' && openedKey !== wanted().key) void open();
    });
    return opening;
  }

  /** Opens another device when the open one is no longer what is wanted. */
  function follow(): void {
    if (state === 'missing') void open();
    if (state !== 'live' || opening !== undefined) return;
    if (!isAlive() || openedKey !== wanted().key) void open();
  }

  return {
    state: () => state,
    choiceState() {
      const want = wanted();
      if (failedKey === want.key) return 'failed';
      return choice !== null && want.id === null && state === 'live' ? 'missing' : 'ok';
    },
    choose(next) {
      choice = next;
      follow();
      onChange();
    },
    devicesChanged: follow,
    open: () => (isAlive() ? Promise.resolve(state) : open()),
    async openTrack() {
      if (!isAlive()) await open();
      const track = stream?.getAudioTracks()[0];
      if (track === undefined) throw new Error('no microphone');
      return track.clone();
    },
    level() {
      if (analyser === undefined) return 0;
      analyser.getFloatTimeDomainData(samples);
      let sum = 0;
      for (const sample of samples) sum += sample * sample;
      return Math.min(1, Math.sqrt(sum / samples.length) / FULL_METER_RMS);
    },
    close() {
      release();
      state = 'closed';
    },
  };
}

const isRefused = (error: unknown): boolean => error instanceof DOMException && error.name === 'NotAllowedError';
