/** `asking`: the browser shows its permission question. `missing`: there is no device. */
export type MicrophoneState = 'closed' | 'asking' | 'live' | 'denied' | 'missing';

export interface Microphone {
  state(): MicrophoneState;
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

function stateOfError(error: unknown): MicrophoneState {
  return error instanceof DOMException && error.name === 'NotAllowedError' ? 'denied' : 'missing';
}

/**
 * The one open microphone of this tab. It stays open during the shift, so that answering takes no time and the meter can
 * prove that it works before a client is on the line. A new default device (headset plugged in) replaces it.
 * @param onChange the state changed, or the device did: calls must take a new track.
 */
export function createMicrophone(audio: () => AudioContext, onChange: () => void): Microphone {
  let state: MicrophoneState = 'closed';
  let stream: MediaStream | undefined;
  let analyser: AnalyserNode | undefined;
  let opening: Promise<MicrophoneState> | undefined;
  let samples = new Float32Array(0);

  function set(next: MicrophoneState): MicrophoneState {
    state = next;
    onChange();
    return next;
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

  async function ask(): Promise<MicrophoneState> {
    if (navigator.mediaDevices === undefined) return set('missing');
    set('asking');
    try {
      const fresh = await navigator.mediaDevices.getUserMedia({ audio: CONSTRAINTS });
      release();
      stream = fresh;
      const track = fresh.getAudioTracks()[0];
      if (track !== undefined) track.onended = () => void open();
      const context = audio();
      analyser = context.createAnalyser();
      analyser.fftSize = 512;
      samples = new Float32Array(analyser.fftSize);
      context.createMediaStreamSource(fresh).connect(analyser);
      return set('live');
    } catch (error) {
      release();
      return set(stateOfError(error));
    }
  }

  function open(): Promise<MicrophoneState> {
    opening ??= ask().finally(() => {
      opening = undefined;
    });
    return opening;
  }

  const isAlive = (): boolean => stream?.getAudioTracks()[0]?.readyState === 'live';
  const onDevices = (): void => {
    if (state === 'live' || state === 'missing') void open();
  };
  navigator.mediaDevices?.addEventListener('devicechange', onDevices);

  return {
    state: () => state,
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
      navigator.mediaDevices?.removeEventListener('devicechange', onDevices);
      release();
      state = 'closed';
    },
  };
}
