import { describe, expect, test } from 'vitest';
import {
  type CardFields,
  callerName,
  cardView,
  changedFields,
  contactPointOf,
  type StoredCard,
} from '../../../server/clients/client.ts';
import type { ClientChange } from '../../../server/contract/schemas.ts';
import type { ClientId, UserId } from '../../../server/kernel/ids.ts';

const card: StoredCard = {
  id: 7 as ClientId,
  version: 3,
  kind: 'unknown',
  name: '+7 916 123-45-67',
  company: '',
  position: '',
  responsible: { id: 1 as UserId, name: 'Anna' },
  language: '',
  timeZone: '',
  stage: 'lead',
  vip: false,
  source: 'call',
  tags: ['a', 'b'],
  warning: '',
  contactPoints: [],
  createdAt: new Date(0),
};

describe('a change', () => {
  test.each<[string, Omit<ClientChange, 'version'>, CardFields]>([
    ['nothing', {}, {}],
    ['what it was', { company: '', tags: ['a', 'b'], responsibleId: 1, vip: false }, {}],
    ['a name makes a person of an unknown caller', { name: ' Иван  Петров ' }, { name: 'Иван Петров', kind: 'person' }],
    ['unless it says what he is', { name: 'ООО Ромашка', kind: 'company' }, { name: 'ООО Ромашка', kind: 'company' }],
    ['the same name does not', { name: '+7 916 123-45-67' }, {}],
    ['space around words is dropped', { company: ' Ромашка\t и К ' }, { company: 'Ромашка и К' }],
    ['lines of a warning are kept', { warning: ' раз\nдва ' }, { warning: 'раз\nдва' }],
    ['tags once each', { tags: ['b', ' b', 'c', '  '] }, { tags: ['b', 'c'] }],
    ['tags that only look alike when joined', { tags: ['a,b'] }, { tags: ['a,b'] }],
    ['nobody responsible', { responsibleId: null }, { responsibleId: null }],
    ['a time zone', { timeZone: 'Asia/Omsk' }, { timeZone: 'Asia/Omsk' }],
  ])('%s', (_, change, expected) => {
    expect(changedFields(card, change)).toEqual(expected);
  });

  test.each<[string, Omit<ClientChange, 'version'>]>([
    ['an empty name', { name: ' \u00a0' }],
    ['a time zone that does not exist', { timeZone: 'Asia/Atlantis' }],
  ])('%s is refused', (_, change) => {
    expect(() => changedFields(card, change)).toThrow(expect.objectContaining({ code: 'bad_request' }));
  });
});

describe('a card for the browser', () => {
  const phone = { id: 1, kind: 'phone' as const, value: '+73832001122', extension: '', label: '', isPrimary: true };

  test('has region, time zone and spelling of its number', () => {
    const view = cardView({ ...card, contactPoints: [phone] });
    expect(view).toMatchObject({ region: 'RU', timeZone: 'Asia/Novosibirsk', createdAt: '1970-01-01T00:00:00.000Z' });
    expect(view.contactPoints).toMatchObject([{ display: '+7 383 200-11-22' }]);
  });

  test('has the time zone that people gave it', () => {
    expect(cardView({ ...card, contactPoints: [phone], timeZone: 'Asia/Omsk' }).timeZone).toBe('Asia/Omsk');
  });

  test('knows nothing of a card without a number', () => {
    expect(cardView(card)).toMatchObject({ region: '', timeZone: '' });
  });
});

describe('a contact point', () => {
  test.each([
    ['Ivan.Petrov@Example.COM', 'ivan.petrov@example.com'],
    [' mailto:a+b@mail.example.co.uk ', 'a+b@mail.example.co.uk'],
    ['иван@почта.рф', 'иван@почта.рф'],
  ])('e-mail %s', (written, value) => {
    expect(contactPointOf({ kind: 'email', value: written }, 'RU')).toMatchObject({ kind: 'email', value });
  });

  test.each([
    '',
    'ivan',
    'ivan@',
    '@example.com',
    'a@b',
    'a b@example.com',
    'a@exa mple.com',
    'a@example..com',
    'a@b@c.com',
  ])('e-mail "%s" is refused', (value) => {
    expect(() => contactPointOf({ kind: 'email', value }, 'RU')).toThrow(
      expect.objectContaining({ code: 'invalid_email' }),
    );
  });

  test('a number is canonical, with its extension and evidence', () => {
    expect(contactPointOf({ kind: 'phone', value: '8 495 123-45-67 доб. 12', label: ' office ' }, 'RU')).toEqual({
      kind: 'phone',
      value: '+74951234567',
      raw: '8 495 123-45-67 доб. 12',
      extension: '12',
      label: 'office',
      isPrimary: false,
      evidence: 'number written as "8 495 123-45-67 доб. 12", read by rule national',
    });
  });

  test.each([
    ['anonymous', 'hidden'],
    ['Иван', 'not_a_number'],
    ['8 916 123-45-6', 'impossible'],
    ['12345678901234567890', 'too_long'],
  ])('number %s is refused: %s', (value, reason) => {
    expect(() => contactPointOf({ kind: 'phone', value }, 'RU')).toThrow(
      expect.objectContaining({ code: 'invalid_number', details: { reason } }),
    );
  });
});

describe('the name that a caller’s equipment gives', () => {
  test.each([
    ['Иван Петров', 'Иван Петров'],
    ['  "Anna   Smith"  ', 'Anna Smith'],
    ['ООО Ромашка 24', 'ООО Ромашка 24'],
    [undefined, 'N'],
    ['', 'N'],
    ['89161234567', 'N'],
    ['+7 916 123-45-67', 'N'],
    ['a1234567', 'N'],
    ['Anonymous', 'N'],
    ['Unknown', 'N'],
    ['номер скрыт', 'N'],
    ['x', 'N'],
  ])('%s is kept or replaced by the number: %s', (hint, name) => {
    expect(callerName(hint, 'N')).toBe(name);
  });
});
