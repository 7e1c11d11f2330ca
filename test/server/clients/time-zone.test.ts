import { expect, test } from 'vitest';
import { timeZoneOf } from '../../../server/clients/time-zone.ts';

test.each([
  ['+74951234567', 'Europe/Moscow'],
  ['+78122002020', 'Europe/Moscow'],
  ['+74012123456', 'Europe/Kaliningrad'],
  ['+73432001122', 'Asia/Yekaterinburg'],
  ['+73832001122', 'Asia/Novosibirsk'],
  ['+78462001122', 'Europe/Samara'],
  ['+74232001122', 'Asia/Vladivostok'],
  ['+79161234567', ''],
  ['+78005553535', ''],
  ['+77012345678', 'Asia/Almaty'],
  ['+375291234567', 'Europe/Minsk'],
  ['+442079460018', 'Europe/London'],
  ['+14155552671', ''],
  ['+5511987654321', ''],
  ['112', ''],
  ['anonymous', ''],
])('%s rings in "%s"', (number, zone) => {
  expect(timeZoneOf(number)).toBe(zone);
  if (zone) expect(() => new Intl.DateTimeFormat('en', { timeZone: zone })).not.toThrow();
});
