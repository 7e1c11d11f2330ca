import { describe, expect, test } from 'vitest';
import { judgeMail, type ReadMail, readMail, safeHtml, writtenText } from '../../../channels/email/index.ts';
import { genuineToken } from '../../../channels/email/tokens.ts';
import { mailCases, own } from '../../fixtures/email/cases.ts';

/** Blanks at line ends and the number of empty lines are nobody's concern; the blank of "-- " is. */
const tidy = (text: string): string =>
  text
    .split('\n')
    .map((line) => (line === '-- ' ? line : line.trimEnd()))
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
const folded = (text: string): string => text.replace(/\s+/g, ' ').trim();
const wordsOf = (html: string): string => folded(html.replace(/<[^>]*>/g, ' ').replaceAll('&amp;', '&'));

function everything(mail: ReadMail) {
  const safe = mail.html === null ? null : safeHtml(mail.html, { cidUrl: (id) => `/attachments/${id.length}` });
  const judgement = judgeMail(mail, own);
  return {
    ...mail,
    ...judgement,
    date: mail.date?.toISOString() ?? null,
    text: tidy(mail.text),
    words: folded(mail.text),
    attachments: mail.attachments.map(({ bytes: _, ...rest }) => rest),
    attachmentNames: mail.attachments.map(({ name }) => name),
    attachmentTypes: mail.attachments.map(({ type }) => type),
    attachmentCount: mail.attachments.length,
    referencesCount: mail.references.length,
    toCount: mail.to.length,
    mayAnswer: judgement.noAnswerBecause === null,
    conversation: genuineToken(mail, own.signer.conversationOf),
    reply: tidy(writtenText(mail.text, mail.originalAt)),
    safe: safe?.html ?? null,
    safeWords: safe === null ? null : wordsOf(safe.html),
    remoteImages: safe?.remoteImages.length ?? 0,
  };
}

type Everything = ReturnType<typeof everything>;

/** Expectations that are not equality. */
const checks: Readonly<Record<string, (got: Everything, want: unknown) => void>> = {
  textContains: (got, want) => contains(got.text, want),
  textNotContains: (got, want) => lacks(got.text, want),
  htmlText: (got, want) => (want === null ? expect(got.html).toBeNull() : contains(got.safeWords, [want])),
  htmlTextContains: (got, want) => contains(got.safeWords, want),
  htmlContains: (got, want) => contains(got.safe, want),
  htmlNotContains: (got, want) => lacks(got.safe?.toLowerCase() ?? null, want),
};

function contains(text: string | null, words: unknown): void {
  for (const word of words as string[]) expect(text).toContain(word);
}

function lacks(text: string | null, words: unknown): void {
  for (const word of words as string[]) expect(text).not.toContain(word);
}

describe('mails that break readers', () => {
  test('all cases are there', () => expect(mailCases.length).toBe(182));

  test.each(mailCases)('$name: $about', ({ bytes, expect: wanted }) => {
    const got = everything(readMail(bytes));
    for (const [key, want] of Object.entries(wanted)) {
      const check = checks[key];
      if (check) check(got, want);
      else expect(got, key).toHaveProperty(key);
      if (!check) expect(got[key as keyof Everything], key).toEqual(want);
    }
  });
});
