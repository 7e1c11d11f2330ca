import { describe, expect, it } from 'vitest';
import { readArrival } from '../../../channels/email/arrival.ts';
import type { MailContext } from '../../../channels/email/mail-context.ts';
import type { MessageEvent } from '../../../channels/message-channel.ts';
import { type AccountId, type MessageId, newId } from '../../../server/kernel/ids.ts';
import { mailCases } from '../../fixtures/email/cases.ts';
import { signer } from '../../support/mail-peer/channel.ts';

const context: MailContext = {
  sourceId: '1/in/x',
  accountId: 1 as AccountId,
  addresses: ['support@shop.test', 'sales@shop.test'],
  direction: 'in',
  at: Date.UTC(2026, 0, 12),
  cutFrom: null,
};
const sent = newId<MessageId>();

const mail = (fields: readonly string[], body = 'Hello'): Buffer => Buffer.from([...fields, '', body, ''].join('\r\n'));
function eventOf(bytes: Buffer, more: Partial<MailContext> = {}): MessageEvent {
  const reading = readArrival(bytes, { ...context, ...more }, signer);
  if (reading.kind !== 'event') throw new Error('it is ours');
  return reading.event;
}
const report = (type: string, status: string, more: readonly string[] = []): Buffer =>
  mail(
    [
      'From: MAILER-DAEMON@mx.test',
      'To: support@shop.test',
      `Content-Type: multipart/report; report-type=${type}; boundary=b`,
      ...more,
    ],
    [
      '--b\r\nContent-Type: text/plain\r\n\r\nThis is a report.',
      `--b\r\nContent-Type: message/${type}\r\n\r\n${status}\r\n`,
      `--b\r\nContent-Type: message/rfc822\r\n\r\nFrom: support@shop.test\r\nMessage-ID: ${signer.messageId(sent, 'shop.test')}\r\n\r\nx`,
      '--b--',
    ].join('\r\n'),
  );

describe('an arrival', () => {
  it('from a form of our site is from who wrote in it', () => {
    const event = eventOf(
      mail(['From: support@shop.test', 'Reply-To: Anna <anna@customer.test>', 'To: support@shop.test']),
    );
    expect(event).toMatchObject({
      from: { value: 'anna@customer.test', displayName: 'Anna' },
      nature: 'human',
      mayAutoReply: false,
      facts: { sentBy: 'a form of our own address' },
    });
  });

  it('names our address by the traces of the envelope first, and the others as they stand', () => {
    const event = eventOf(
      mail([
        'From: Anna <anna@customer.test>',
        'Reply-To: office@customer.test',
        'Delivered-To: <Sales+c123@shop.test>',
        'To: support@shop.test, Boris <boris@customer.test>, anna@customer.test',
        'Cc: carla@customer.test',
        'Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=',
      ]),
    );
    expect(event).toMatchObject({
      from: { kind: 'email', value: 'anna@customer.test', displayName: 'Anna' },
      to: ['Sales+c123@shop.test', 'support@shop.test'],
      participants: [
        { address: 'anna@customer.test', name: 'Anna', role: 'from' },
        { address: 'office@customer.test', name: '', role: 'reply_to' },
        { address: 'boris@customer.test', name: 'Boris', role: 'to' },
        { address: 'carla@customer.test', name: '', role: 'cc' },
      ],
      subject: 'Grüße',
      raw: null,
    });
  });

  it('of a blind copy came to the main address', () => {
    expect(eventOf(mail(['From: anna@customer.test', 'To: boris@customer.test']))).toMatchObject({
      to: ['support@shop.test'],
    });
  });

  it('has files of its own, with names that are harmless', () => {
    const file = 'Content-Disposition: attachment; filename="../../etc/\u202egnp.exe"';
    const bytes = mail(
      ['From: anna@customer.test', 'Content-Type: multipart/mixed; boundary=b'],
      `--b\r\nContent-Type: text/plain\r\n\r\nSee\r\n--b\r\nContent-Type: image/png\r\n${file}\r\n\r\ndata\r\n--b--`,
    );
    const event = eventOf(bytes);
    if (event.type !== 'message.arrived') throw new Error(event.type);
    const [attachment] = event.attachments;
    expect(attachment).toMatchObject({ name: 'gnp.exe', type: 'image/png', contentId: null, isInline: false });
    bytes.fill(0);
    expect(Buffer.from(attachment?.bytes ?? []).toString()).toBe('data');
  });

  it('tells what was cut and what is odd', () => {
    const event = eventOf(mail(['Date: the day before', 'Subject: a']), { cutFrom: 40_000_000 });
    expect(event).toMatchObject({
      facts: { truncated: 'fetched of 40000000 bytes', defects: expect.stringContaining('date-unreadable') },
      from: { value: '' },
      mayAutoReply: false,
    });
  });

  it.each([
    ['an answer of a program', ['Auto-Submitted: auto-replied'], 'auto_reply'],
    ['a list', ['List-Id: <news.customer.test>'], 'list'],
    ['a program', ['Auto-Submitted: auto-generated'], 'auto_generated'],
    ['our own', ['X-Loop: support@shop.test'], 'loop'],
  ])('of %s is known as such', (_name, fields, nature) => {
    expect(eventOf(mail(['From: a@b.test', ...fields]))).toMatchObject({ nature, mayAutoReply: false });
  });

  it('from the Sent folder is ours to another', () => {
    const event = eventOf(mail(['From: sales@shop.test', 'To: anna@customer.test']), { direction: 'echo' });
    expect(event).toMatchObject({ nature: 'human', direction: 'echo', to: ['sales@shop.test'], mayAutoReply: false });
  });

  it.each(['Message-ID', 'X-Switchroom-Id'])(
    'from the Sent folder is skipped when the house sent it: by %s',
    (field) => {
      const bytes = mail(['From: sales@shop.test', `${field}: ${signer.messageId(sent, 'shop.test')}`]);
      expect(readArrival(bytes, { ...context, direction: 'echo' }, signer)).toEqual({ kind: 'ours' });
      const forged = mail(['From: sales@shop.test', `${field}: <ob.${sent}.aaaaaaaaaaaaaaaa@shop.test>`]);
      expect(readArrival(forged, { ...context, direction: 'echo' }, signer)).toMatchObject({ kind: 'event' });
    },
  );

  it('of every mail of the corpus is made, of plain data', () => {
    for (const { bytes } of mailCases) {
      const reading = readArrival(bytes, context, signer);
      expect(structuredClone(reading)).toEqual(reading);
      if (reading.kind === 'event' && reading.event.type === 'message.arrived') {
        expect(Object.values(reading.event.facts).every((fact) => fact !== '')).toBe(true);
      }
    }
  });
});

