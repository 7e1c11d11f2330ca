import { describe, expect, it } from 'vitest';
import { admit, newLatch, signal } from '../../../../../channels/voice/media/embedded/latch.ts';

const peer = '192.0.2.1';
const nat = '198.51.100.7';
const stranger = '203.0.113.9';

function latched() {
  const latch = newLatch();
  signal(latch, peer, 4000);
  return latch;
}

describe('symmetric RTP', () => {
  it('latches the first source, wherever it is', () => {
    const latch = latched();
    expect(admit(latch, nat, 61000, 0)).toBe(true);
    expect(latch).toMatchObject({ address: nat, port: 61000 });
  });

  it.each([
    ['a stranger', stranger, 4000, 10_000, false],
    ['another port of the peer while it speaks', nat, 61001, 100, false],
    ['another port of the peer after a silence', nat, 61001, 10_000, true],
    ['the signalled address at any time', peer, 4000, 100, true],
    ['another port of the signalled address while the peer speaks', peer, 4002, 100, false],
    ['another port of the signalled address after a silence', peer, 4002, 10_000, true],
  ])('lets %s take over: %s:%i after %i ms: %s', (_, address, port, afterMs, admitted) => {
    const latch = latched();
    admit(latch, nat, 61000, 0);
    expect(admit(latch, address, port, afterMs)).toBe(admitted);
    expect(latch.address).toBe(admitted ? address : nat);
  });

  it('latches anew after a new address, and not after the same one', () => {
    const latch = latched();
    admit(latch, nat, 61000, 0);
    signal(latch, peer, 4000);
    expect(admit(latch, stranger, 1, 10)).toBe(false);
    signal(latch, peer, 5000);
    expect(admit(latch, stranger, 1, 10)).toBe(true);
  });
});
