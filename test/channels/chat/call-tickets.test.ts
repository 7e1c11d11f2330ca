import { expect, test } from 'vitest';
import { createCallTickets } from '../../../channels/chat/call-tickets.ts';
import { limits } from '../../../channels/chat/limits.ts';
import type { AdmittedCaller } from '../../../channels/message-channel.ts';
import { createFakeClock } from '../../../server/kernel/clock.ts';
import type { AccountId } from '../../../server/kernel/ids.ts';

const callerOf = (id: string): AdmittedCaller => ({
  line: '+74950000001',
  visitor: { accountId: 7 as AccountId, id, name: '', email: '', phone: '', page: '', pageTitle: '' },
});

test('a ticket admits its visitor once', () => {
  const tickets = createCallTickets(createFakeClock());
  const ticket = tickets.issue(callerOf('one'));
  expect(tickets.use(`${ticket}x`)).toBeNull();
  expect(tickets.use('')).toBeNull();
  expect(tickets.use(ticket)).toEqual(callerOf('one'));
  expect(tickets.use(ticket)).toBeNull();
});

test('a ticket is good for a minute', () => {
  const clock = createFakeClock();
  const tickets = createCallTickets(clock);
  const early = tickets.issue(callerOf('early'));
  const late = tickets.issue(callerOf('late'));
  clock.advance(limits.ticketMs - 1);
  expect(tickets.use(early)).not.toBeNull();
  clock.advance(1);
  expect(tickets.use(late)).toBeNull();
});

test('the next ticket of a visitor makes his last one void; those of others stay', () => {
  const tickets = createCallTickets(createFakeClock());
  const other = tickets.issue(callerOf('other'));
  const first = tickets.issue(callerOf('one'));
  const second = tickets.issue(callerOf('one'));
  expect([first, second, other].map((ticket) => tickets.use(ticket)?.visitor.id)).toEqual([undefined, 'one', 'other']);
});

test('no more are held than the limit: the oldest goes', () => {
  const tickets = createCallTickets(createFakeClock());
  const all = Array.from({ length: limits.tickets + 1 }, (_, index) => tickets.issue(callerOf(String(index))));
  expect(tickets.use(all[0] ?? '')).toBeNull();
  expect(tickets.use(all[1] ?? '')).not.toBeNull();
});
