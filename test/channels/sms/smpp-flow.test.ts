import { afterEach, describe, expect, it, vi } from 'vitest';
import { message, never, type SmppStand, type StandOptions, startSmppStand } from './smpp-stand.ts';

let stand: SmppStand;
afterEach(() => stand.close());

async function up(options: StandOptions = {}): Promise<SmppStand> {
  stand = await startSmppStand(options);
  await stand.channel.start();
  await vi.waitFor(() => expect(stand.channel.health().state).toBe('up'));
  return stand;
}

const order = 'Здравствуйте! Ваш заказ «№12345» отправлен. ';

describe('sending', () => {
  it('binds, sends, and hands in the receipt with our id', async () => {
    const { channel, smsc, reports: _ } = await up();
    const hello = message('+79001234567', 'Hello {world} €5');
    const result = await channel.send(hello, never);
    expect(result).toEqual({ kind: 'accepted', providerId: '1001', parts: ['1001'] });
    expect(smsc.submitted[0]).toMatchObject({
      from: 'SHOP',
      fromTon: 5,
      to: '79001234567',
      text: hello.text,
      receipt: 1,
    });
    await vi.waitFor(() => expect(stand.reports).toHaveLength(1));
    expect(stand.reports[0]).toMatchObject({ messageId: hello.id, providerId: '1001', part: null, step: 'delivered' });
    expect(smsc.malformed).toEqual([]);
  });

  it.each(['udh', 'payload'] as const)('long Cyrillic by %s arrives whole', async (longMessages) => {
    const { channel, smsc } = await up({ settings: { longMessages } });
    const text = order.repeat(8).trim();
    const result = await channel.send(message('+79001234567', text), never);
    expect(smsc.wholes).toEqual([{ from: 'SHOP', to: '79001234567', text }]);
    expect(result).toMatchObject({ kind: 'accepted', parts: { length: longMessages === 'udh' ? 6 : 1 } });
    await vi.waitFor(() => expect(stand.reports).toHaveLength(longMessages === 'udh' ? 6 : 1));
    expect(new Set(stand.reports.map((report) => report.part)).size).toBe(stand.reports.length);
    expect(smsc.malformed).toEqual([]);
  });
});
