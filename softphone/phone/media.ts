import { type Session, type SessionDescriptionHandler, Web } from 'sip.js';

/** SIP.js has no trickle ICE: it waits this long for candidates. Host candidates come in a few milliseconds. */
const ICE_GATHERING_TIMEOUT_MS = 500;

/**
 * Media settings of a user agent.
 * @param openTrack gives the microphone track for one call; SIP.js stops it when the call ends, so it must be a track of its own.
 */
export function mediaOptions(openTrack: () => Promise<MediaStreamTrack>) {
  return {
    sessionDescriptionHandlerFactory: Web.defaultSessionDescriptionHandlerFactory(
      async () => new MediaStream([await openTrack()]),
    ),
    sessionDescriptionHandlerFactoryOptions: {
      iceGatheringTimeout: ICE_GATHERING_TIMEOUT_MS,
      // without this SIP.js asks a public STUN server, which the media engine does not need
      peerConnectionConfiguration: { iceServers: [] },
    },
  };
}

/** The WebRTC side of a session, once it exists. */
export function peerOf(session: Session): Web.SessionDescriptionHandler | undefined {
  const handler: SessionDescriptionHandler | undefined = session.sessionDescriptionHandler;
  return handler instanceof Web.SessionDescriptionHandler ? handler : undefined;
}

/** The sender of our voice. */
export function audioSender(session: Session): RTCRtpSender | undefined {
  return peerOf(session)
    ?.peerConnection?.getSenders()
    .find((sender) => sender.track?.kind === 'audio');
}
