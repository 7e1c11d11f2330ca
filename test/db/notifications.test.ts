import { describe, expect, it } from 'vitest';
import { createNotifications, readListen } from '../../db/embedded/notifications.ts';
import { message, readyMessage, strings } from '../../db/embedded/protocol.ts';

describe('readListen', () => {
  it.each([
    ['listen calls', 'listen', 'calls'],
    ['  LISTEN Calls ; ', 'listen', 'calls'],
    ['listen "Two ""Words"""', 'listen', 'Two "Words"'],
    ['unlisten calls', 'unlisten', 'calls'],
    ['UNLISTEN *', 'unlisten', undefined],
  ] as const)('reads %s', (sql, action, channel) => {
    expect(readListen(sql)).toEqual({ action, channel });
  });

  it.each(['select 1', 'listen', 'listen a; select 1', `insert into t values ('listen x')`])(
    'leaves %s alone',
    (sql) => {
      expect(readListen(sql)).toBeUndefined();
    },
  );
});

describe('notifications', () => {
  const notification = (channel: string) => message('A', Buffer.concat([Buffer.alloc(4), strings(channel, 'payload')]));
  const complete = message('C', strings('NOTIFY'));

  it('are taken out of an answer wherever they stand and however it is cut', () => {
    const notifications = createNotifications();
    const heard: Buffer[] = [];
    notifications.listen('a', (one) => heard.push(one));
    const answer = Buffer.concat([notification('a'), complete, notification('b'), notification('a'), readyMessage]);
    const rest = notifications.route([answer.subarray(0, 11), answer.subarray(11)]);
    expect(Buffer.concat(rest)).toEqual(Buffer.concat([complete, readyMessage]));
    expect(heard).toEqual([notification('a'), notification('a')]);
  });

  it('reach nobody after unlisten', () => {
    const notifications = createNotifications();
    const heard: Buffer[] = [];
    const listener = (one: Buffer): void => void heard.push(one);
    notifications.listen('a', listener);
    notifications.listen('b', listener);
    notifications.unlisten(listener, 'a');
    notifications.route([notification('a'), notification('b')]);
    expect(heard).toEqual([notification('b')]);
    notifications.unlisten(listener);
    const answer = [notification('b')];
    expect(notifications.route(answer)).toBe(answer);
    expect(heard).toHaveLength(1);
  });
});
