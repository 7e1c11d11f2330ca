import type { Executor } from '../../../db/client.ts';
import type { ClientId } from '../../kernel/ids.ts';
import type { Concern, ConcernedInteraction } from './concern.ts';
import { clientsNaming, clientsOfInteractions, owedAmong } from './find-store.ts';

const unique = <T>(all: readonly T[]): T[] => [...new Set(all)];

/** Looks up the clients of interactions, and those to whom they belonged before. */
async function interactionLookup(
  db: Executor,
  interactions: readonly ConcernedInteraction[],
): Promise<(interaction: ConcernedInteraction) => readonly ClientId[]> {
  const holders = await clientsOfInteractions(db, unique(interactions.map(({ id }) => id)));
  const moved = interactions.filter(({ isMoved }) => isMoved).map(({ id }) => id);
  const naming = await clientsNaming(db, unique(moved));
  return ({ id, isOpening, isMoved }) => {
    const before = isMoved ? naming.filter((row) => row.id === id).map(({ clientId }) => clientId) : [];
    const holder = holders.get(id);
    // who owes nothing owes nothing after a talk
    return holder && (holder.isOwed || isOpening) ? [...before, holder.clientId] : before;
  };
}

/**
 * Whom each of many concerns is about, as things are at present, in the order in which they are looked at: a few
 * statements, however many they are.
 */
export async function concernedClients(db: Executor, concerns: readonly Concern[]): Promise<ClientId[][]> {
  const ofInteraction = await interactionLookup(
    db,
    concerns.flatMap(({ interaction }) => interaction ?? []),
  );
  const owed = await owedAmong(db, unique(concerns.flatMap(({ ifOwed }) => ifOwed ?? [])));
  return concerns.map(({ clients, interaction, ifOwed }) => [
    ...clients,
    ...(interaction ? ofInteraction(interaction) : []),
    ...(ifOwed !== null && owed.has(ifOwed) ? [ifOwed] : []),
  ]);
}
