import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Clock } from '../../server/kernel/clock.ts';
import { type CallId, type LegId, newId } from '../../server/kernel/ids.ts';
import type { Log } from '../../server/kernel/log.ts';
import { canTransition, transition } from '../../server/kernel/transition.ts';
import type {
  DialOptions,
  LegEndReason,
  LegSound,
  LegTone,
  Receive,
  RingAgentOptions,
  TrunkSettings,
  VoiceChannel,
} from '../channel.ts';
import type { AdmittedCaller } from '../message-channel.ts';
import { type CallOrigin, carrierOrigin, receiveInvite } from './arrival.ts';
import { acceptAnswer, dialogHandlers } from './dialog-media.ts';
import { endReason, statusOfReason } from './end-reason.ts';
import { createGuests } from './guests.ts';
import { numberFor } from './identity.ts';
import type { Leg, VoiceCall } from './legs.ts';
import { legTransitions } from './legs.ts';
import type { MediaEngine, MediaEvent, MediaSource, SoundName } from './media/engine.ts';
import type { IncomingInvite, OutgoingInviteHandlers, SipStack, SipStackHandlers } from './sip/stack.ts';
import { compileTrunks, type FindTrunk } from './trunk-match.ts';

export interface VoiceChannelOptions {
  readonly media: MediaEngine;
  /** Makes the SIP stack around this channel's handlers. */
  readonly createSip: (handlers: SipStackHandlers) => SipStack;
  readonly clock: Clock;
  readonly log: Log;
  readonly receive: Receive;
  /** The carrier that callers over WebSocket come from; null = nobody calls that way (no demo). */
  readonly demoTrunk: TrunkSettings | null;
  /** Our name in From towards agents' phones. */
  readonly realm: string;
}

export interface VoiceAdapter extends VoiceChannel {
  /** Replaces the carriers; calls in hand keep theirs. */
  setTrunks(trunks: readonly TrunkSettings[]): void;
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer, identity: string | undefined): void;
  /** The telephone of a visitor of a web site: one call to one number. */
  admitCaller(request: IncomingMessage, socket: Duplex, head: Buffer, caller: AdmittedCaller): void;
  readonly sipPort: number;
  readonly sip: SipStack;
}

const toneSources: Readonly<Record<LegTone, readonly MediaSource[]>> = {
  music: [{ kind: 'sound', name: 'music', loop: true }],
  ringback: [{ kind: 'sound', name: 'ringback', loop: true }],
  busy: [{ kind: 'sound', name: 'busy', loop: true }],
  beep: [{ kind: 'sound', name: 'beep', loop: false }],
  silence: [],
};

/** Names that the engine does not know are left out by it: a lost sound file costs no call. */
function sourcesOf(sound: LegSound): readonly MediaSource[] {
  if (typeof sound === 'string') return toneSources[sound];
  const names = sound.names as readonly SoundName[];
  return [{ kind: 'sequence', names, ...(sound.thenLoop ? { thenLoop: sound.thenLoop as SoundName } : {}) }];
}

