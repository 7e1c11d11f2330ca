import type {
  LegEndReason,
  LegEvent,
  LegSound,
  RecordingStart,
  RingAgentOptions,
  VoiceChannel,
} from '../../../channels/channel.ts';
import type { Clock } from '../../../server/kernel/clock.ts';
import type { CallId, LegId } from '../../../server/kernel/ids.ts';

/** A leg as the wire has it, until its end was told. */
export interface WireLeg {
  readonly callId: CallId;
  readonly id: LegId;
  readonly kind: 'caller' | 'dialled' | 'agent';
  /** Whose phone; empty for clients. */
  readonly aor: string;
  readonly headers: RingAgentOptions['headers'];
  /** `cancelling`: we have hung up before it was answered, the far end has not confirmed that yet. */
  state: 'ringing' | 'up' | 'cancelling';
  /** Sounds are played that will come to an end. */
  isToldSomething: boolean;
  /** Packets come from it. */
  isSending: boolean;
}

interface Recording {
  readonly bounds: Pick<RecordingStart, 'maxMs' | 'silenceMs'>;
  readonly startedAt: number;
}

/** The far ends of all calls, with the manners of the real voice channel: an end is told once, ours at once. */
export interface Wire {
  readonly voice: VoiceChannel;
  /** AORs with a phone, and what it is. */
  readonly phones: Map<string, 'browser' | 'desk'>;
  legs(isIt?: (leg: WireLeg) => boolean): WireLeg[];
  leg(id: LegId | null): WireLeg | undefined;
  recording(callId: CallId): Recording | undefined;
  /** A caller's INVITE is here. */
  arrive(callId: CallId, legId: LegId): void;
  /** The far end takes the call. */
  answer(leg: WireLeg): void;
  end(leg: WireLeg, reason: LegEndReason): void;
  tell(callId: CallId, event: LegEvent): void;
  /** The far ends confirm what we have cancelled. */
  confirmCancels(): void;
  /** The latest events, told once more: a wire may repeat itself, and late. */
  repeat(back: number): LegEvent | null;
  /** The process behind it is gone. */
  cut(): void;
}

const remembered = 8;

/** A CANCEL that nobody confirms is over by then (RFC 3261 section 9.1). */
const unconfirmedMs = 32_000;

const comesToAnEnd = (sound: LegSound): boolean => typeof sound !== 'string' && sound.names.length > 0;

export function createWire(clock: Clock): Wire {
  const legs = new Map<LegId, WireLeg>();
  const phones: Wire['phones'] = new Map();
  const recordings = new Map<CallId, Recording>();
  const told: { callId: CallId; event: LegEvent }[] = [];
  let isCut = false;

  function tell(callId: CallId, event: LegEvent): void {
    if (isCut) return;
    told.unshift({ callId, event });
    told.length = Math.min(told.length, remembered);
    voice.onLeg?.(callId, event);
  }

  function add(callId: CallId, id: LegId, leg: Pick<WireLeg, 'kind' | 'aor' | 'headers'>): WireLeg {
    const added: WireLeg = { callId, id, ...leg, state: 'ringing', isToldSomething: false, isSending: true };
    legs.set(id, added);
    return added;
  }

  function end(leg: WireLeg, reason: LegEndReason): void {
    if (!legs.delete(leg.id)) return;
    tell(leg.callId, { type: 'ended', legId: leg.id, reason, status: 200, text: '' });
  }

  function answer(leg: WireLeg): void {
    if (leg.state !== 'ringing') return;
    leg.state = 'up';
    tell(leg.callId, { type: 'answered', legId: leg.id });
  }

  const answerCaller = (legId: LegId): WireLeg | undefined => {
    const leg = legs.get(legId);
    if (leg?.kind === 'caller') answer(leg);
    return leg;
  };

  const voice: VoiceChannel = {
    name: 'voice',
    onLeg: undefined,
    onRegistration: undefined,
    start: async () => undefined,
    close: async () => undefined,
    ring: () => undefined,
    async answer(_callId, legId, sound) {
      const leg = answerCaller(legId);
      if (leg) leg.isToldSomething = comesToAnEnd(sound);
    },
    ringAgent({ callId, legId, aor, headers }) {
      const leg = add(callId, legId, { kind: 'agent', aor, headers });
      if (!phones.has(aor)) queueMicrotask(() => end(leg, 'no_answer'));
    },
    dial: ({ callId, legId }) => void add(callId, legId, { kind: 'dialled', aor: '', headers: {} }),
    async bridge(_callId, one, other) {
      if (!legs.has(one) || !legs.has(other)) return;
      for (const leg of [answerCaller(one), answerCaller(other)]) if (leg) leg.isToldSomething = false;
    },
    play(_callId, legId, sound) {
      const leg = legs.get(legId);
      if (leg) leg.isToldSomething = comesToAnEnd(sound);
    },
    sendDtmf: () => undefined,
    async startRecording(callId, { maxMs, silenceMs }) {
      const bounds = { ...(maxMs === undefined ? {} : { maxMs }), ...(silenceMs === undefined ? {} : { silenceMs }) };
      recordings.set(callId, { bounds, startedAt: recordings.get(callId)?.startedAt ?? clock.now() });
    },
    async stopRecording(callId) {
      const recording = recordings.get(callId);
      if (!recordings.delete(callId) || !recording) return null;
      return { durationMs: clock.now() - recording.startedAt, bytes: 1, sha256: '' };
    },
    hangUp(_callId, legId, reason) {
      const leg = legs.get(legId);
      if (!leg || leg.state === 'cancelling') return;
      // a CANCEL is confirmed by the far end, everything else is over at once
      if (leg.state !== 'ringing' || leg.kind === 'caller') return end(leg, reason);
      leg.state = 'cancelling';
      clock.after(unconfirmedMs, () => end(leg, 'cancelled'));
    },
    release(callId) {
      recordings.delete(callId);
      for (const leg of [...legs.values()]) if (leg.callId === callId) end(leg, 'hung_up');
    },
    received: async (_callId, legId) => {
      const leg = legs.get(legId);
      return leg ? (leg.isSending ? clock.now() : 0) : null;
    },
    isRegistered: (aor) => phones.has(aor),
    phoneKind: (aor) => phones.get(aor) ?? null,
    listen: () => undefined,
  };

  return {
    voice,
    phones,
    legs: (isIt = () => true) => [...legs.values()].filter(isIt),
    leg: (id) => (id === null ? undefined : legs.get(id)),
    recording: (callId) => recordings.get(callId),
    arrive: (callId, legId) => void add(callId, legId, { kind: 'caller', aor: '', headers: {} }),
    answer,
    end,
    tell,
    confirmCancels() {
      for (const leg of [...legs.values()]) if (leg.state === 'cancelling') end(leg, 'cancelled');
    },
    repeat(back) {
      const again = told[back % Math.max(1, told.length)];
      if (again) tell(again.callId, again.event);
      return again?.event ?? null;
    },
    cut() {
      isCut = true;
      legs.clear();
    },
  };
}
