import type { Executor } from '../../db/client.ts';
import { parsePhoneNumber } from '../clients/phone-number.ts';
import { type CallId, type ClientId, newId, type OfferId, type UserId } from '../kernel/ids.ts';
import { readKnownCaller } from './caller.ts';
import { type CallsContext, journalEvent } from './context.ts';
import type { LiveCall } from './live-call.ts';
import { blankCall, peerOf } from './receive.ts';
import { openCall, saveCall } from './store.ts';

/** PostgreSQL keeps a statement's plan from its sixth run on; more runs only make the engine's code faster. */
const fewestRounds = 6;
const mostRounds = 30;
/** No start waits longer than this for calls to come. */
const budgetMs = 300;

/** Undoes everything. */
class Undo extends Error {}

/**
 * Runs the statements of a call, from INVITE to its end, and takes all of it back: the first callers after a start
 * would wait for plans and code that are made at the first runs (measured: a second of ringing delay). Call when no
 * other call can be in hand. Does nothing in a house without lines.
 */
export async function warmUp(context: CallsContext): Promise<void> {
  const { db, clock, log, setup } = context;
  const [line] = setup.lines;
  if (!line) return;
  const parsed = parsePhoneNumber(line.number, line.region);
  const startedAt = clock.now();
  let rounds = 0;
  const undone = db.transaction(async (tx) => {
    const [card] = await tx.run<{ id: ClientId }>({
      name: 'warm_up',
      text: 'SELECT id FROM clients LIMIT 1',
      values: [],
    });
    while (rounds < fewestRounds || (rounds < mostRounds && clock.now() - startedAt < budgetMs)) {
      rounds++;
      await readKnownCaller(tx, parsed);
      if (card) await rehearse(context, tx, rehearsal(context, card.id));
    }
    throw new Undo();
  });
  await undone.catch((error: unknown) => {
    // The house opens all the same: its first calls are slow, that is all.
    if (!(error instanceof Undo)) log.warn({ err: error }, 'the database could not be warmed up');
  });
  log.debug({ rounds, ms: clock.now() - startedAt }, 'database warmed up');
}

function rehearsal(context: CallsContext, clientId: ClientId): LiveCall {
  const [line] = context.setup.lines;
  if (!line) throw new Error('a call needs a line');
  return {
    ...blankCall(context, line),
    callId: newId<CallId>(),
    direction: 'in',
    state: 'offered',
    client: { id: clientId, name: '', company: '', kind: 'unknown', vip: false, responsibleId: null, language: '' },
    peer: peerOf(parsePhoneNumber(line.number, line.region), ''),
    isNewCard: false,
  };
}

async function rehearse(context: CallsContext, tx: Executor, call: LiveCall): Promise<void> {
  const { clock, nodeId } = context;
  const userId = 0 as UserId;
  const offer = { id: newId<OfferId>(), userId };
  const source = { channel: 'voice', sourceId: call.id, facts: {} };
  const events = [journalEvent(call, { type: 'interaction.rehearsed' })];
  const now = clock.now();
  const offerMade = { ...offer, offeredAt: now, expiresAt: now, reason: 'round_robin', candidates: [] } as const;
  await openCall(tx, call, { source, nodeId, events, offerMade });
  await saveCall(tx, call, { events, offersEnded: [{ ...offer, result: 'accepted' }] });
  await saveCall(tx, call, { events, offersEnded: [] });
}
