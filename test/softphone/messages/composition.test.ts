import { describe, expect, it } from 'vitest';
import {
  addressed,
  answerSubject,
  answerTo,
  emptyComposition,
  fromDraft,
  isEmpty,
  isSendable,
  parseAddresses,
  toInput,
  withAddresses,
} from '../../../softphone/state/composition.ts';

const alina = { address: 'alina@example.ru', name: 'Алина' };
const boss = { address: 'boss@example.ru', name: '' };
const ours = { address: 'sales@house.example', name: 'Продажи' };
const attachment = { id: 'a1', name: 'a.png', type: 'image/png', bytes: 10, isInline: false, contentId: null };

describe('what is being written', () => {
  it('comes back from a draft as it was, without attachments that are gone', () => {
    const written = { ...emptyComposition, text: 'Привет', to: [alina], attachments: [attachment], addressId: 3 };
    const input = toInput(written, 7, 'email');
    expect(fromDraft(input, [attachment])).toEqual({
      ...written,
      conversationId: undefined,
      answersId: undefined,
      templateId: undefined,
    });
    expect(fromDraft(input, []).attachments).toEqual([]);
  });

  it('says nothing of what is not chosen', () => {
    expect(Object.keys(toInput(emptyComposition, 7, 'sms'))).not.toContain('conversationId');
  });

  it('is empty without text, subject and files', () => {
    expect(isEmpty({ ...emptyComposition, to: [alina], text: '  ' })).toBe(true);
    expect(isEmpty({ ...emptyComposition, attachments: [attachment] })).toBe(false);
  });

  it('goes on in the open conversation, or to the main address, and a forward to nobody by itself', () => {
    const open = { id: 'c1', peer: '+79150007950' };
    const other = { address: '+79990000000', name: '' };
    const all = { conversation: open, points: ['+79990000000'] };
    expect(addressed(emptyComposition, all)).toMatchObject({ to: [{ address: open.peer }], conversationId: 'c1' });
    expect(addressed(emptyComposition, { ...all, conversation: undefined })).toMatchObject({ to: [other] });
    expect(addressed({ ...emptyComposition, to: [other] }, all).conversationId).toBeUndefined();
    expect(addressed({ ...emptyComposition, mode: 'forward' }, all).to).toEqual([]);
    expect(addressed(emptyComposition, { conversation: undefined, points: [] }).to).toEqual([]);
  });

  it('can be sent with words or files, and somebody to get them', () => {
    expect(isSendable({ ...emptyComposition, to: [alina], text: 'Привет' })).toBe(true);
    expect(isSendable({ ...emptyComposition, to: [alina], attachments: [attachment] })).toBe(true);
    expect(isSendable({ ...emptyComposition, to: [alina], text: ' \n' })).toBe(false);
    expect(isSendable({ ...emptyComposition, text: 'Привет' })).toBe(false);
  });
});

describe('addresses as people write them', () => {
  it('are read with names, by commas, semicolons and lines; the rest stays to be mended', () => {
    expect(parseAddresses('Алина <Alina@Example.ru>; boss@example.ru\n"Без Почты", x@y')).toEqual({
      addresses: [alina, boss],
      rest: '"Без Почты", x@y',
    });
  });

  it('stand in the list once, whatever the case', () => {
    expect(withAddresses([alina], [{ address: 'ALINA@example.ru', name: '' }, boss])).toEqual([alina, boss]);
  });
});

describe('answers', () => {
  it.each([
    ['Счёт', 'reply', 'Re: Счёт'],
    ['RE: Re[2]: Счёт', 'reply_all', 'Re: Счёт'],
    ['Отв: Счёт', 'reply', 'Re: Счёт'],
    ['Fwd: Re: Счёт', 'forward', 'Fwd: Счёт'],
    ['Результаты', 'reply', 'Re: Результаты'],
  ] as const)('%s as %s is %s', (subject, mode, expected) => {
    expect(answerSubject(subject, mode)).toBe(expected);
  });

  const mail = {
    id: 'm1',
    conversationId: 'c1',
    direction: 'in',
    from: alina,
    to: [ours, boss],
    cc: [{ address: 'Alina@example.ru', name: '' }],
    subject: 'Счёт',
  } as const;

  it('go to the sender; to all others too when asked, but never to us nor to anybody twice', () => {
    expect(answerTo(mail, 'reply', [ours.address])).toMatchObject({ to: [alina], cc: [], conversationId: 'c1' });
    expect(answerTo(mail, 'reply_all', [ours.address])).toMatchObject({ to: [alina], cc: [boss] });
  });

  it('to one’s own mail go to those whom it went to', () => {
    expect(answerTo({ ...mail, direction: 'out', from: ours }, 'reply', [ours.address]).to).toEqual([boss]);
  });

  it('that forward have no recipient yet and leave the conversation', () => {
    const forward = answerTo(mail, 'forward', [ours.address]);
    expect(forward).toMatchObject({ to: [], cc: [], answersId: 'm1', subject: 'Fwd: Счёт' });
    expect(forward.conversationId).toBeUndefined();
  });
});
