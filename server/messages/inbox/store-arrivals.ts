import type { MessagesContext } from '../context.ts';
import { decideJoin, type JoinDecision } from '../join.ts';
import { joiningOf } from './arrival.ts';
import { decideAutomatic } from './automatic.ts';
import { findClients } from './client.ts';
import { claimEvent, claimEvents, sourceKey } from './events.ts';
import { readNamed } from './known.ts';
import type { InboxParts } from './parts.ts';
import type { InboxSetting } from './setting.ts';
import { JoinLost, type Ready, type Stored, type Storing, writeArrivals } from './write-arrivals.ts';

export type { Stored, Storing } from './write-arrivals.ts';

/** `duplicate`: it was stored before; null: it is nobody's (a report of nothing of ours). */
export type Outcome = Stored | 'duplicate' | null;

/**
 * Stores messages with everything that follows from them, in one transaction.
 * @param storings no sender, event or thread of theirs twice
 * @returns in their order
 */
export async function storeArrivals(
  context: MessagesContext,
  parts: InboxParts,
  storings: readonly Storing[],
  setting: InboxSetting,
): Promise<Outcome[]> {
  const early = await Promise.all(storings.map((storing) => decideEarly(context, storing, setting)));
  const all = storings.map((storing, index) => ({ ...storing, early: early[index] as JoinDecision }));
  try {
    return await storeAll(context, parts, all, setting);
  } catch (error) {
    if (!(error instanceof JoinLost) || all.length > 1) throw error;
    const own = all.map((one) => ({ ...one, early: { kind: 'new', continues: null } as const }));
    return storeAll(context, parts, own, setting);
  }
}

interface Decided extends Storing {
  /** Where its evidence led before a card was looked for. */
  readonly early: JoinDecision;
}

async function storeAll(
  context: MessagesContext,
  parts: InboxParts,
  all: readonly Decided[],
  setting: InboxSetting,
): Promise<Outcome[]> {
  const outcomes = new Map<Decided, Outcome>();
  for (const one of all) if (one.early.kind === 'none') outcomes.set(one, await storeNothing(context, one));
  const kept = await withClients(
    context,
    all.filter((one) => !outcomes.has(one)),
  );
  const ready = await Promise.all(
    kept.map(async (one) => ({ ...one, automatic: await decideAutomatic(context, parts, { ...one, setting }) })),
  );
  const stored = await commit(context, parts, ready, setting);
  for (const [index, { decided }] of kept.entries()) outcomes.set(decided, stored[index] ?? 'duplicate');
  return all.map((one) => outcomes.get(one) ?? null);
}

/** Where evidence leads before a card is looked for: who joins a conversation needs none. */
async function decideEarly(
  { db }: MessagesContext,
  { arrival: { event, peer } }: Storing,
  setting: InboxSetting,
): Promise<JoinDecision> {
  const message = joiningOf(event, peer);
  if (event.channel !== 'email' && !message.isReport) return { kind: 'new', continues: null };
  return decideJoin(message, await readNamed(db, message), setting.closeAfterDays);
}

/** It is remembered with what is needed to look at it, and shown nowhere. */
async function storeNothing({ db, log }: MessagesContext, { arrival, kept }: Storing): Promise<'duplicate' | null> {
  const { channel, sourceId, nature, from } = arrival.event;
  const raw = { nature, from: from.value.replaceAll('\0', ''), rawSha256: kept.rawSha256 };
  if (!(await claimEvent(db, arrival.event, raw))) return 'duplicate';
  log.info({ channel, sourceId, nature }, 'a program wrote of nothing of ours');
  return null;
}

interface WithClient extends Omit<Ready, 'automatic'> {
  readonly decided: Decided;
}

async function withClients(context: MessagesContext, all: readonly Decided[]): Promise<WithClient[]> {
  const strangers = all.filter(({ early }) => early.kind !== 'join');
  const found =
    strangers.length === 0
      ? []
      : await findClients(
          context,
          strangers.map(({ arrival }) => arrival),
        );
  return all.map((decided) => {
    const { arrival, kept, early } = decided;
    if (early.kind === 'join') return { arrival, kept, decided, clientId: early.conversation.clientId, isOwn: false };
    const own = found[strangers.indexOf(decided)];
    if (!own) throw new Error('a card was not returned');
    return { arrival, kept, decided, clientId: own.clientId, isOwn: true };
  });
}

async function commit(
  context: MessagesContext,
  parts: InboxParts,
  ready: readonly Ready[],
  setting: InboxSetting,
): Promise<(Stored | undefined)[]> {
  if (ready.length === 0) return [];
  const { db, journal } = context;
  const done = await db.transaction(async (tx) => {
    const claimed = await claimEvents(
      tx,
      ready.map(({ arrival: { event } }) => ({ event })),
    );
    const mine = ready.filter(({ arrival }) => claimed.has(sourceKey(arrival.event)));
    const written = mine.length === 0 ? [] : await writeArrivals(context, parts, tx, { mine, setting });
    const entries = await journal.append(
      tx,
      written.flatMap(({ events }) => events),
    );
    return { mine, written, entries };
  });
  journal.published(done.entries);
  return ready.map((one) => done.written[done.mine.indexOf(one)]?.stored);
}
