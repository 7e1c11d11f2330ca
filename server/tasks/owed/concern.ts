import type { ClientId, InteractionId } from '../../kernel/ids.ts';
import type { JournalEntry } from '../../kernel/journal.ts';

/** Whom an entry of the journal concerns, as far as the entry says it. */
export interface Concern {
  /** Are looked at in any case, in this order. */
  readonly clients: readonly ClientId[];
  /** Is looked at if something is owed to him. */
  readonly ifOwed: ClientId | null;
  /** Its client is looked at. */
  readonly interaction: ConcernedInteraction | null;
  /** The responsible manager is another one: the client goes to him if he works today. */
  readonly isHandedToResponsible: boolean;
}

export interface ConcernedInteraction {
  readonly id: InteractionId;
  /** Something may be owed for it; else its client is looked at only if something is owed to him. */
  readonly isOpening: boolean;
  /** It is another client's: those to whom something was owed for it are looked at too. */
  readonly isMoved: boolean;
}

/** A call nobody took; a message; a request; what a crash left. */
const openingEvents = new Set([
  'interaction.abandoned',
  'interaction.voicemail',
  'interaction.callback_requested',
  'interaction.recovered',
]);

/** Who is owed something may be owed it no more, or by somebody else. */
const writingEvents = new Set([
  'conversation.waiting',
  'conversation.assigned',
  'conversation.answered',
  'conversation.closed',
  'conversation.changed',
  'message.received',
  'message.written',
]);

/** Change what is owed in any case. */
const otherEvents = new Set(['interaction.answered', 'client.merged', 'client.restored']);

/** What was written may be owed from now on. */
const isOwedFromNow = ({ type, data }: JournalEntry, now: number): boolean =>
  type === 'conversation.overdue' ||
  (type === 'conversation.unassigned' && data?.['because'] === 'nobody_on_shift') ||
  // it waits again, and its time was over before
  (type === 'conversation.waiting' && typeof data?.['dueAt'] === 'number' && data['dueAt'] <= now);

function isHeard(entry: JournalEntry, now: number): boolean {
  const { type, data } = entry;
  const fields = (data?.['fields'] ?? []) as readonly unknown[];
  if (type === 'interaction.edited') return fields.includes('clientId');
  if (type === 'client.changed') return fields.includes('responsibleId');
  return openingEvents.has(type) || writingEvents.has(type) || otherEvents.has(type) || isOwedFromNow(entry, now);
}

const nobody: Concern = { clients: [], ifOwed: null, interaction: null, isHandedToResponsible: false };

/** These clients, in any case. */
export const concernOfClients = (clients: readonly ClientId[]): Concern => ({ ...nobody, clients });

/** Pure. @returns null for an entry that changes nothing of what is owed */
export function concernOf(entry: JournalEntry, now: number): Concern | null {
  if (!isHeard(entry, now)) return null;
  const { type, interactionId, clientId, data } = entry;
  const named = data?.['to'] ?? data?.['from'];
  const others = typeof named === 'number' ? [named as ClientId] : [];
  if (interactionId) {
    const isMoved = type === 'interaction.edited';
    const interaction = { id: interactionId, isMoved, isOpening: isMoved || openingEvents.has(type) };
    return { ...nobody, clients: others, interaction };
  }
  if (!clientId) return null;
  if (writingEvents.has(type) && !isOwedFromNow(entry, now)) return { ...nobody, ifOwed: clientId };
  return { ...nobody, clients: [clientId, ...others], isHandedToResponsible: type === 'client.changed' };
}