describe('a report', () => {
  const failed =
    'Reporting-MTA: dns; mx.test\r\n\r\nFinal-Recipient: rfc822; anna@customer.test\r\nAction: failed\r\nStatus: 5.1.1';

  it.each([
    [
      'a bounce',
      'delivery-status',
      failed,
      { step: 'failed', problem: { kind: 'recipient', code: '5.1.1', text: 'failed: anna@customer.test' } },
    ],
    [
      'a full mailbox',
      'delivery-status',
      failed.replace('5.1.1', '5.2.2'),
      { step: 'failed', problem: { kind: 'temporary', code: '5.2.2' } },
    ],
    [
      'a blocked sender',
      'delivery-status',
      failed.replace('5.1.1', '5.7.1'),
      { step: 'failed', problem: { kind: 'sender', code: '5.7.1' } },
    ],
    [
      'a delay',
      'delivery-status',
      failed.replace('failed', 'delayed').replace('5.1.1', '4.4.1'),
      { step: 'delayed', problem: { kind: 'temporary', code: '4.4.1' } },
    ],
    [
      'success',
      'delivery-status',
      failed.replace('failed', 'delivered').replace('5.1.1', '2.0.0'),
      { step: 'delivered', problem: null },
    ],
    ['a complaint', 'feedback-report', 'Feedback-Type: abuse', { step: 'delivered', isComplaint: true }],
    ['no complaint', 'feedback-report', 'Feedback-Type: not-spam', { step: 'delivered', isComplaint: false }],
    [
      'a reading',
      'disposition-notification',
      `Disposition: manual-action/MDN-sent-manually; displayed\r\nOriginal-Message-ID: ${signer.messageId(sent, 'shop.test')}`,
      { step: 'read', problem: null },
    ],
  ] as const)('of %s is told of the message that it proves', (_name, type, status, wanted) => {
    expect(eventOf(report(type, status))).toMatchObject({
      type: 'delivery.reported',
      messageId: sent,
      part: null,
      ...wanted,
    });
  });

  it("without a proof is a message that is nobody's work", () => {
    const forged = Buffer.from(
      report('delivery-status', failed)
        .toString()
        .replace(/<ob\.[^>]*>/, `<ob.${sent}.aaaaaaaaaaaaaaaa@shop.test>`),
    );
    expect(eventOf(forged)).toMatchObject({ type: 'message.arrived', nature: 'report', mayAutoReply: false });
  });

  it('is proven by the address that it came to as well', () => {
    const bytes = Buffer.from(
      report('delivery-status', failed)
        .toString()
        .replace(/Message-ID: <ob[^>]*>/, 'X: y')
        .replace('To: support@', `To: support+${signer.bounceToken(sent)}@`),
    );
    expect(eventOf(bytes)).toMatchObject({ type: 'delivery.reported', messageId: sent });
  });
});

describe('a mail to the way out of a mailing', () => {
  const token = signer.bounceToken(sent);
  it.each([
    ['by its address', [`To: support+${token}@shop.test`, 'Subject: unsubscribe']],
    ['by its subject', ['To: support@shop.test', `Subject: Unsubscribe [#${token}]`]],
  ])('is a refusal: proven %s', (_name, fields) => {
    expect(eventOf(mail(['From: anna@customer.test', ...fields]))).toMatchObject({
      type: 'consent.reported',
      change: 'refused',
      scope: 'marketing',
      address: { kind: 'email', value: 'anna@customer.test' },
    });
  });
  it('without a token is a message to a person', () => {
    const bytes = mail(['From: anna@customer.test', 'To: support@shop.test', 'Subject: unsubscribe']);
    expect(eventOf(bytes)).toMatchObject({ type: 'message.arrived', nature: 'human' });
  });
});
