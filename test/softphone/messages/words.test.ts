import { describe, expect, it } from 'vitest';
import type { DeliveryView, GateAnswer, GateLine } from '../../../server/contract/messages-schemas.ts';
import { gateReasons, outboxStates } from '../../../server/contract/messages-words.ts';
import { translators } from '../../../softphone/i18n/translate.ts';
import { deliveryText, isLost } from '../../../softphone/workspace/messages/delivery-words.ts';
import { gateText, hasWarnings, isBlocked } from '../../../softphone/workspace/messages/gate-words.ts';
import { now } from '../samples.ts';

const delivery = (change: Partial<DeliveryView>): DeliveryView => ({
  state: 'sent',
  error: '',
  heldUntil: null,
  attempts: 1,
  nextAttemptAt: null,
  segments: null,
  ...change,
});
const words = (change: Partial<DeliveryView>) => deliveryText(delivery(change), translators.ru, 'ru');

describe('how far a message came', () => {
  it.each(outboxStates)('%s has words in both languages', (state) => {
    for (const language of ['ru', 'en'] as const) {
      expect(deliveryText(delivery({ state }), translators[language], language).text).not.toContain('.');
    }
  });

  it('says why it failed, and that somebody must see to it', () => {
    expect(words({ state: 'failed', error: '550 no such user' })).toEqual({
      tone: 'bad',
      text: 'не доставлено: 550 no such user',
    });
    expect(isLost(delivery({ state: 'dead' }))).toBe(true);
    expect(isLost(delivery({ state: 'dead', isResolved: true }))).toBe(false);
    expect(words({ state: 'failed', error: '550', isResolved: true })).toEqual({
      tone: 'calm',
      text: 'не доставлено, улажено',
    });
    expect(isLost(delivery({}))).toBe(false);
    expect(isLost(null)).toBe(false);
  });

  it('counts segments of a long SMS until all of them have arrived', () => {
    expect(words({ segments: { total: 3, delivered: 2 } }).text).toBe('доставлено 2/3');
    expect(words({ state: 'delivered', segments: { total: 3, delivered: 3 } }).text).toBe('доставлено');
    expect(words({ segments: { total: 3, delivered: 0 } }).text).toBe('отправлено');
  });

  it('says when it is tried again', () => {
    const text = words({ state: 'queued', attempts: 2, nextAttemptAt: new Date(2026, 2, 10, 15, 5).toISOString() });
    expect(text.text).toBe('повтор в 15:05');
  });
});

const line = (change: Partial<GateLine>): GateLine => ({
  reason: 'refused',
  effect: 'blocks',
  until: null,
  facts: {},
  ...change,
});
const reader = { t: translators.ru, language: 'ru', now } as const;

describe('the gate’s answer', () => {
  it.each(gateReasons)('%s is a sentence in both languages', (reason) => {
    for (const language of ['ru', 'en'] as const) {
      const text = gateText(line({ reason }), { t: translators[language], language, now });
      expect(text).not.toContain('gate.');
      expect(text.length).toBeGreaterThan(10);
    }
  });

  it('tells who refused what, and the proof', () => {
    const at = new Date(2026, 2, 9, 10, 0).toISOString();
    const facts = { address: '+79150007950', at, evidence: 'СТОП', channel: 'sms', purpose: 'marketing' };
    expect(gateText(line({ facts }), reader)).toBe(
      'клиент отказался от таких сообщений (SMS, рекламное, +7 915 000-79-50, 9 мар., 10:00, «СТОП»)',
    );
  });

  it('tells sizes in words, and when it goes out', () => {
    const large = line({ reason: 'too_large', facts: { bytes: '31457280', limit: '10000000' } });
    expect(gateText(large, reader)).toContain('31\u00a0МБ, можно 10\u00a0МБ');
    const until = new Date(new Date(now).setHours(18, 30)).toISOString();
    expect(gateText(line({ reason: 'quiet_hours', effect: 'delays', until }), reader)).toContain('уйдёт в 18:30');
  });

  it('blocks, or asks for a second press', () => {
    const answer: GateAnswer = { allowed: true, sendAt: null, lines: [], segments: null, from: null };
    expect(isBlocked(undefined)).toBe(false);
    expect(isBlocked(answer)).toBe(false);
    expect(isBlocked({ ...answer, allowed: false })).toBe(true);
    expect(hasWarnings(answer)).toBe(false);
    expect(hasWarnings({ ...answer, lines: [line({ reason: 'landline', effect: 'warns' })] })).toBe(true);
  });
});
