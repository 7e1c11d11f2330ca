import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { noEvidence, type ThreadEvidence } from '../../../channels/message-channel.ts';
import type { AddressId, ClientId, ConversationId, MessageId } from '../../../server/kernel/ids.ts';
import {
  decideJoin,
  isSilent,
  type JoiningMessage,
  type KnownConversation,
  type KnownConversations,
  nothingKnown,
} from '../../../server/messages/join.ts';

const dayMs = 24 * 60 * 60_000;
const now = Date.UTC(2026, 0, 12);
const closeAfterDays = 14;

const conversation = (
  id: string,
  participants: string[],
  rest: Partial<KnownConversation> = {},
): KnownConversation => ({
  id: id as ConversationId,
  clientId: 1 as ClientId,
  addressId: 1 as AddressId,
  state: 'answered',
  lastMessageAt: new Date(now - dayMs),
  closedAt: null,
  participants: new Set(participants),
  ...rest,
});

const a = conversation('A', ['ivan@x', 'boss@x']);
const b = conversation('B', ['petr@y']);

const known: KnownConversations = {
  byId: new Map([
    ['A', a],
    ['B', b],
  ]),
  ofSent: new Map([['m-a' as MessageId, a]]),
  ofReceived: new Map([
    ['<a>', [a]],
    ['<b>', [b]],
    ['<both>', [b, a]],
  ]),
  sameSubject: null,
  samePair: null,
};

const letter = (senders: string[], evidence: Partial<ThreadEvidence>, rest: Partial<JoiningMessage> = {}) => ({
  channel: 'email' as const,
  senders,
  at: now,
  isReport: false,
  ...rest,
  evidence: { ...noEvidence, ...evidence },
});

/** `join A by token` and the like. */
function told(message: JoiningMessage, facts: KnownConversations = known): string {
  const decision = decideJoin(message, facts, closeAfterDays);
  if (decision.kind === 'none') return 'nobody’s';
  if (decision.kind === 'new') return decision.continues ? `new after ${decision.continues.id}` : 'new';
  const { kind, conversation: found, by } = decision;
  return `${kind} ${found.id} by ${by}${decision.kind === 'ask' ? `: ${decision.why}` : ''}`;
}

const sentIds = ['m-a' as MessageId];

describe('a letter', () => {
  const subject = 'order 4711';
  const bySubject = { ...nothingKnown, sameSubject: a };
  test.each<[string, JoiningMessage, string, KnownConversations?]>([
    ['without evidence is a new matter', letter(['ivan@x'], {}), 'new'],
    ['with a token of his conversation', letter(['ivan@x'], { conversationIds: ['A'] }), 'join A by token'],
    ['that answers a message of ours', letter(['ivan@x'], { sentIds }), 'join A by own_message_id'],
    ['that answers a message of his own', letter(['ivan@x'], { messageIds: ['<a>'] }), 'join A by message_id'],
    ['of a colleague who takes part', letter(['boss@x'], { messageIds: ['<a>'] }), 'join A by message_id'],
    ['of a stranger with a token', letter(['eve@z'], { conversationIds: ['A'] }), 'ask A by token: new_sender'],
    ['of a stranger with our id', letter(['eve@z'], { sentIds }), 'ask A by own_message_id: new_sender'],
    ['of a stranger with a foreign id', letter(['eve@z'], { messageIds: ['<a>'] }), 'ask A by message_id: new_sender'],
    ['of nobody', letter([], { conversationIds: ['A'] }), 'ask A by token: no_sender'],
    ['of two, one of them a stranger', letter(['ivan@x', 'eve@z'], { sentIds }), 'ask A by own_message_id: new_sender'],
    ['of two who both take part', letter(['ivan@x', 'boss@x'], { sentIds }), 'join A by own_message_id'],
    ['with a token of a conversation that is gone', letter(['ivan@x'], { conversationIds: ['Z'] }), 'new'],
    ['whose foreign id several have', letter(['ivan@x'], { messageIds: ['<both>'] }), 'join A by message_id'],
    [
      'whose foreign ids lead elsewhere first',
      letter(['ivan@x'], { messageIds: ['<b>', '<a>'] }),
      'join A by message_id',
    ],
    [
      'with a token of others and a foreign id of his own: the signature settles it',
      letter(['ivan@x'], { conversationIds: ['B'], messageIds: ['<a>'] }),
      'ask B by token: new_sender',
    ],
    ['with the subject of his conversation', letter(['ivan@x'], { subject }), 'join A by subject', bySubject],
    ['of a stranger with the subject', letter(['eve@z'], { subject }), 'new', bySubject],
    ['that is no answer by its subject', letter(['ivan@x'], {}), 'new', bySubject],
  ])('%s', (_, message, expected, facts = known) => expect(told(message, facts)).toBe(expected));

  test('into a conversation that was silent for too long goes on in a new one', () => {
    const old = { ...a, lastMessageAt: new Date(now - 15 * dayMs) };
    const facts = { ...known, ofSent: new Map([['m-a' as MessageId, old]]) };
    expect(told(letter(['ivan@x'], { sentIds }), facts)).toBe('new after A');
    const waiting = { ...old, state: 'waiting' as const };
    expect(told(letter(['ivan@x'], { sentIds }), { ...known, ofSent: new Map([['m-a' as MessageId, waiting]]) })).toBe(
      'join A by own_message_id',
    );
  });
});

