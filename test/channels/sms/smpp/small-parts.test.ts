import { describe, expect, it } from 'vitest';
import { linkTransitions } from '../../../../channels/sms/smpp/link.ts';
import { createSentParts } from '../../../../channels/sms/smpp/sent-parts.ts';
import { createStateCell } from '../../../../channels/sms/state-cell.ts';
import { createFakeClock } from '../../../../server/kernel/clock.ts';
import { type MessageId, newId } from '../../../../server/kernel/ids.ts';
import { checkStateTable } from '../../../support/state-table.ts';
import { createMemoryState } from '../memory-state.ts';

it('the link goes where its table says, and can be closed from everywhere', () => {
  checkStateTable(linkTransitions, {
    starts: ['off'],
    inputs: ['start', 'connected', 'accepted', 'refused', 'lost', 'again', 'close'],
    terminal: ['closed'],
  });
});

describe('whose a receipt is', () => {
  const part = (to: string, reference: number) => ({ messageId: newId<MessageId>(), part: null, to, reference });
  const find = (sent: ReturnType<typeof createSentParts>, id: string, number: string) =>
    sent.find({ ids: [id], reference: null, numbers: [number, '15550100'] });

  it('an id that is another message in another spelling is decided by the number', () => {
    const sent = createSentParts(createFakeClock());
    const [one, other] = [part('+79001111111', 1), part('+79002222222', 2)];
    // 4097 is what 1001 is in hexadecimal
    sent.begin(one).accepted('1001');
    sent.begin(other).accepted('4097');
    expect(find(sent, '4097', '79002222222')).toMatchObject({ messageId: other.messageId, spelling: 'same' });
    expect(find(sent, '1001', '79001111111')).toMatchObject({ messageId: one.messageId, spelling: 'same' });
    expect(find(sent, '16385', '79002222222')).toBeNull();
  });

  it("a number that does not fit is nobody's, when the id had to be spelled anew", () => {
    const sent = createSentParts(createFakeClock());
    sent.begin(part('+79001111111', 1)).accepted('7f3a');
    expect(find(sent, '32570', '79001111111')?.spelling).toBe('decimal_of_hex');
    expect(find(sent, '32570', '79003333333')).toBeNull();
  });

  it('our reference counts for its number only', () => {
    const sent = createSentParts(createFakeClock());
    const one = part('+79001111111', 7);
    sent.begin(one);
    const query = { ids: [], reference: 7 };
    expect(sent.find({ ...query, numbers: ['79001111111'] })).toMatchObject({
      messageId: one.messageId,
      providerId: null,
    });
    expect(sent.find({ ...query, numbers: ['79002222222'] })).toBeNull();
  });

  it('the oldest of very many are forgotten', () => {
    const sent = createSentParts(createFakeClock());
    for (let count = 0; count <= 50_000; count++) {
      const flight = sent.begin(part('+79001111111', count & 0xffff));
      flight.accepted(`id${count}`);
      flight.ended();
    }
    expect(find(sent, 'id0', '79001111111')).toBeNull();
    expect(find(sent, 'id50000', '79001111111')).not.toBeNull();
    expect(sent.landed('79001111111')).toBeNull();
  });

  it('what is on its way can be waited for', async () => {
    const sent = createSentParts(createFakeClock());
    const flight = sent.begin(part('+79001111111', 1));
    const landing = sent.landed('79001111111');
    flight.ended();
    await landing;
    expect(sent.landed('79001111111')).toBeNull();
  });
});

describe('a cell of durable state', () => {
  it('changes that come while it is being written share the next write', async () => {
    const memory = createMemoryState();
    const written: unknown[] = [];
    const { promise: first, resolve: goOn } = Promise.withResolvers<void>();
    const cell = createStateCell<number[]>(
      {
        get: memory.get,
        async set(_key, value) {
          written.push(structuredClone(value));
          if (written.length === 1) await first;
        },
      },
      'k',
      [],
    );
    cell.value.push(1);
    const saves = [cell.save()];
    await Promise.resolve();
    for (let count = 2; count <= 5; count++) {
      cell.value.push(count);
      saves.push(cell.save());
    }
    goOn();
    await Promise.all(saves);
    expect(written).toEqual([[1], [1, 2, 3, 4, 5]]);
  });

  it('whoever asked hears that it failed; the next one may do', async () => {
    const memory = createMemoryState();
    const cell = createStateCell(memory, 'k', { count: 1 });
    memory.isDown = true;
    await expect(cell.save()).rejects.toThrow('down');
    memory.isDown = false;
    await cell.save();
    const again = createStateCell(memory, 'k', { count: 0 });
    await again.load();
    expect(again.value).toEqual({ count: 1 });
  });
});
