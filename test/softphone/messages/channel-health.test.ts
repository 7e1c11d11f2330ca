import { QueryObserver } from '@tanstack/react-query';
import { afterEach, expect, test } from 'vitest';
import type { ChannelHealthView } from '../../../server/contract/messages-schemas.ts';
import { queryClient, queryKeys } from '../../../softphone/state/cards.ts';
import { takeHealth, withHealth } from '../../../softphone/state/channel-health.ts';

const health = (accountId: number, more: Partial<ChannelHealthView> = {}): ChannelHealthView => ({
  accountId,
  name: `account ${accountId}`,
  channel: 'sms',
  state: 'up',
  since: '2026-11-22T09:00:00.000Z',
  problem: '',
  catchUp: null,
  queued: 0,
  ...more,
});
const queryKey = queryKeys.setup('GET /api/v1/channel-health');
const shown = () => queryClient.getQueryData<{ items: ChannelHealthView[] }>(queryKey)?.items;

afterEach(() => queryClient.clear());

test('what an account tells takes its place on the list; a new one is added', () => {
  const list = { items: [health(1), health(2)] };
  const down = health(1, { state: 'down', problem: 'refused' });
  expect(withHealth(list, down).items).toEqual([down, health(2)]);
  expect(withHealth(list, health(3)).items).toEqual([health(1), health(2), health(3)]);
});

test('nothing is kept of accounts that nobody looks at', () => {
  takeHealth(health(1));
  expect(shown()).toBeUndefined();
});

test('an answer that was on its way before the news is asked for again', async () => {
  const answers = [[health(1)], [health(1, { state: 'down' })]];
  const release: (() => void)[] = [];
  const queryFn = () =>
    new Promise<{ items: ChannelHealthView[] }>((resolve) => {
      const items = answers.shift() ?? [];
      release.push(() => resolve({ items }));
    });
  const stop = new QueryObserver(queryClient, { queryKey, queryFn }).subscribe(() => undefined);
  takeHealth(health(1, { state: 'down' }));
  await expect.poll(() => release.length).toBe(2);
  for (const answer of release) answer();
  await expect.poll(shown).toMatchObject([{ state: 'down' }]);
  stop();
});
