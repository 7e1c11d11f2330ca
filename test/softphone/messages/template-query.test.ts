import { describe, expect, it } from 'vitest';
import { matchingTemplates, replaceRange, templateQuery } from '../../../softphone/state/template-query.ts';
import { template } from '../samples.ts';

describe('::', () => {
  it.each([
    ['::', 2, { start: 0, end: 2, word: '' }],
    ['Привет ::дос', 12, { start: 7, end: 12, word: 'дос' }],
    ['(::hi', 5, { start: 1, end: 5, word: 'hi' }],
    ['a\n::hi там', 6, { start: 2, end: 6, word: 'hi' }],
  ])('in %j at %i asks for a template', (text, caret, expected) => {
    expect(templateQuery(text, caret)).toEqual(expected);
  });

  it.each([
    ['std::vector', 11],
    ['::hi there', 10],
    ['12:30', 5],
    [':::', 3],
    ['', 0],
  ])('is not meant by %j at %i', (text, caret) => {
    expect(templateQuery(text, caret)).toBeUndefined();
  });

  it('is replaced by the text, and the caret stands after it', () => {
    const replaced = replaceRange('Да ::hi и всё', { start: 3, end: 7 }, 'Здравствуйте');
    expect(replaced).toEqual({ text: 'Да Здравствуйте и всё', caret: 15 });
  });
});

describe('templates that a word may mean', () => {
  const hi = template();
  const hint = template({ id: 2, name: 'Подсказка', shortcut: '::hint' });
  const named = template({ id: 3, name: 'Hi-fi', shortcut: 'audio' });
  const mail = template({ id: 4, channel: 'email', name: 'Счёт', shortcut: 'bill' });
  const all = [mail, named, hint, hi];

  it('come with the very shortcut first, then its beginning, then the name', () => {
    const found = matchingTemplates(all, { word: 'HI', tab: 'sms', language: '' });
    expect(found.map(({ id }) => id)).toEqual([1, 2, 3]);
  });

  it('are those of the channel only', () => {
    const ids = (tab: 'sms' | 'email') =>
      matchingTemplates(all, { word: 'bill', tab, language: '' }).map(({ id }) => id);
    expect(ids('sms')).toEqual([]);
    expect(ids('email')).toEqual([4]);
  });

  it('in the client’s language stand before others', () => {
    const english = template({ id: 5, name: 'A', language: 'en' });
    const russian = template({ id: 6, name: 'Я', language: 'ru' });
    const found = matchingTemplates([english, russian], { word: '', tab: 'sms', language: 'ru' });
    expect(found.map(({ id }) => id)).toEqual([6, 5]);
  });
});
