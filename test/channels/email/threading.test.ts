import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createMailSigner, normalSubject, type ReadMail, readMail } from '../../../channels/email/index.ts';
import { limits } from '../../../channels/email/limits.ts';
import { isAnswerSubject, isGenericSubject } from '../../../channels/email/subject.ts';
import { evidenceOf } from '../../../channels/email/threading.ts';
import type { AddressId, ClientId, ConversationId } from '../../../server/kernel/ids.ts';
import { decideJoin, type KnownConversation, type KnownConversations } from '../../../server/messages/join.ts';

const signer = createMailSigner(Buffer.alloc(32, 'our key'));
const stranger = createMailSigner(Buffer.alloc(32, 'his key'));

const sofa = '01974a00-0000-7000-8000-000000000001';
const lamp = '01974a00-0000-7000-8000-000000000002';
const gone = '01974a00-0000-7000-8000-000000000003';
const sentAboutSofa = '01974a00-0000-7000-8000-00000000000a';
const sentAboutLamp = '01974a00-0000-7000-8000-00000000000b';

const participants = new Map<string, ReadonlySet<string>>([
  [sofa, new Set(['anna@customer.test'])],
  [lamp, new Set(['ivan@customer.test', 'oleg@customer.test'])],
]);
const received: Readonly<Record<string, string>> = { '<first@customer.test>': sofa, '<ivan@customer.test>': lamp };
const sent: Readonly<Record<string, string>> = { [sentAboutSofa]: sofa, [sentAboutLamp]: lamp };

type Thread =
  | { readonly join: string; readonly by: string }
  | { readonly ask: string; readonly by: string; readonly why: string }
  | { readonly new: true };

const knownOf = (id: string): KnownConversation[] => {
  const people = participants.get(id);
  if (!people) return [];
  const lastMessageAt = new Date(0);
  const { clientId, addressId } = { clientId: 1 as ClientId, addressId: 1 as AddressId };
  const state = 'answered' as const;
  return [
    { id: id as ConversationId, clientId, addressId, state, lastMessageAt, closedAt: null, participants: people },
  ];
};

/** From the bytes to the decision of the house: what the mail proves, and what that is worth. */
function threadOf(letter: ReadMail): Thread {
  const senders = letter.from.map(({ address }) => address.toLowerCase()).filter((address) => address !== '');
  const evidence = evidenceOf(letter, signer);
  const find = <K extends string>(ids: readonly K[], where: (id: K) => string | undefined) =>
    ids.flatMap((id) => knownOf(where(id) ?? '').map((found) => [id, found] as const));
  const isRecent = evidence.subject === 'не пришёл диван' && senders[0] !== 'm@evil.test';
  const known: KnownConversations = {
    byId: new Map(find(evidence.conversationIds, (id) => id)),
    ofSent: new Map(find(evidence.sentIds, (id) => sent[id])),
    ofReceived: new Map(find(evidence.messageIds, (id) => received[id]).map(([id, found]) => [id, [found]])),
    sameSubject: isRecent ? (knownOf(sofa)[0] ?? null) : null,
    samePair: null,
  };
  const message = { channel: 'email' as const, senders, at: 0, evidence, isReport: false };
  const decision = decideJoin(message, known, 14);
  if (decision.kind === 'join') return { join: decision.conversation.id, by: decision.by };
  return decision.kind === 'ask'
    ? { ask: decision.conversation.id, by: decision.by, why: decision.why }
    : { new: true };
}

interface Letter {
  readonly from?: string;
  readonly to?: string;
  readonly deliveredTo?: string;
  readonly inReplyTo?: string;
  readonly references?: readonly string[];
  readonly subject?: string;
}

