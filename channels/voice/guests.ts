import type { Duplex } from 'node:stream';
import type { Clock, TimerHandle } from '../../server/kernel/clock.ts';
import type { LegId } from '../../server/kernel/ids.ts';
import type { AdmittedCaller } from '../message-channel.ts';
import type { CallOrigin } from './arrival.ts';
import { guestIdentity } from './sip/guest.ts';
import type { IncomingInvite } from './sip/stack.ts';

const limits = {
  /** From the connection to its call: somebody is asked for his microphone meanwhile. */
  untilCallMs: 120_000,
  /** Longest call from a page. */
  callMs: 7_200_000,
  /** What his telephone may still say after the call has ended. */
  afterCallMs: 5_000,
} as const;

/** A visitor's connection: it calls one number, once. */
interface Guest extends AdmittedCaller {
  readonly socket: Duplex;
  /** Ends the connection; a call over it ends with it. */
  timer: TimerHandle;
  isUsed: boolean;
  legId: LegId | null;
}

/** What becomes of an INVITE of a guest: a call, or this refusal. */
export type GuestCall = { readonly origin: CallOrigin } | { readonly status: number; readonly text: string };

/** Visitors of web sites who are let in to call, by their connections. */
export interface Guests {
  /** @returns the identity of his connection. A second connection of the same visitor ends the first one. */
  open(caller: AdmittedCaller, socket: Duplex): string;
  /** Undefined when it is no guest's connection. */
  call(invite: IncomingInvite): GuestCall | undefined;
  /** His call has this leg. */
  began(identity: string | undefined, legId: LegId): void;
  ended(legId: LegId): void;
}

export function createGuests(clock: Clock): Guests {
  const guests = new Map<string, Guest>();

  const endAfter = (socket: Duplex, ms: number): TimerHandle => clock.after(ms, () => void socket.destroy());

  function change(guest: Guest, ms: number): void {
    guest.timer.cancel();
    guest.timer = endAfter(guest.socket, ms);
  }

  return {
    open(caller, socket) {
      const identity = guestIdentity(caller.visitor.accountId, caller.visitor.id);
      guests.get(identity)?.socket.destroy();
      const timer = endAfter(socket, limits.untilCallMs);
      const guest: Guest = { ...caller, socket, timer, isUsed: false, legId: null };
      guests.set(identity, guest);
      socket.once('close', () => {
        guest.timer.cancel();
        if (guests.get(identity) === guest) guests.delete(identity);
      });
      return identity;
    },
    call({ source, requestUri }) {
      const guest = source.identity === undefined ? undefined : guests.get(source.identity);
      if (!guest) return undefined;
      if (requestUri.user !== guest.line) return { status: 403, text: 'Forbidden' };
      if (guest.isUsed) return { status: 486, text: 'Busy Here' };
      guest.isUsed = true;
      return { origin: originOf(guest) };
    },
    began(identity, legId) {
      const guest = identity === undefined ? undefined : guests.get(identity);
      if (!guest) return;
      guest.legId = legId;
      change(guest, limits.callMs);
    },
    ended(legId) {
      for (const guest of guests.values()) if (guest.legId === legId) change(guest, limits.afterCallMs);
    },
  };
}

/** What his chat says of him; nothing of what his browser writes into the request. */
function originOf({ line, visitor }: AdmittedCaller): CallOrigin {
  const { accountId, id, name, page, pageTitle } = visitor;
  const key = `${accountId}:${id}`;
  return {
    trunkId: null,
    visitor,
    from: { raw: `visitor:${key}`, displayName: name },
    to: { raw: [line] },
    facts: { visitor: key, page, pageTitle },
  };
}
