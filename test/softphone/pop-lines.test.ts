import { describe, expect, it } from 'vitest';
import { translators } from '../../softphone/i18n/translate.ts';
import {
  entryResult,
  lastLine,
  openLine,
  placeLine,
  type Reader,
  warningText,
  whyLine,
} from '../../softphone/workspace/pop-lines.ts';
import { candidateText, statusText } from '../../softphone/workspace/wording.ts';
import { colleague, me, now, pop, timelineEntry } from './samples.ts';

const reader: Reader = { t: translators.en, language: 'en', userId: me.id, now };
const { t } = reader;

describe('a warning', () => {
  it.each([
    ['was_talking_with', 'Борис Ветров', 'was talking with Борис Ветров a moment ago, the connection broke'],
    ['lost_client', '', 'lost client'],
    ['number_short', '112', 'short number: 112'],
    ['number_hidden', 'anonymous', 'number is hidden'],
    ['card', 'Debt', 'Debt'],
    ['of_a_later_version', 'As it came', 'As it came'],
  ])('%s is said in words', (code, text, words) => {
    expect(warningText({ code, text }, t)).toBe(words);
  });
});

describe('the lines of the pop', () => {
  it('say why it is here', () => {
    expect(whyLine(pop(), reader)).toBe(
      'called Продажи · queue Доставка · waited 00:48 · your client · last spoke with you 2 days ago',
    );
  });

  it('name the page from which a visitor called, by its address when it has no title', () => {
    const url = 'https://shop.example/sofa';
    const from = (title: string) => whyLine(pop({ why: { ...pop().why, page: { url, title } } }), reader);
    expect(from('Sofa')).toContain(' · from page “Sofa” · ');
    expect(from('')).toContain(` · from page “${url}” · `);
  });

  it('name the colleague who is responsible or was the last to talk', () => {
    const why = { ...pop().why, lastSpokenWith: { user: colleague, at: '2026-03-09T12:00:00Z' } };
    const line = whyLine(pop({ why, card: { ...pop().card, responsible: colleague } }), reader);
    expect(line).toContain('client of Борис Ветров');
    expect(line).toContain('last spoke with Борис Ветров yesterday');
  });

  it('do not repeat a queue that is called as its line, nor a wait of nothing', () => {
    const why = { ...pop().why, queueName: 'Продажи', waitedSeconds: 0, lastSpokenWith: null };
    expect(whyLine(pop({ why }), reader)).toBe('called Продажи · your client · never spoken with before');
  });

  it('do not say that nobody has spoken with a client whose talk just broke off', () => {
    const why = { ...pop().why, lastSpokenWith: null };
    const warnings = [{ code: 'was_talking_with', text: 'Борис Ветров' }];
    expect(whyLine(pop({ why, warnings }), reader)).not.toContain('never');
  });

  it('speak of my own call as mine', () => {
    expect(whyLine(pop({ why: { ...pop().why, direction: 'out' } }), reader)).toMatch(/^your call from Продажи · your/);
  });

  it('count the calls that nobody answered', () => {
    const lastMissedAt = '2026-03-10T11:30:00Z';
    expect(openLine({ missedCalls: 2, lastMissedAt }, reader)).toBe('2 calls not answered, the last 30 minutes ago');
    expect(openLine({ missedCalls: 0, lastMissedAt: null }, reader)).toBe('No unanswered calls');
  });

  it('tell the last contact in one sentence', () => {
    const disposition = { id: 1, nameRu: 'Продажа', nameEn: 'Sold' };
    const entry = timelineEntry({ disposition, note: 'Wants two' });
    expect(lastLine(entry, reader)).toBe('Incoming call, 2 hours ago · Анна Белова · Sold · Wants two');
    expect(lastLine(null, reader)).toBe('First contact');
  });

  it('tell the place and the clock there', () => {
    expect(placeLine(pop().card, reader)).toBe('Russia, 15:00 at the client’s');
    expect(placeLine({ ...pop().card, region: '', timeZone: '' }, reader)).toBe('');
  });

  it('say of a call without a talk why there was none', () => {
    expect(entryResult(timelineEntry({ status: 'failed', result: 'busy' }), t)).toBe('busy');
    expect(entryResult(timelineEntry({ status: 'answered' }), t)).toBe('talked');
    expect(entryResult(timelineEntry({ kind: 'note' }), t)).toBe('');
  });
});

describe('reasons in words', () => {
  const nameOf = (code: string): string => (code === 'lunch' ? 'Lunch' : code);
  const reason = (code: Parameters<typeof candidateText>[0]['reason'], parameter: string | null): string =>
    candidateText({ user: colleague, reason: code, parameter }, { t, language: 'en', nameOf });

  it('carry their parameter', () => {
    expect(reason('not_ready', 'lunch')).toBe('not ready: lunch');
    expect(reason('tried', 'timeout')).toBe('was offered this call: not answered in time');
    expect(reason('wrap_up', '2026-03-10T12:00:30Z')).toMatch(/^in wrap-up until \d\d:00$/);
  });

  it('do without it when it is missing or not understood', () => {
    expect(reason('off_shift', null)).toBe('off shift');
    expect(reason('off_shift', '')).toBe('off shift');
    expect(reason('not_ready', '')).toBe('not ready');
  });

  it('show a reason that is no longer offered by its code', () => {
    expect(statusText({ status: 'not_ready', reason: 'dentist' }, t, nameOf)).toBe('dentist');
    expect(statusText({ status: 'not_ready', reason: 'lunch' }, t, nameOf)).toBe('Lunch');
    expect(statusText({ status: 'not_ready', reason: '' }, t, nameOf)).toBe('Not ready');
    expect(statusText({ status: 'available', reason: '' }, t, nameOf)).toBe('Ready');
  });
});
