import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { AdmittedCaller } from '../../../channels/message-channel.ts';
import { createGuests } from '../../../channels/voice/guests.ts';
import { isGuest } from '../../../channels/voice/sip/guest.ts';
import type { IncomingInvite } from '../../../channels/voice/sip/stack.ts';
import { createFakeClock } from '../../../server/kernel/clock.ts';
import { type AccountId, type LegId, newId } from '../../../server/kernel/ids.ts';

const line = '+74950000001';
const caller: AdmittedCaller = {
  line,
  visitor: {
    accountId: 7 as AccountId,
    id: '0190-1',
    name: 'Ира',
    email: '',
    phone: '',
    page: 'https://shop.example/sofa',
    pageTitle: 'Sofa',
  },
};

function guestStand() {
  const clock = createFakeClock();
  const guests = createGuests(clock);
  const socket = new PassThrough();
  const identity = guests.open(caller, socket);
  const invite = (user: string, from: string | undefined = identity) =>
    guests.call({ source: { identity: from }, requestUri: { user } } as IncomingInvite);
  return { clock, guests, socket, identity, invite };
}
const closed = (socket: PassThrough): Promise<void> => new Promise((resolve) => socket.once('close', () => resolve()));

describe('a visitor who was let in', () => {
  it('calls with what his chat says of him', () => {
    const { invite } = guestStand();
    expect(invite(line)).toEqual({
      origin: {
        trunkId: null,
        visitor: caller.visitor,
        from: { raw: 'visitor:7:0190-1', displayName: 'Ира' },
        to: { raw: [line] },
        facts: { visitor: '7:0190-1', page: 'https://shop.example/sofa', pageTitle: 'Sofa' },
      },
    });
  });

  it('calls no other number, and once', () => {
    const { invite } = guestStand();
    expect(invite('+74950000002')).toMatchObject({ status: 403 });
    expect(invite(line)).toHaveProperty('origin');
    expect(invite(line)).toMatchObject({ status: 486 });
  });

  it('is told from everybody else by the identity of his connection', () => {
    const { invite, identity } = guestStand();
    expect(isGuest(identity)).toBe(true);
    expect(isGuest('anna')).toBe(false);
    expect(isGuest(undefined)).toBe(false);
    expect(invite(line, 'anna')).toBeUndefined();
    expect(invite(line, 'visitor:7:0190-2')).toBeUndefined();
  });

  it('loses his first connection to his second one', async () => {
    const { guests, socket, invite } = guestStand();
    const gone = closed(socket);
    guests.open(caller, new PassThrough());
    await gone;
    expect(invite(line)).toHaveProperty('origin');
  });

  it.each([
    ['does not call', [], 120_000],
    ['calls without an end', ['began'], 7_200_000],
    ['has called', ['began', 'ended'], 5_000],
  ] as const)('is cut off when he %s', async (_what, steps, ms) => {
    const { clock, guests, socket, identity } = guestStand();
    const legId = newId<LegId>();
    for (const step of steps) step === 'began' ? guests.began(identity, legId) : guests.ended(legId);
    clock.advance(ms - 1);
    expect(socket.destroyed).toBe(false);
    clock.advance(1);
    expect(socket.destroyed).toBe(true);
  });
});
