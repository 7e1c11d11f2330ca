import { randomBytes } from 'node:crypto';
import type { Clock } from '../../server/kernel/clock.ts';
import type { AdmittedCaller } from '../message-channel.ts';
import { limits } from './limits.ts';

/** What a visitor who pressed "Call" shows at the door of the telephones. */
export interface CallTickets {
  /** A ticket for one call. An earlier one of the same visitor is void. */
  issue(caller: AdmittedCaller): string;
  /** Whom it admits; null = not ours, used, too old or void. */
  use(ticket: string): AdmittedCaller | null;
}

/** Random secrets in memory: nobody can make one, and what a restart forgets is pressed again. */
export function createCallTickets(clock: Clock): CallTickets {
  const held = new Map<string, { readonly caller: AdmittedCaller; readonly until: number }>();

  return {
    issue(caller) {
      for (const [ticket, { until, caller: other }] of held)
        if (until <= clock.now() || other.visitor.id === caller.visitor.id) held.delete(ticket);
      const [oldest] = held.keys();
      if (held.size >= limits.tickets && oldest !== undefined) held.delete(oldest);
      const ticket = randomBytes(32).toString('base64url');
      held.set(ticket, { caller, until: clock.now() + limits.ticketMs });
      return ticket;
    },
    use(ticket) {
      const found = held.get(ticket);
      held.delete(ticket);
      return found && found.until > clock.now() ? found.caller : null;
    },
  };
}
