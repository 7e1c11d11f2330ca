import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { en } from '../../softphone/i18n/en.ts';
import type { Message } from '../../softphone/i18n/message.ts';
import { ru } from '../../softphone/i18n/ru.ts';
import { translators } from '../../softphone/i18n/translate.ts';

const dictionaries: Record<string, Readonly<Record<string, Message>>> = { ru, en };
const keys = Object.keys(en);

const texts = (message: Message): string[] => (typeof message === 'string' ? [message] : Object.values(message));
/** The form for any number, which has every placeholder. */
const general = (message: Message): string => (typeof message === 'string' ? message : message.other);
const placeholders = (text: string): string[] =>
  [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '').toSorted();

/** "called once" needs no number. */
function isOneWithoutCount(text: string, source: readonly string[]): boolean {
  const rest = source.filter((name) => name !== 'count');
  const isOne = Object.values(en).some((message) => typeof message !== 'string' && message.one === text);
  return isOne && String(placeholders(text)) === String(rest);
}

function sources(folder: string): string {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name) && !/i18n\/(ru|en)(-[a-z]+)?\.ts$/.test(name))
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .join('\n');
}

describe('the dictionaries', () => {
  it('have the same keys', () => {
    expect(Object.keys(ru).toSorted()).toEqual(keys.toSorted());
  });

  it('have the same placeholders in both languages and in every plural form', () => {
    const different = keys.filter((key) => {
      const source = placeholders(general(dictionaries['en']?.[key] ?? ''));
      const others = Object.values(dictionaries).flatMap((dictionary) => [...texts(dictionary[key] ?? '')]);
      return others.some((text) => String(placeholders(text)) !== String(source) && !isOneWithoutCount(text, source));
    });
    expect(different).toEqual([]);
  });

  it.each(['ru', 'en'])('%s has each plural category of its language', (language) => {
    const wanted = new Intl.PluralRules(language).resolvedOptions().pluralCategories.toSorted();
    for (const message of Object.values(dictionaries[language] ?? {})) {
      if (typeof message !== 'string') expect(Object.keys(message).toSorted()).toEqual(wanted);
    }
  });

  it('leave no text empty', () => {
    for (const dictionary of Object.values(dictionaries)) {
      for (const message of Object.values(dictionary)) expect(texts(message)).not.toContain('');
    }
  });

  it('keep no key that the app does not use', () => {
    const source = sources(fileURLToPath(new URL('../../softphone', import.meta.url)));
    const dynamic = [...source.matchAll(/`([a-z][\w.]*\.)\$\{/gi)].map((match) => match[1] ?? '');
    const unused = keys.filter(
      (key) => !source.includes(`'${key}'`) && !dynamic.some((prefix) => key.startsWith(prefix)),
    );
    expect(unused).toEqual([]);
  });
});

describe('translate', () => {
  it('fills placeholders', () => {
    expect(translators.ru('pop.in', { line: 'Продажи' })).toBe('звонит на «Продажи»');
  });

  it.each([
    [1, 'звонил 1 раз'],
    [2, 'звонил 2 раза'],
    [5, 'звонил 5 раз'],
    [21, 'звонил 21 раз'],
    [22, 'звонил 22 раза'],
  ])('counts %i in Russian', (count, text) => {
    expect(translators.ru('work.owed.times', { count })).toBe(text);
  });

  it('counts in English', () => {
    expect(translators.en('counter.calls', { count: 1 })).toBe('1 call today');
    expect(translators.en('counter.calls', { count: 0 })).toBe('0 calls today');
  });
});