test('a report stands where the message is that it speaks of, when that is proven, and nowhere else', () => {
  const report = { isReport: true };
  expect(told(letter(['mailer-daemon@x'], { sentIds }, report))).toBe('join A by own_message_id');
  expect(told(letter(['mailer-daemon@x'], { messageIds: ['<a>'] }, report))).toBe('nobody’s');
  expect(told(letter(['ivan@x'], { messageIds: ['<a>'] }, report))).toBe('nobody’s');
});

test.each(['sms', 'chat'] as const)('by %s it is the conversation of the same two addresses', (channel) => {
  const message = { ...letter(['+7916'], {}), channel };
  expect(told(message, nothingKnown)).toBe('new');
  expect(told(message, { ...nothingKnown, samePair: a })).toBe('join A by same_addresses');
  const closed = { ...a, state: 'closed' as const, closedAt: new Date(now - dayMs) };
  expect(told(message, { ...nothingKnown, samePair: closed })).toBe('join A by same_addresses');
  const old = { ...closed, lastMessageAt: new Date(now - 20 * dayMs), closedAt: new Date(now - 15 * dayMs) };
  expect(told(message, { ...nothingKnown, samePair: old })).toBe('new after A');
});

test('who waits is never silent', () => {
  const lastMessageAt = new Date(now - 100 * dayMs);
  const at = (state: KnownConversation['state']) =>
    isSilent({ state, lastMessageAt, closedAt: null }, now, closeAfterDays);
  expect([at('waiting'), at('assigned'), at('answered'), at('closed')]).toEqual([false, false, true, true]);
});

const addresses = fc.constantFrom('ivan@x', 'boss@x', 'petr@y', 'eve@z', 'mallory@z');
const anyEvidence = fc.record({
  conversationIds: fc.array(fc.constantFrom('A', 'B', 'Z'), { maxLength: 3 }),
  sentIds: fc.array(fc.constantFrom('m-a' as MessageId, 'm-z' as MessageId), { maxLength: 2 }),
  messageIds: fc.array(fc.constantFrom('<a>', '<b>', '<both>', '<z>'), { maxLength: 4 }),
  subject: fc.option(fc.constant('order')),
});

test('no stranger ever joins a thread, whatever he presents', () => {
  fc.assert(
    fc.property(
      fc.array(addresses, { maxLength: 3 }),
      anyEvidence,
      fc.constantFrom(null, a, b),
      (senders, evidence, sameSubject) => {
        const decision = decideJoin(letter(senders, evidence), { ...known, sameSubject }, closeAfterDays);
        if (decision.kind === 'none') throw new Error('a letter of a person is somebody’s');
        if (decision.kind === 'join') {
          expect(senders.length).toBeGreaterThan(0);
          for (const sender of senders) expect(decision.conversation.participants.has(sender)).toBe(true);
        }
      },
    ),
    { numRuns: 1_000 },
  );
});

test('a signature that leads somewhere is never passed over for weaker evidence', () => {
  fc.assert(
    fc.property(fc.array(addresses, { minLength: 1, maxLength: 2 }), anyEvidence, (senders, evidence) => {
      const first =
        evidence.conversationIds.find((id) => known.byId.has(id)) ??
        (evidence.sentIds.includes('m-a' as MessageId) ? 'A' : null);
      if (first === null) return;
      const decision = decideJoin(letter(senders, evidence), known, closeAfterDays);
      expect(decision).toMatchObject({ conversation: { id: first } });
    }),
  );
});
