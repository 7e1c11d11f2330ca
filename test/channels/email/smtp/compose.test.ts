import { createHash, createVerify, generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { evidenceOf, judgeMail, readMail } from '../../../../channels/email/index.ts';
import { limits } from '../../../../channels/email/limits.ts';
import { fieldOf } from '../../../../channels/email/mime/header-fields.ts';
import { composeMail, type Identity } from '../../../../channels/email/smtp/compose.ts';
import type { OutgoingMessage } from '../../../../channels/message-channel.ts';
import { outgoing, signer } from '../../../support/mail-peer/channel.ts';

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const identity: Identity = {
  settings: { dkim: null, plusAddressing: true, bounceAddressing: true },
  dkimKey: undefined,
  signer,
  loopMark: 'support@shop.test',
};
const signing: Identity = {
  ...identity,
  settings: { ...identity.settings, dkim: { domain: 'shop.test', selector: 's1' } },
  dkimKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
};
const message = (rest: Partial<OutgoingMessage> = {}) => outgoing('support@shop.test', 'anna@customer.test', rest);
const file = (name: string, type: string, text: string, contentId: string | null = null) => ({
  name,
  type,
  contentId,
  isInline: contentId !== null,
  read: async () => Buffer.from(text),
});

/** Verifies a signature as RFC 6376 says, relaxed/relaxed; returns the fields that it covers. */
function verifyDkim(raw: Buffer): string[] {
  const text = raw.toString('latin1');
  const end = text.indexOf('\r\n\r\n');
  const fields = text.slice(0, end).split(/\r\n(?![ \t])/);
  const relaxed = (field: string): string => {
    const colon = field.indexOf(':');
    const value = field
      .slice(colon + 1)
      .replace(/\r\n/g, '')
      .replace(/[ \t]+/g, ' ')
      .trim();
    return `${field.slice(0, colon).toLowerCase().trim()}:${value}`;
  };
  const signature = fields.find((field) => /^dkim-signature:/i.test(field)) ?? '';
  const tag = (name: string): string =>
    new RegExp(`[;\\s]${name}=([^;]*)`).exec(signature)?.[1]?.replace(/\s/g, '') ?? '';
  const body = text
    .slice(end + 4)
    .replace(/[ \t]+\r\n/g, '\r\n')
    .replace(/[ \t]+/g, ' ')
    .replace(/(?:\r\n)*$/, '\r\n');
  expect(createHash('sha256').update(body, 'latin1').digest('base64')).toBe(tag('bh'));
  const covered = tag('h').toLowerCase().split(':');
  const signed = covered.map((name) =>
    relaxed(fields.findLast((field) => field.toLowerCase().startsWith(`${name}:`)) ?? ''),
  );
  const own = relaxed(signature.replace(/([;\s]b=)[^;]*$/, '$1'));
  const verify = createVerify('RSA-SHA256').update(`${signed.join('\r\n')}\r\n${own}`, 'latin1');
  expect(verify.verify(publicKey, tag('b'), 'base64')).toBe(true);
  return covered;
}

describe('a mail', () => {
  it('is read as it was meant', async () => {
    const built = await composeMail(
      message({
        subject: 'Ваш заказ №5 🚚',
        html: '<p>Здравствуйте! <img src="cid:logo@shop"></p>',
        cc: [{ address: 'boris@customer.test', name: 'Борис "Бо"' }],
        attachments: [
          file('счёт за январь, очень длинное имя файла для проверки.pdf', 'application/pdf', 'pdf'),
          file('logo.png', 'image/png', 'png', 'logo@shop'),
        ],
      }),
      identity,
    );
    const read = readMail(built.raw);
    expect(read).toMatchObject({
      subject: 'Ваш заказ №5 🚚',
      from: [{ name: 'Поддержка', address: 'support@shop.test' }],
      to: [{ name: 'Анна', address: 'anna@customer.test' }],
      cc: [{ name: 'Борис "Бо"', address: 'boris@customer.test' }],
      text: 'Здравствуйте!\n\nЗаказ отправлен.\n.\nДо свидания.',
      html: '<p>Здравствуйте! <img src="cid:logo@shop"></p>',
      date: new Date(Date.UTC(2026, 2, 1, 12)),
      messageId: built.messageId,
      defects: [],
      truncated: [],
    });
    expect(read.attachments.map(({ name, type, inline }) => ({ name, type, inline }))).toEqual(
      expect.arrayContaining([
        { name: 'счёт за январь, очень длинное имя файла для проверки.pdf', type: 'application/pdf', inline: false },
        { name: 'logo.png', type: 'image/png', inline: true },
      ]),
    );
    expect(built.recipients).toEqual(['anna@customer.test', 'boris@customer.test']);
    for (const line of built.raw.toString('latin1').split('\r\n')) {
      expect(line).not.toMatch(/[\r\n]/);
      expect(line.length).toBeLessThan(998);
    }
  });

  it('has the same bytes every time, signed or not', async () => {
    const twice = message({ html: '<b>x</b>', attachments: [file('a.txt', 'text/plain', 'x')] });
    for (const who of [identity, signing]) {
      const [one, other] = [await composeMail(twice, who), await composeMail({ ...twice, attempt: 2 }, who)];
      expect(other).toEqual(one);
    }
    const third = await composeMail(message({ html: '<b>x</b>' }), identity);
    expect(third.messageId).not.toBe((await composeMail(twice, identity)).messageId);
  });

  it('brings its answer back to the conversation and to itself', async () => {
    const asked = message();
    const built = await composeMail(asked, identity);
    const { replyTo } = readMail(built.raw);
    const answer = readMail(
      Buffer.from(
        `From: anna@customer.test\r\nTo: ${replyTo[0]?.address}\r\nIn-Reply-To: ${built.messageId}\r\n\r\nok\r\n`,
      ),
    );
    expect(evidenceOf(answer, signer)).toMatchObject({ conversationIds: [asked.conversationId], sentIds: [asked.id] });
    expect(signer.sentIdOfToken(built.sender.replace(/^support\+(.*)@shop\.test$/, '$1'))).toBe(asked.id);
  });

  it('has plain addresses where the server knows no plus, or the local part would be too long', async () => {
    const plain = { ...identity, settings: { ...identity.settings, plusAddressing: false, bounceAddressing: false } };
    const built = await composeMail(message(), plain);
    expect(built.sender).toBe('support@shop.test');
    expect(readMail(built.raw).replyTo).toEqual([]);
    const long = { from: { address: `${'a'.repeat(30)}@shop.test`, name: '' } };
    const other = await composeMail(message(long), identity);
    expect(other.sender).toBe(long.from.address);
    expect(readMail(other.raw).replyTo).toEqual([]);
  });

  it('names what it answers, the first and the last', async () => {
    const references = Array.from({ length: 50 }, (_, i) => `<${i}@customer.test>`);
    const read = readMail((await composeMail(message({ references }), identity)).raw);
    expect(read.inReplyTo).toBe('<49@customer.test>');
    expect(read.references).toHaveLength(limits.outgoingReferences);
    expect(read.references[0]).toBe('<0@customer.test>');
    expect(read.references.at(-1)).toBe('<49@customer.test>');
  });

  const spoiled = (text: string): Record<string, Partial<OutgoingMessage>> => ({
    subject: { subject: text },
    'our name': { from: { address: 'support@shop.test', name: text } },
    'his name': { to: [{ address: 'anna@customer.test', name: text }] },
    reference: { references: [`<${text}@customer.test>`, `<1@customer.test${text}`] },
    'file name': { attachments: [file(text, 'text/plain', 'x')] },
    'file type': { attachments: [file('a.txt', `text/plain${text}`, 'x')] },
    'Content-ID': { html: '<p>x', attachments: [file('a.png', 'image/png', 'x', text)] },
    'way out': { nature: 'bulk', unsubscribeUrl: `https://shop.test/${text}` },
  });

  it.each(Object.keys(spoiled('')))('gets no further field by a line end in its %s', async (where) => {
    for (const end of ['\r\n', '\n', '\r', '\r\n\r\n', '\0\r\n', '"\r\n', ';\r\n', '>\r\n', '\u2028', '\r\n \r\n']) {
      const built = await composeMail(message(spoiled(`x${end}X-Evil: 1`)[where]), identity);
      const lines = built.raw.toString('latin1').split(/\r\n/);
      expect(lines.filter((line) => /^x-evil|[\r\n\0]/i.test(line))).toEqual([]);
      expect(built.recipients).toEqual(['anna@customer.test']);
    }
  });

  it('of a mailing has no link when there is none to press', async () => {
    const { headers } = readMail(
      (await composeMail(message({ nature: 'bulk', unsubscribeUrl: 'no link' }), identity)).raw,
    );
    expect(fieldOf(headers, 'list-unsubscribe')).not.toContain('no link');
    expect(fieldOf(headers, 'list-unsubscribe-post')).toBeNull();
  });

  it('that forwards another one leaves it as it is', async () => {
    const forwarded =
      'From: boris@customer.test\r\nSubject: Счёт\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nПривет\r\n';
    const built = await composeMail(message({ attachments: [file('mail.eml', 'message/rfc822', forwarded)] }), signing);
    expect(built.is8Bit).toBe(true);
    expect(built.raw.includes(forwarded)).toBe(true);
    expect(verifyDkim(built.raw)).toContain('from');
    expect((await composeMail(message(), signing)).is8Bit).toBe(false);
  });

  it('never reads a file or a page that a text names', async () => {
    const html = '<img src="/etc/passwd"><img src="http://127.0.0.1/x">';
    const built = await composeMail(
      message({ html, attachments: [file('/etc/passwd', 'text/plain', 'mine')] }),
      identity,
    );
    const read = readMail(built.raw);
    expect(read.attachments.map(({ bytes }) => bytes.toString())).toEqual(['mine']);
  });
});

describe('what is not written by a person', () => {
  it('is known as automatic, and its bounces go to nobody', async () => {
    const built = await composeMail(message({ nature: 'auto' }), identity);
    const read = readMail(built.raw);
    expect(built.sender).toBe('');
    expect(fieldOf(read.headers, 'auto-submitted')).toBe('auto-replied');
    expect(fieldOf(read.headers, 'x-auto-response-suppress')).toBe('OOF, AutoReply');
    const other = judgeMail(read, { addresses: ['anna@customer.test'], loopMark: 'anna@customer.test', signer });
    expect(other).toMatchObject({ kind: 'auto-reply', noAnswerBecause: 'not-human' });
    const back = judgeMail(read, { addresses: ['support@shop.test'], loopMark: 'support@shop.test', signer });
    expect(back.kind).toBe('loop');
  });

  it('says that nobody waits for it, when it is a notice', async () => {
    const built = await composeMail(message({ nature: 'notice' }), identity);
    expect(fieldOf(readMail(built.raw).headers, 'auto-submitted')).toBe('auto-generated');
    expect(built.sender).not.toBe('');
  });

  it('shows a way out of a mailing, which the signature covers', async () => {
    const unsubscribeUrl = `https://shop.test/u/${'x'.repeat(60)}`;
    const bulk = message({ nature: 'bulk', unsubscribeUrl });
    const built = await composeMail(bulk, signing);
    const { headers } = readMail(built.raw);
    const way = (fieldOf(headers, 'list-unsubscribe') ?? '').replace(/\s+/g, '');
    expect(way).toBe(
      `<${unsubscribeUrl}>,<mailto:support+${signer.bounceToken(bulk.id)}@shop.test?subject=unsubscribe>`,
    );
    expect(fieldOf(headers, 'list-unsubscribe-post')).toBe('List-Unsubscribe=One-Click');
    expect(fieldOf(headers, 'list-id')).toBe('<news.shop.test>');
    expect(fieldOf(headers, 'precedence')).toBe('bulk');
    expect(verifyDkim(built.raw)).toEqual(
      expect.arrayContaining([
        'from',
        'reply-to',
        'subject',
        'message-id',
        'list-id',
        'list-unsubscribe',
        'list-unsubscribe-post',
      ]),
    );
  });

  it('has the proof in the subject of the way out where plus addresses do not work', async () => {
    const plain = { ...identity, settings: { ...identity.settings, plusAddressing: false } };
    const bulk = message({ nature: 'bulk' });
    const { headers } = readMail((await composeMail(bulk, plain)).raw);
    const way = (fieldOf(headers, 'list-unsubscribe') ?? '').replace(/\s+/g, '');
    const subject = decodeURIComponent(/subject=([^>]*)/.exec(way)?.[1] ?? '');
    expect(subject).toBe(`unsubscribe [#${signer.bounceToken(bulk.id)}]`);
    expect(fieldOf(headers, 'list-unsubscribe-post')).toBeNull();
  });
});