function mail({ from = 'anna@customer.test', to = 'support@shop.test', ...rest }: Letter): ReadMail {
  const lines = [`From: ${from}`, `To: ${to}`];
  if (rest.deliveredTo) lines.push(`Delivered-To: ${rest.deliveredTo}`);
  if (rest.inReplyTo) lines.push(`In-Reply-To: ${rest.inReplyTo}`);
  if (rest.references) lines.push(`References: ${rest.references.join(' ')}`);
  if (rest.subject) lines.push(`Subject: =?utf-8?B?${Buffer.from(rest.subject).toString('base64')}?=`);
  return readMail(Buffer.from(`${lines.join('\r\n')}\r\n\r\ntext`));
}

const plus = (token: string): string => `support+${token}@shop.test`;
const token = signer.conversationToken(sofa);
const ownId = signer.messageId(sentAboutSofa, 'shop.test');
const lampId = signer.messageId(sentAboutLamp, 'shop.test');

const table: readonly (readonly [string, Letter, Thread])[] = [
  ['a token in the address', { to: plus(token) }, { join: sofa, by: 'token' }],
  [
    'a token that a mail system put into capitals',
    { deliveredTo: plus(token.toUpperCase()) },
    { join: sofa, by: 'token' },
  ],
  ['a token in the subject', { subject: `Re: [#${token}] x` }, { join: sofa, by: 'token' }],
  ['the token goes before ids', { to: plus(token), inReplyTo: lampId }, { join: sofa, by: 'token' }],
  ['an id of ours', { inReplyTo: ownId }, { join: sofa, by: 'own_message_id' }],
  ['an id of ours among many', { references: ['<a@b>', ownId, '<c@d>'] }, { join: sofa, by: 'own_message_id' }],
  [
    'an id of ours with another domain',
    { inReplyTo: ownId.replace('shop', 'mx') },
    { join: sofa, by: 'own_message_id' },
  ],
  ['his own first mail', { inReplyTo: '<first@customer.test>' }, { join: sofa, by: 'message_id' }],
  ['an answer with the same subject', { subject: 'RE: Не пришёл диван' }, { join: sofa, by: 'subject' }],
  ['his address in capitals', { from: 'Anna@Customer.Test', to: plus(token) }, { join: sofa, by: 'token' }],

  [
    'a stranger with the token',
    { from: 'm@evil.test', to: plus(token) },
    { ask: sofa, by: 'token', why: 'new_sender' },
  ],
  [
    'a stranger with our id',
    { from: 'm@evil.test', inReplyTo: ownId },
    { ask: sofa, by: 'own_message_id', why: 'new_sender' },
  ],
  [
    'a stranger with an id',
    { from: 'm@evil.test', inReplyTo: '<first@customer.test>' },
    { ask: sofa, by: 'message_id', why: 'new_sender' },
  ],
  [
    'a participant beside a stranger',
    { from: 'anna@customer.test, m@evil.test', inReplyTo: ownId },
    { ask: sofa, by: 'own_message_id', why: 'new_sender' },
  ],
  ['nobody with the token', { from: 'Anna', to: plus(token) }, { ask: sofa, by: 'token', why: 'no_sender' }],
  [
    'a name that looks like a participant',
    { from: '"anna@customer.test" <m@evil.test>', inReplyTo: ownId },
    { ask: sofa, by: 'own_message_id', why: 'new_sender' },
  ],
  [
    'a token of a foreign conversation settles it',
    { to: plus(signer.conversationToken(lamp)), subject: 'Re: не пришёл диван' },
    { ask: lamp, by: 'token', why: 'new_sender' },
  ],
  [
    'a foreign id does not keep him from his own',
    { inReplyTo: '<ivan@customer.test>', references: ['<first@customer.test>'] },
    { join: sofa, by: 'message_id' },
  ],

  ['a first mail', { subject: 'Не пришёл диван' }, { new: true }],
  ['a generic subject', { subject: 'Re: Заказ' }, { new: true }],
  ['a forward with the subject', { subject: 'Fwd: Не пришёл диван' }, { new: true }],
  ['the subject from somebody else', { from: 'm@evil.test', subject: 'Re: Не пришёл диван' }, { new: true }],
  [
    'the subject from somebody who was taken off it',
    { from: 'former@customer.test', subject: 'Re: Не пришёл диван' },
    { new: true },
  ],
  ['a conversation that is gone', { to: plus(signer.conversationToken(gone)) }, { new: true }],
  ['a forged token', { to: plus(stranger.conversationToken(sofa)) }, { new: true }],
  ['a forged id', { inReplyTo: stranger.messageId(sentAboutSofa, 'shop.test') }, { new: true }],
  ['a token for bounces', { to: plus(signer.bounceToken(sofa)) }, { new: true }],
];

