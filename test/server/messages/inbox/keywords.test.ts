import { describe, expect, test } from 'vitest';
import { AppError } from '../../../../server/kernel/errors.ts';
import type { AddressId } from '../../../../server/kernel/ids.ts';
import { consentWord, containsWord, isKeyword } from '../../../../server/messages/inbox/keywords.ts';
import { isPoison } from '../../../../server/messages/inbox/poison.ts';
import { type InboundRule, judgeByRules, type RuledMessage } from '../../../../server/messages/inbox/rules.ts';

describe('a keyword', () => {
  test.each([
    ['СТОП', true],
    [' стоп! ', true],
    ['Стоп.', true],
    ['cnjg', true],
    ['CNJG', true],
    ['«стоп»', true],
    ['стоп пожалуйста', false],
    ['нестоп', false],
    ['CTOП', true],
    ['ctoп', true],
    ['CTOP', false],
    ['', false],
  ])('%j is "стоп": %s', (text, expected) => expect(isKeyword(text, ['стоп'])).toBe(expected));

  test.each([
    ['ещё', 'еще', true],
    ['ＳＴＯＰ', 'stop', true],
    ['🙂', '', false],
    ['...', '!', false],
  ])('%j is %j: %s', (text, word, expected) => expect(isKeyword(text, [word])).toBe(expected));
});

test.each([
  ['Где мой заказ?', 'заказ', true],
  ['Где мои заказы?', 'заказ', false],
  ['ult pfrfp', 'заказ', true],
  ['адрес доставки', 'адрес доставки', true],
  ['адрес, доставки', 'адрес доставки', true],
  ['адрес склада и доставки', 'адрес доставки', false],
])('%j contains %j: %s', (text, word, expected) => expect(containsWord(text, [word])).toBe(expected));

test.each([
  ['STOP', 'refused'],
  ['Unsubscribe', 'refused'],
  ['отписаться', 'refused'],
  ['jngbcfnmcz', 'refused'],
  ['Stop all', 'refused'],
  ['opt-out', 'refused'],
  ['Не пишите!', 'refused'],
  ['Start', 'given'],
  ['СТАРТ', 'given'],
  ['Отмена', null],
  ['отказ', null],
  ['Stop calling me please, where is my parcel', null],
])('%j says %s', (text, expected) => expect(consentWord(text)).toBe(expected));

let id = 0;
const rule = (rest: Partial<InboundRule>): InboundRule => ({
  id: ++id,
  name: '',
  enabled: true,
  position: id,
  channel: null,
  addressId: null,
  match: 'any',
  words: [],
  action: 'reply',
  text: `rule ${id}`,
  queueId: null,
  userId: null,
  version: 1,
  ...rest,
});
const message: RuledMessage = { channel: 'sms', addressId: 1 as AddressId, text: 'Цена', isOutOfHours: false };

describe('rules', () => {
  test('the first of each action counts', () => {
    const price = rule({ match: 'keyword', words: ['цена'] });
    const [any, task, closed] = [
      rule({}),
      rule({ action: 'task' }),
      rule({ action: 'close', match: 'contains', words: ['спам'] }),
    ];
    expect(judgeByRules([price, any, task, closed], message)).toEqual({ reply: price, task, queue: null, close: null });
    expect(judgeByRules([any, price], message).reply).toBe(any);
  });
  test('only those of its channel and address, that are on', () => {
    const others = [rule({ channel: 'email' }), rule({ addressId: 2 as AddressId }), rule({ enabled: false })];
    expect(judgeByRules(others, message).reply).toBeNull();
    const own = rule({ channel: 'sms', addressId: 1 as AddressId });
    expect(judgeByRules([...others, own], message).reply).toBe(own);
  });
  test('of closed hours count when the queue is closed', () => {
    const night = rule({ match: 'out_of_hours' });
    expect(judgeByRules([night], message).reply).toBeNull();
    expect(judgeByRules([night], { ...message, isOutOfHours: true }).reply).toBe(night);
  });
});

const withCode = (code: string): Error => Object.assign(new Error('x'), { code });

test.each<[string, unknown, boolean]>([
  ['a fault of ours', new TypeError('x is undefined'), true],
  ['text that the database cannot keep', withCode('22021'), true],
  ['the same, wrapped by a driver', new Error('query failed', { cause: withCode('22P05') }), true],
  ['an illegal move', new AppError('illegal_transition', 'x'), true],
  ['a database that is away', new AppError('unavailable', 'x', { retryable: true }), false],
  ['a connection that broke', withCode('ECONNRESET'), false],
  ['a full disk', withCode('ENOSPC'), false],
  ['a deadlock', withCode('40P01'), false],
  ['a server that shuts down', new Error('query failed', { cause: withCode('57P01') }), false],
  ['a connection that ended', new Error('Connection terminated unexpectedly'), false],
])('%s is the message’s fault: %s', (_, error, expected) => expect(isPoison(error)).toBe(expected));
