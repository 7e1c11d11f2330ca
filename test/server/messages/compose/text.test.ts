import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fillIn, firstNameOf } from '../../../../server/messages/compose/fields.ts';
import { htmlOfText, mailText, subjectOf } from '../../../../server/messages/compose/mail-text.ts';

describe('HTML of a text', () => {
  test('has paragraphs, line ends, links and pictures', () => {
    expect(htmlOfText('One\ntwo\n\nSee https://a.b/c?d=1&e=2, or a@b.ru.\n\ncid:pic-1')).toBe(
      '<p>One<br>\ntwo</p>\n' +
        '<p>See <a href="https://a.b/c?d=1&amp;e=2">https://a.b/c?d=1&amp;e=2</a>, or <a href="mailto:a@b.ru">a@b.ru</a>.</p>\n' +
        '<p><img src="cid:pic-1" alt=""></p>',
    );
  });

  test('has no tag or attribute of the writer’s, whatever he writes', () => {
    const nasty = fc.array(
      fc.constantFrom('<', '>', '"', "'", '&', 'https://', 'a.b', 'cid:', 'x', '@', '\n', ' ', 'javascript:', '=', '/'),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(nasty, (parts) => {
        const html = htmlOfText(parts.join(''));
        const bare = html
          .replace(/<\/?p>|<br>|<\/a>|<img src="cid:[\w.@-]+" alt="">/g, '')
          .replace(/<a href="(?:https?:\/\/|mailto:)[^"<>]*">/g, '');
        expect(bare).not.toMatch(/[<>"]/);
      }),
    );
  });
});

test('a mail is what was written, the signature behind its mark, and the quotation', () => {
  const message = {
    from: { address: 'a@b.c', name: 'Ann' },
    to: [{ address: 'shop@b.c', name: '' }],
    date: '1 Jan 2026, 10:00',
    subject: 'Order',
    text: 'Hi\n> old',
  };
  const reply = mailText({ text: 'Yes', signature: 'Me', quoted: { message, mode: 'reply' }, language: 'en' });
  expect(reply.text).toBe('Yes\n\n-- \nMe\n\nOn 1 Jan 2026, 10:00, Ann <a@b.c> wrote:\n> Hi\n>> old');
  const forward = mailText({ text: 'FYI', signature: '', quoted: { message, mode: 'forward' }, language: 'ru' });
  expect(forward.text).toBe(
    'FYI\n\n---------- Пересланное сообщение ----------\nОт: Ann <a@b.c>\nДата: 1 Jan 2026, 10:00\nТема: Order\nКому: shop@b.c\n\nHi\n> old',
  );
});

test.each([
  ['new', 'Re: mine', 'theirs', 'Re: mine'],
  ['reply', '', 'Order', 'Re: Order'],
  ['reply', '', 'Re: RE: Отв: Order', 'Re: Order'],
  ['reply_all', 'Re: Other', 'Order', 'Re: Other'],
  ['forward', '', 'Fwd: Re: Order', 'Fwd: Order'],
] as const)('the subject of a %s with "%s" to "%s" is "%s"', (mode, written, answered, subject) => {
  expect(subjectOf(mode, written, answered)).toBe(subject);
});

test('people are called by their first names', () => {
  expect(['Петров Иван Петрович', 'Иван Петров', 'Anna Smith', 'Cher'].map(firstNameOf)).toEqual([
    'Иван',
    'Иван',
    'Anna',
    'Cher',
  ]);
});

test('fields are filled in, and what cannot be is left and named', () => {
  const sources = {
    client: { kind: 'person', name: 'Петров Иван Петрович', company: '', position: '' },
    agent: { name: 'Anna Shop' },
    company: { name: 'Shop' },
    now: Date.UTC(2026, 0, 12, 9),
    timeZone: 'Asia/Omsk',
    language: 'ru',
  } as const;
  const text = '{{client.firstName}}, {{ company.name }}, {{time}}, {{client.company}}, {{constructor}}';
  expect(fillIn(text, sources)).toEqual({
    text: 'Иван, Shop, 15:00, {{client.company}}, {{constructor}}',
    missing: ['client.company', 'constructor'],
  });
  expect(fillIn('{{client.name}}', { ...sources, client: { ...sources.client, kind: 'unknown' } }).missing).toEqual([
    'client.name',
  ]);
});
