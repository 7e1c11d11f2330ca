import { describe, expect, test } from 'vitest';
import type { ClientId, InteractionId } from '../../../server/kernel/ids.ts';
import type { JournalEntry } from '../../../server/kernel/journal.ts';
import { concernOf } from '../../../server/tasks/owed/concern.ts';

describe('whom an entry of the journal concerns', () => {
  const now = 1_000;
  const clientId = 7 as ClientId;
  const interactionId = 'i1' as InteractionId;
  const of = (entry: Omit<JournalEntry, 'seq'>) => concernOf({ seq: 1, ...entry }, now);
  const nobody = { clients: [], ifOwed: null, interaction: null, isHandedToResponsible: false };

  test.each([
    'conversation.waiting',
    'conversation.assigned',
    'conversation.answered',
    'conversation.closed',
    'conversation.changed',
    'message.received',
    'message.written',
  ])('%s: who is owed something', (type) => {
    expect(of({ type, clientId, data: { dueAt: now + 1 } })).toEqual({ ...nobody, ifOwed: clientId });
  });

  test.each([
    ['conversation.overdue', {}],
    ['conversation.unassigned', { because: 'nobody_on_shift' }],
    ['conversation.waiting', { dueAt: now }],
    ['client.restored', {}],
  ])('%s %j: the client in any case', (type, data) => {
    expect(of({ type, clientId, data })).toEqual({ ...nobody, clients: [clientId] });
  });

  test('a card that goes into another one: both', () => {
    const both = { ...nobody, clients: [clientId, 8] };
    expect(of({ type: 'client.merged', clientId, data: { to: 8 } })).toEqual(both);
    expect(of({ type: 'client.restored', clientId, data: { from: 8 } })).toEqual(both);
  });

  test('another responsible manager: the client goes to him', () => {
    const concern = { ...nobody, clients: [clientId], isHandedToResponsible: true };
    expect(of({ type: 'client.changed', clientId, data: { fields: ['name', 'responsibleId'] } })).toEqual(concern);
    expect(of({ type: 'client.changed', clientId, data: { fields: ['name'] } })).toBeNull();
  });

  test.each([
    ['interaction.abandoned', { isOpening: true, isMoved: false }],
    ['interaction.voicemail', { isOpening: true, isMoved: false }],
    ['interaction.callback_requested', { isOpening: true, isMoved: false }],
    ['interaction.recovered', { isOpening: true, isMoved: false }],
    ['interaction.answered', { isOpening: false, isMoved: false }],
    ['interaction.edited', { isOpening: true, isMoved: true }],
  ])('%s: whose it is now', (type, expected) => {
    const interaction = { id: interactionId, ...expected };
    expect(of({ type, clientId, interactionId, data: { fields: ['clientId'] } })).toEqual({ ...nobody, interaction });
  });

  test.each([
    'conversation.unassigned',
    'conversation.opened',
    'interaction.edited',
    'interaction.opened',
    'owed.opened',
  ])('%s: nobody', (type) => {
    expect(of({ type, clientId, interactionId, data: { because: 'nobody_free', fields: ['queueId'] } })).toBeNull();
  });
});