/** The voice channel: a B2BUA (RFC 7092) of our SIP stack and a media engine, anchored in the middle of every call. */
export function createVoiceChannel(options: VoiceChannelOptions): VoiceAdapter {
  const { media, clock, log, receive, demoTrunk, realm } = options;
  const calls = new Map<CallId, VoiceCall>();
  const guests = createGuests(clock);
  let trunks = new Map<number, TrunkSettings>();
  let findTrunk: FindTrunk = () => undefined;

  const sip: SipStack = options.createSip({
    invite(invite) {
      const guest = guests.call(invite);
      if (guest && 'status' in guest) return invite.reject(guest.status, guest.text);
      const origin = guest?.origin ?? trunkOrigin(invite);
      void receiveInvite({ invite, origin, clock, log, receive, open: openIncoming, drop: release });
    },
    registered: (aor) => channel.onRegistration?.(aor, true),
    unregistered: (aor) => channel.onRegistration?.(aor, false),
  });

  /** Another caller over WebSocket is the demo's page, whoever is signed in in its browser: agents call through the API. */
  function trunkOrigin(invite: IncomingInvite): CallOrigin | undefined {
    const trunk = invite.source.transport === 'ws' ? demoTrunk : findTrunk(invite.source.address);
    return trunk ? carrierOrigin(invite, trunk) : undefined;
  }

  media.onEvent = (event: MediaEvent) => {
    const leg = calls.get(event.callId)?.legs.get(event.legId);
    if (!leg) return;
    if (event.type === 'connected') emit(leg, { type: 'connected', legId: leg.id });
    else if (event.type === 'dtmf') emit(leg, { type: 'dtmf', legId: leg.id, digit: event.digit });
    else if (event.type !== 'lost') emit(leg, { type: event.type, legId: leg.id });
    else {
      log.warn({ callId: leg.callId, legId: leg.id, reason: event.reason }, 'media lost');
      end(leg, 'media_lost');
      ended(leg, 'media_lost', 408, event.reason);
    }
  };

  const emit = (leg: Leg, event: Parameters<NonNullable<VoiceChannel['onLeg']>>[1]): void =>
    channel.onLeg?.(leg.callId, event);

  function callOf(callId: CallId): VoiceCall {
    let call = calls.get(callId);
    if (!call) {
      call = { id: callId, media: media.openCall(callId), legs: new Map() };
      calls.set(callId, call);
    }
    return call;
  }

  function addLeg(callId: CallId, id: LegId, leg: Pick<Leg, 'kind' | 'state' | 'incoming'>): Leg {
    const added: Leg = { id, callId, hasMedia: false, ...leg };
    callOf(callId).legs.set(id, added);
    return added;
  }

  function openIncoming(invite: IncomingInvite): { callId: CallId; legId: LegId } {
    const callId = newId<CallId>();
    const legId = newId<LegId>();
    const kind = invite.source.transport === 'ws' ? 'webrtc' : 'rtp';
    const leg = addLeg(callId, legId, { kind, state: 'arrived', incoming: invite });
    guests.began(invite.source.identity, legId);
    invite.onCancelled = (termination) => ended(leg, 'cancelled', termination.status, termination.reason);
    return { callId, legId };
  }

  /** Ends the signalling of a leg from our side, whatever its state. */
  function end(leg: Leg, reason: LegEndReason): void {
    const words = statusOfReason[reason];
    leg.ending ??= reason;
    if (leg.dialog) leg.dialog.bye(words);
    else if (leg.outgoing) leg.outgoing.cancel(words);
    else if (leg.state === 'arrived') leg.incoming?.reject(words.status < 300 ? 480 : words.status, words.text);
  }

  /** The end of a leg, told once. */
  function ended(leg: Leg, reason: LegEndReason, status: number, text: string): void {
    if (!canTransition(legTransitions, leg.state, 'end')) return;
    leg.state = transition(legTransitions, leg.state, 'end');
    const call = calls.get(leg.callId);
    call?.legs.delete(leg.id);
    if (leg.hasMedia) call?.media.removeLeg(leg.id);
    guests.ended(leg.id);
    emit(leg, { type: 'ended', legId: leg.id, reason: leg.ending ?? reason, status, text });
  }

  async function answerCaller(call: VoiceCall, leg: Leg): Promise<void> {
    const invite = leg.incoming;
    if (!invite || leg.state !== 'arrived') return leg.answering;
    leg.state = transition(legTransitions, leg.state, 'answer');
    leg.answering = (async () => {
      const sdp = invite.offer
        ? await call.media.answerLeg(leg.id, invite.offer)
        : await call.media.offerLeg(leg.id, leg.kind);
      leg.hasMedia = true;
      if (!canTransition(legTransitions, leg.state, 'confirm')) return;
      leg.dialog = invite.answer(sdp);
      leg.dialog.handlers = dialogHandlers({ leg, media: call.media, log, emit, ended });
      leg.state = transition(legTransitions, leg.state, 'confirm');
      emit(leg, { type: 'answered', legId: leg.id });
    })();
    try {
      await leg.answering;
    } catch (error) {
      log.warn({ err: error, callId: call.id, legId: leg.id }, 'caller cannot be answered');
      invite.reject(488, 'Not Acceptable Here');
      ended(leg, 'failed', 488, 'no common media');
    }
  }

  /** Handlers of a leg that we call, agent or client. */
  function outgoingHandlers(call: VoiceCall, leg: Leg): OutgoingInviteHandlers {
    return {
      progress(status, sdp) {
        if (status < 180 || leg.state !== 'calling') return;
        if (!sdp) return emit(leg, { type: 'ringing', legId: leg.id, earlyMedia: false });
        void acceptAnswer({ leg, media: call.media, log, sdp }).then((earlyMedia) =>
          emit(leg, { type: 'ringing', legId: leg.id, earlyMedia }),
        );
      },
      answered(dialog, sdp) {
        leg.dialog = dialog;
        dialog.handlers = dialogHandlers({ leg, media: call.media, log, emit, ended });
        if (!canTransition(legTransitions, leg.state, 'confirm')) return dialog.bye();
        leg.state = transition(legTransitions, leg.state, 'confirm');
        void acceptAnswer({ leg, media: call.media, log, sdp }).then((ok) => {
          if (ok) return emit(leg, { type: 'answered', legId: leg.id });
          end(leg, 'failed');
          ended(leg, 'failed', 488, 'no common media');
        });
      },
      failed: (termination) => ended(leg, endReason(termination), termination.status, termination.reason),
    };
  }

  /** Offers media for a leg, then sends its INVITE. */
  async function call(leg: Leg, send: (offer: Buffer) => NonNullable<Leg['outgoing']>): Promise<void> {
    const owner = callOf(leg.callId);
    try {
      const offer = await owner.media.offerLeg(leg.id, leg.kind);
      leg.hasMedia = true;
      // Hung up while the media engine was asked.
      if (leg.state === 'ended' || leg.ending) return ended(leg, 'cancelled', 487, 'cancelled before it was sent');
      leg.outgoing = send(offer);
    } catch (error) {
      log.error({ err: error, callId: leg.callId, legId: leg.id }, 'leg cannot be called');
      ended(leg, 'failed', 500, 'no media');
    }
  }

  function release(callId: CallId): void {
    const owner = calls.get(callId);
    if (!owner) return;
    for (const leg of [...owner.legs.values()]) {
      end(leg, 'hung_up');
      ended(leg, 'hung_up', 200, 'released');
    }
    calls.delete(callId);
    void owner.media.close();
  }

  const legOf = (callId: CallId, legId: LegId): { call: VoiceCall; leg: Leg } | undefined => {
    const owner = calls.get(callId);
    const leg = owner?.legs.get(legId);
    return owner && leg ? { call: owner, leg } : undefined;
  };

  const channel: VoiceAdapter = {
    name: 'voice',
    onLeg: undefined,
    onRegistration: undefined,
    sip,
    get sipPort() {
      return sip.port;
    },
    async start() {
      await media.start();
      await sip.start();
    },
    async close() {
      for (const callId of [...calls.keys()]) release(callId);
      await sip.close();
      await media.close();
    },
    setTrunks(settings) {
      trunks = new Map(settings.map((trunk) => [trunk.id, trunk]));
      findTrunk = compileTrunks(settings);
    },
    handleUpgrade: (request, socket, head, identity) => sip.handleUpgrade(request, socket, head, identity),
    admitCaller: (request, socket, head, caller) =>
      sip.handleUpgrade(request, socket, head, guests.open(caller, socket)),
    ring(callId, legId) {
      const found = legOf(callId, legId);
      if (found?.leg.state === 'arrived') found.leg.incoming?.ring();
    },
    async answer(callId, legId, sound) {
      const found = legOf(callId, legId);
      if (!found) return;
      await answerCaller(found.call, found.leg);
      if (found.leg.hasMedia) found.call.media.hear(legId, sourcesOf(sound));
    },
    ringAgent({ callId, legId, aor, caller, headers }: RingAgentOptions) {
      const kind = channel.phoneKind(aor) === 'browser' ? 'webrtc' : 'rtp';
      const leg = addLeg(callId, legId, { kind, state: 'calling' });
      const handlers = outgoingHandlers(callOf(callId), leg);
      const from = { displayName: caller.displayName, user: caller.number || 'anonymous', host: realm };
      void call(leg, (offer) => sip.invite({ target: { aor }, offer, from, headers, handlers }));
    },
    dial({ callId, legId, trunkId, number, callerNumber }: DialOptions) {
      const leg = addLeg(callId, legId, { kind: 'rtp', state: 'calling' });
      const trunk = trunks.get(trunkId);
      if (!trunk) return ended(leg, 'unreachable', 500, 'no such trunk');
      const handlers = outgoingHandlers(callOf(callId), leg);
      const transport = trunk.transport === 'tcp' ? ';transport=tcp' : '';
      const host = trunk.host.includes(':') ? `[${trunk.host}]` : trunk.host;
      const uri = `sip:${numberFor(trunk, number)}@${host}:${trunk.port}${transport}`;
      const from = { displayName: '', user: numberFor(trunk, callerNumber) };
      const credentials = trunk.username ? { username: trunk.username, password: trunk.password } : undefined;
      void call(leg, (offer) =>
        sip.invite({ target: { uri }, offer, from, handlers, ...(credentials ? { credentials } : {}) }),
      );
    },
    async bridge(callId, one, other) {
      const first = legOf(callId, one);
      const second = legOf(callId, other);
      if (!first || !second) return;
      await answerCaller(first.call, first.leg);
      await answerCaller(second.call, second.leg);
      first.leg.partner = other;
      second.leg.partner = one;
      first.call.media.hear(one, [{ kind: 'leg', legId: other }]);
      first.call.media.hear(other, [{ kind: 'leg', legId: one }]);
    },
    play(callId, legId, sound) {
      const found = legOf(callId, legId);
      if (!found?.leg.hasMedia) return;
      for (const each of found.call.legs.values()) if (each.partner === legId) each.partner = undefined;
      found.call.media.hear(legId, sourcesOf(sound));
    },
    sendDtmf(callId, legId, digits) {
      legOf(callId, legId)?.call.media.sendDtmf(legId, digits);
    },
    async startRecording(callId, { client, agent, ...options }) {
      await calls.get(callId)?.media.startRecording({ ...options, left: client, right: agent });
    },
    received: async (callId, legId) => (await calls.get(callId)?.media.legStats(legId))?.receivedPackets ?? null,
    stopRecording: async (callId) => (await calls.get(callId)?.media.stopRecording()) ?? null,
    hangUp(callId, legId, reason) {
      const found = legOf(callId, legId);
      if (!found) return;
      end(found.leg, reason);
      // A CANCEL that is on its way is confirmed by the far end; everything else is over at once.
      if (found.leg.dialog || !found.leg.outgoing)
        ended(found.leg, reason, statusOfReason[reason].status, 'ended by us');
    },
    release,
    isRegistered: (aor) => sip.registrations(aor).length > 0,
    phoneKind(aor) {
      const registrations = sip.registrations(aor);
      if (registrations.length === 0) return null;
      return registrations.some(({ transport }) => transport === 'ws') ? 'browser' : 'desk';
    },
    listen(callId, legId, others) {
      const sources = others.map((other): MediaSource => ({ kind: 'leg', legId: other }));
      calls.get(callId)?.media.hear(legId, sources);
    },
  };
  return channel;
}
