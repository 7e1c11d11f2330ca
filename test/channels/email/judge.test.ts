import { describe, expect, test } from 'vitest';
import { judgeMail, readMail } from '../../../channels/email/index.ts';
import { verdictOf } from '../../../channels/email/judge/status.ts';
import { limits } from '../../../channels/email/limits.ts';
import { own } from '../../fixtures/email/cases.ts';

function judged(headers: readonly string[], body = 'text', from = 'anna@customer.test') {
  const lines = [`From: ${from}`, 'To: support@shop.test', ...headers];
  return judgeMail(readMail(Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`)), own);
}

const loop = 'X-Loop: support@shop.test';
const answer = 'Auto-Submitted: auto-replied';
const list = 'List-Id: <x.test>';
const generated = 'Auto-Submitted: auto-generated';

describe('the order of the table', () => {
  test.each([
    [[loop, answer, list], 'loop', 'own-mail-again'],
    [[answer, list], 'auto-reply', 'automatic-answer'],
    [[list, generated], 'list', 'list-headers'],
    [[generated], 'auto-generated', 'automatic-mail'],
    [['Precedence: junk'], 'auto-generated', 'automatic-mail'],
    [['Precedence: bulk'], 'list', 'list-headers'],
    [['Auto-Submitted: no'], 'human', 'nothing-else'],
    [['Auto-Submitted: auto-notified; x=y'], 'auto-generated', 'automatic-mail'],
    [['Subject: Automatic reply: x'], 'auto-reply', 'automatic-answer'],
    [['Subject: Autobahn'], 'human', 'nothing-else'],
    [['Subject: Out of Office'], 'auto-reply', 'automatic-answer'],
    [['Subject: Out of Office AutoReply: order'], 'auto-reply', 'automatic-answer'],
    [['Subject: Re: Автоответ: заказ'], 'auto-reply', 'automatic-answer'],
    [['Subject: Abwesenheitsnotiz: Bestellung'], 'auto-reply', 'automatic-answer'],
    [['Subject: Автоответчик не работает'], 'human', 'nothing-else'],
    [['Subject: Нет на месте моего заказа'], 'human', 'nothing-else'],
    [['Subject: Out of office chairs?'], 'human', 'nothing-else'],
    [['X-Loop: someone@else.test'], 'human', 'nothing-else'],
  ])('%j is %s', (headers, kind, because) => expect(judged(headers)).toMatchObject({ kind, because }));

  test('what a form of our site sends from our own address is its writer’s, what we send is a loop', () => {
    const from = 'Support@shop.test';
    expect(judged(['Reply-To: Anna <anna@customer.test>'], 'x', from)).toMatchObject({
      kind: 'human',
      noAnswerBecause: 'own-address',
    });
    for (const headers of [[], ['Reply-To: support+c123@shop.test'], ['Reply-To: anna@customer.test', loop]])
      expect(judged(headers, 'x', from).kind).toBe('loop');
  });

  test('what a mail system writes without a report is automatic', () => {
    expect(judged([], 'Something went wrong', 'MAILER-DAEMON@x.test').kind).toBe('auto-generated');
    expect(judged([], 'About your server', 'postmaster@x.test').kind).toBe('human');
  });

  test('a report inside a loop is a report', () => {
    const report = ['Content-Type: multipart/report; boundary=r', loop, answer];
    const body =
      '--r\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; x\r\n\r\nFinal-Recipient: rfc822; a@b.test\r\nAction: failed\r\nStatus: 5.1.1\r\n--r--';
    expect(judged(report, body)).toMatchObject({
      kind: 'bounce',
      because: 'delivery-report',
      noAnswerBecause: 'not-human',
    });
  });

  test('a report that names nobody is a bounce of nobody', () => {
    const body = '--r\r\nContent-Type: message/delivery-status\r\n\r\njunk\r\n--r--';
    const { kind, report } = judged(['Content-Type: multipart/report; boundary=r'], body);
    expect({ kind, recipients: report?.recipients }).toEqual({ kind: 'bounce', recipients: [] });
  });

  test('a report that somebody forwards as an attachment is his letter', () => {
    const inner =
      'Content-Type: multipart/report; boundary=i\r\n\r\n--i\r\nContent-Type: message/delivery-status\r\n\r\nFinal-Recipient: rfc822; a@b.test\r\n--i--';
    const body = `--o\r\n\r\nwhat is this?\r\n--o\r\nContent-Type: message/rfc822\r\n\r\n${inner}\r\n--o--`;
    expect(judged(['Content-Type: multipart/mixed; boundary=o'], body).kind).toBe('human');
  });

  test('a report without our signature proves nothing', () => {
    const body =
      '--r\r\nContent-Type: message/delivery-status\r\n\r\nFinal-Recipient: rfc822; a@b.test\r\nStatus: 5.1.1\r\n--r\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: <ob.01974a00-0000-7000-8000-000000000077.aaaaaaaaaaaaaaaa@shop.test>\r\n--r--';
    expect(judged(['Content-Type: multipart/report; boundary=r'], body).sentId).toBeNull();
  });

  test('no more recipients are read than the limit', () => {
    const groups = 'Final-Recipient: rfc822; a@b.test\r\nStatus: 5.1.1\r\n\r\n'.repeat(limits.reportRecipients + 50);
    const body = `--r\r\nContent-Type: message/delivery-status\r\n\r\n${groups}--r--`;
    const { report } = judged(['Content-Type: multipart/report; boundary=r'], body);
    expect(report?.recipients.length).toBe(limits.reportRecipients);
  });
});

describe('automatic answers', () => {
  test.each([
    [[], 'anna@customer.test', null],
    [['X-Auto-Response-Suppress: None'], 'anna@customer.test', null],
    [['X-Auto-Response-Suppress: OOF, DR'], 'anna@customer.test', 'asked-not-to'],
    [[], 'no-reply@x.test', 'unanswerable-address'],
    [[], 'donotreply+x@x.test', 'unanswerable-address'],
    [[], 'owner-list@x.test', 'unanswerable-address'],
    [[], 'list-request@x.test', 'unanswerable-address'],
    [[], 'noreplyanna@x.test', null],
    [[], 'Anna', 'no-sender'],
    [[answer], 'anna@customer.test', 'not-human'],
  ])('%j from %s: %s', (headers, from, because) => expect(judged(headers, 'x', from).noAnswerBecause).toBe(because));
});

describe('what a failure means for the address (RFC 3463)', () => {
  test.each([
    ['delivered', '5.1.1', '', 'delivered'],
    ['relayed', '2.0.0', '', 'delivered'],
    ['delayed', '5.1.1', '', 'later'],
    ['failed', '4.2.2', '', 'later'],
    ['failed', '5.1.1', '', 'gone'],
    ['failed', '5.1.1', 'blocked as spam', 'gone'],
    ['failed', '5.2.2', '', 'later'],
    ['failed', '5.3.4', '', 'later'],
    ['failed', '5.7.26', '', 'refused'],
    ['failed', '5.6.1', '', 'refused'],
    ['failed', '5.0.0', 'rejected: DMARC', 'refused'],
    ['failed', '5.0.0', 'Mailbox full', 'later'],
    ['failed', '5.0.0', '', 'gone'],
  ])('%s %s "%s" is %s', (action, status, words, verdict) => expect(verdictOf(action, status, words)).toBe(verdict));
});