describe('which conversation a mail belongs to', () => {
  test.each(table)('%s', (_, letter, thread) => expect(threadOf(mail(letter))).toEqual(thread));

  test('no stranger ever joins in silence, whatever he presents', () => {
    const anything = fc.record(
      {
        from: fc.constantFrom('m@evil.test', 'anna@evil.test', 'anna@customer.test, m@evil.test', 'Anna', ''),
        to: fc.constantFrom(plus(token), plus(signer.conversationToken(lamp)), 'support@shop.test'),
        deliveredTo: fc.constantFrom(plus(token), plus(stranger.conversationToken(sofa))),
        inReplyTo: fc.constantFrom(ownId, lampId, '<first@customer.test>', '<x@y>'),
        references: fc.array(fc.constantFrom(ownId, lampId, '<first@customer.test>', '<ivan@customer.test>', '<x@y>')),
        subject: fc.constantFrom('Re: Не пришёл диван', `[#${token}]`, 'x'),
      },
      { requiredKeys: ['from'] },
    );
    fc.assert(
      fc.property(anything, (letter) => {
        expect(threadOf(mail(letter as Letter))).not.toHaveProperty('join');
      }),
    );
  });

  test('whoever joins takes part, and evidence that is not ours leads nowhere', () => {
    const senders = fc.constantFrom('anna@customer.test', 'ivan@customer.test', 'oleg@customer.test', 'm@evil.test');
    const evidence = fc.array(fc.constantFrom(ownId, lampId, '<first@customer.test>', '<ivan@customer.test>'), {
      maxLength: 5,
    });
    fc.assert(
      fc.property(senders, evidence, (from, references) => {
        const thread = threadOf(mail({ from, references }));
        if ('join' in thread) expect(participants.get(thread.join)).toContain(from);
        if (references.length === 0) expect(thread).toEqual({ new: true });
      }),
    );
  });

  test('no more ids are looked up than the limit', () => {
    const references = Array.from({ length: 300 }, (_, index) => `<r${index}@x.test>`);
    const { messageIds } = evidenceOf(mail({ references }), signer);
    expect(messageIds.length).toBe(limits.threadIds);
    expect(messageIds[0]).toBe('<r299@x.test>');
  });
});

describe('subjects', () => {
  test.each([
    ['RE: Fwd: AW: x y', 'x y', true],
    ['Re[2]: тема', 'тема', true],
    ['Отв: Пересл: Тема', 'тема', true],
    ['[EXT] Re: Тема [#9F3KQ2]', 'тема', true],
    ['Ответ：тема', 'тема', true],
    ['Regarding x', 'regarding x', false],
    ['Fwd: Re: тема', 'тема', false],
    ['  Two   words ', 'two words', false],
    [null, '', false],
  ])('%s', (subject, normal, answer) => {
    expect(normalSubject(subject)).toBe(normal);
    expect(isAnswerSubject(subject)).toBe(answer);
  });

  test('a normal subject stays as it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (subject) => {
        const normal = normalSubject(`Re: ${subject}`);
        expect(normalSubject(normal)).toBe(normal);
      }),
    );
  });

  test.each(['', 'заказ', 'order', 'abc', 'без темы'])('"%s" is generic', (subject) =>
    expect(isGenericSubject(subject)).toBe(true),
  );
  test('others are not', () => expect(isGenericSubject('не пришёл диван')).toBe(false));
});
