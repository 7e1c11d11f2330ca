import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { Words } from '../../../softphone/admin/words/pair.ts';
import { texts } from '../../../softphone/admin/words/texts.ts';
import { sayIn } from '../../../softphone/admin/words/translate.ts';

const all: Words = texts;
const keys = Object.keys(all);
type Text = Words[string][0];

const formsOf = (text: Text): string[] => (typeof text === 'string' ? [text] : Object.values(text));
const placeholders = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? '').sort();
const general = (text: Text): string => (typeof text === 'string' ? text : text.other);

function sources(): string {
  const folder = fileURLToPath(new URL('../../../softphone/admin', import.meta.url));
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name) && !/-words\.ts$/.test(name))
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .join('\n');
}

describe('texts of the administration screens', () => {
  it('have the same placeholders in both languages and in every plural form', () => {
    const different = keys.filter((key) => {
      const [en = '', ru = ''] = all[key] ?? [];
      const wanted = String(placeholders(general(en)));
      return [...formsOf(en), ...formsOf(ru)].some((text) => String(placeholders(text)) !== wanted);
    });
    expect(different).toEqual([]);
  });

  it.each([
    ['en', 0],
    ['ru', 1],
  ] as const)('%s has each plural category of its language', (language, index) => {
    const wanted = new Intl.PluralRules(language).resolvedOptions().pluralCategories.toSorted();
    for (const key of keys) {
      const text = all[key]?.[index] ?? '';
      if (typeof text !== 'string') expect(Object.keys(text).toSorted(), key).toEqual(wanted);
    }
  });

  it('are plural in both languages or in none', () => {
    expect(keys.filter((key) => typeof all[key]?.[0] !== typeof all[key]?.[1])).toEqual([]);
  });

  it('are not empty, and Russian ones are Russian', () => {
    const foreign = new Set([
      'import.field.vip',
      'shifts.range',
      'sounds.madeBy',
      // names of other people's products and of their fields
      'account.kind.twilio',
      'mail.security.starttls',
      'smpp.systemId',
      'twilio.accountSid',
      'twilio.authToken',
      'channel.sms',
      'sentence.sms',
    ]);
    for (const key of keys) {
      const [en = '', ru = ''] = all[key] ?? [];
      expect([...formsOf(en), ...formsOf(ru)], key).not.toContain('');
      if (!foreign.has(key)) for (const text of formsOf(ru)) expect(text, key).toMatch(/[а-яё]/i);
    }
  });

  it('are all used', () => {
    const source = sources();
    const dynamic = [...source.matchAll(/`([a-z][\w.]*\.)\$\{/gi)].map(([, prefix]) => prefix ?? '');
    const unused = keys.filter(
      (key) => !source.includes(`'${key}'`) && !dynamic.some((prefix) => key.startsWith(prefix)),
    );
    expect(unused).toEqual([]);
  });

  it('count', () => {
    expect(sayIn.ru('team.people', { count: 22 })).toBe('22 человека');
    expect(sayIn.en('team.people', { count: 1 })).toBe('1 person');
  });
});
