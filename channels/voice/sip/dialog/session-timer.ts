/** Session timers (RFC 4028): what is negotiated, and the clockwork of either role. */
import type { Clock, TimerHandle } from '../../../../server/kernel/clock.ts';
import { limits } from '../limits.ts';
import { deltaSeconds, parseSessionExpires } from '../message/headers.ts';
import { hasToken, headerOf, type SipRequest, type SipResponse } from '../message/message.ts';

export interface SessionInterval {
  readonly seconds: number;
  /** Who refreshes. */
  readonly weRefresh: boolean;
}

/** A UAS's view of a request: refuse it with 422, or answer it with these lines and keep this interval. */
export type SessionAnswer =
  | { readonly kind: 'too small' }
  | { readonly kind: 'accept'; readonly headers: string; readonly interval: SessionInterval | undefined };

const clamp = (seconds: number): number =>
  Math.min(Math.max(seconds, limits.minSessionExpiresSeconds), limits.maxSessionExpiresSeconds);

/** Sections 5 and 9, table 2. A peer that speaks timers but asks for none gets one that we refresh. */
export function answerSessionExpires(request: SipRequest): SessionAnswer {
  const peerSpeaks = hasToken(request, 'supported', 'timer') || hasToken(request, 'require', 'timer');
  const asked = parseSessionExpires(headerOf(request, 'session-expires'));
  if (asked && asked.seconds < limits.minSessionExpiresSeconds && peerSpeaks) return { kind: 'too small' };
  if (!asked && !peerSpeaks) return { kind: 'accept', headers: '', interval: undefined };
  const minimum = deltaSeconds(headerOf(request, 'min-se')) ?? 0;
  const seconds = clamp(asked?.seconds ?? Math.max(limits.sessionExpiresSeconds, minimum));
  const peerRefreshes = peerSpeaks && asked !== undefined && asked.refresher !== 'uas';
  const headers = `${peerRefreshes ? 'Require: timer\r\n' : ''}Session-Expires: ${seconds};refresher=${peerRefreshes ? 'uac' : 'uas'}\r\n`;
  return { kind: 'accept', headers, interval: { seconds, weRefresh: !peerRefreshes } };
}

/** A UAC's view of a 2xx (section 7.2): no Session-Expires, no timer. */
export function sessionIntervalOf(response: SipResponse): SessionInterval | undefined {
  const agreed = parseSessionExpires(headerOf(response, 'session-expires'));
  if (!agreed) return undefined;
  return { seconds: clamp(agreed.seconds), weRefresh: agreed.refresher !== 'uas' };
}

/** Lines that ask for a timer in a request of ours. Who refreshes is named only when refreshing (section 7.4). */
export const sessionRequestLines = (seconds: number, refresher?: 'uac' | 'uas'): string =>
  `Session-Expires: ${seconds}${refresher ? `;refresher=${refresher}` : ''}\r\nMin-SE: ${limits.minSessionExpiresSeconds}\r\n`;

export const minSessionLine = `Min-SE: ${limits.minSessionExpiresSeconds}\r\n`;

/** The interval to try after a 422 (section 7.3), null when it names none or one past our limit. */
export function intervalAfterRefusal(response: SipResponse): number | null {
  const minimum = deltaSeconds(headerOf(response, 'min-se'));
  return minimum === undefined || minimum > limits.maxSessionExpiresSeconds
    ? null
    : Math.max(minimum, limits.minSessionExpiresSeconds);
}

export interface SessionTimer {
  /** Starts over with each refresh; undefined stops it. */
  set(interval: SessionInterval | undefined): void;
  readonly interval: SessionInterval | undefined;
  stop(): void;
}

export interface SessionTimerHandlers {
  /** Half of the interval is over and refreshing is ours. */
  refresh(): void;
  /** No refresh came: the peer is gone. */
  expired(): void;
}

export function createSessionTimer(clock: Clock, handlers: SessionTimerHandlers): SessionTimer {
  let interval: SessionInterval | undefined;
  let refreshAt: TimerHandle | undefined;
  let expireAt: TimerHandle | undefined;
  const stop = (): void => {
    refreshAt?.cancel();
    expireAt?.cancel();
    interval = undefined;
  };
  return {
    get interval() {
      return interval;
    },
    set(next) {
      stop();
      if (!next) return;
      interval = next;
      const { seconds, weRefresh } = next;
      if (weRefresh) refreshAt = clock.after(seconds * 500, handlers.refresh);
      // section 10: the BYE leaves a little before the proxies on the path forget the session
      expireAt = clock.after((seconds - Math.min(32, Math.floor(seconds / 3))) * 1000, handlers.expired);
    },
    stop,
  };
}
