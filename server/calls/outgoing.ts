import type { LegEndReason } from '../../channels/channel.ts';
import { areaOf, type ParsedNumber, parsePhoneNumber } from '../clients/phone-number.ts';
import type { CallResult } from '../contract/words.ts';
import { AppError } from '../kernel/errors.ts';
import { type CallId, type ClientId, type LegId, type LineId, newId, type UserId } from '../kernel/ids.ts';
import type { LineRow } from '../routing/store.ts';
import { type CallsContext, inLine, journalEvent, move, save, tell } from './context.ts';
import { abandon, closeIfStored, endTalk } from './finishing.ts';
import type { LiveCall } from './live-call.ts';
import { blankCall, clientOf, peerOf } from './receive.ts';
import { openCall } from './store.ts';
import { connect } from './talking.ts';

/** A desk phone must be picked up; a browser answers by itself within a second. */
const agentAnswerMs = 30_000;
/** Longer than any network lets a telephone ring. */
const clientAnswerMs = 90_000;

export interface CallRequest {
  readonly userId: UserId;
  readonly number: string;
  readonly clientId?: ClientId | undefined;
  readonly lineId?: LineId | undefined;
}

/** How an attempt failed, in words of the field. */
const failures: Readonly<Partial<Record<LegEndReason, CallResult>>> = {
  busy: 'busy',
  no_answer: 'no_answer',
  rejected: 'rejected',
  invalid_number: 'invalid_number',
  cancelled: 'cancelled',
};

/**
 * Calls out: the agent's own phone first, then the client, both joined here.
 * @throws AppError `no_phone`, `agent_busy`, `invalid_number`, `not_found`
 */
export async function startOutgoing(context: CallsContext, request: CallRequest): Promise<LiveCall> {
  const { roster, clients, live, journal, db } = context;
  const line = lineFor(context, request.lineId);
  const parsed = dialable(request.number, line);
  const blank = blankCall(context, line);
  occupy(context, request.userId, blank.id);
  try {
    const card = request.clientId
      ? await clients.card(request.clientId)
      : (await clients.matchOrCreateByPhone(parsed, { source: '' })).card;
    const call: LiveCall = {
      ...blank,
      callId: newId<CallId>(),
      direction: 'out',
      state: 'dialing',
      client: clientOf(card),
      peer: peerOf(parsed, ''),
      isNewCard: false,
      userId: request.userId,
      agentLeg: newId<LegId>(),
    };
    const events = [
      journalEvent(call, { type: 'interaction.opened', data: { line: line.number, direction: call.direction } }),
    ];
    const source = { channel: 'voice', sourceId: `out;${call.id}`, facts: {} };
    const entries = await openCall(db, call, { source, nodeId: context.nodeId, events }).catch((error: unknown) => {
      closeIfStored(context, call);
      throw error;
    });
    live.add(call);
    if (entries) journal.published(entries);
    ringOwnPhone(context, call);
    tell(context, call);
    return call;
  } catch (error) {
    roster.setWork(request.userId, null);
    throw error;
  }
}

function lineFor(context: CallsContext, lineId: LineId | undefined): LineRow {
  const { lines } = context.setup;
  const line = lineId === undefined ? lines[0] : lines.find((row) => row.id === lineId);
  if (!line) throw new AppError('not_found', 'no such line');
  return line;
}

function dialable(number: string, line: LineRow): ParsedNumber {
  const parsed = parsePhoneNumber(number, line.region, areaOf(line.number));
  if (parsed.e164 === null && parsed.reason !== 'short')
    throw new AppError('invalid_number', 'this is not a number that can be called', {
      details: { reason: parsed.reason },
    });
  return parsed;
}

/** Takes the agent for this call, before anything is awaited: a second click finds him busy. */
function occupy(context: CallsContext, userId: UserId, interactionId: LiveCall['id']): void {
  const agent = context.roster.agent(userId);
  if (!agent) throw new AppError('not_found', 'no such agent');
  if (agent.work) throw new AppError('agent_busy', 'finish the contact in hand first');
  if (!agent.phone) throw new AppError('no_phone', 'no phone of yours is registered');
  context.roster.setWork(userId, { kind: 'on_call', interactionId });
}

function ringOwnPhone(context: CallsContext, call: LiveCall): void {
  const { voice, clock, roster } = context;
  if (call.agentLeg === null || call.userId === null) return;
  voice.ringAgent({
    callId: call.callId,
    legId: call.agentLeg,
    aor: roster.agent(call.userId)?.row.login ?? '',
    caller: { displayName: call.client.name || call.peer.display, number: call.peer.number || call.peer.raw },
    headers: { 'X-Switchroom-Interaction': call.id, 'X-Switchroom-Answer': 'auto' },
  });
  call.dialTimer = clock.after(agentAnswerMs, () => void cancelOutgoing(context, call));
}

/** The agent's phone is there: he hears ringing, the client is called. */
export async function agentReady(context: CallsContext, call: LiveCall): Promise<void> {
  const { voice, clock } = context;
  if (call.clientLeg !== null || call.agentLeg === null) return;
  call.dialTimer?.cancel();
  const legId = newId<LegId>();
  call.clientLeg = legId;
  voice.play(call.callId, call.agentLeg, 'ringback');
  voice.dial({
    callId: call.callId,
    legId,
    trunkId: call.line.trunkId,
    number: call.peer.number || call.peer.raw,
    callerNumber: call.line.number,
  });
  call.dialTimer = clock.after(clientAnswerMs, () => voice.hangUp(call.callId, legId, 'no_answer'));
}

/** The network plays its own tone or announcement: the agent hears it. */
export async function clientRinging(context: CallsContext, call: LiveCall): Promise<void> {
  if (call.clientLeg !== null && call.agentLeg !== null)
    await context.voice.bridge(call.callId, call.clientLeg, call.agentLeg);
}

export async function clientAnswered(context: CallsContext, call: LiveCall): Promise<void> {
  call.dialTimer?.cancel();
  move(context, call, 'accept');
  call.answeredAt = context.clock.now();
  call.talkingSince = call.answeredAt;
  await connect(context, call);
  await save(context, call, {
    type: 'interaction.answered',
    data: { direction: call.direction, waitMs: call.answeredAt - call.arrivedAt },
  });
}

/** Busy, no answer, refused, wrong number: told in words, with a wrap-up for the note. */
export async function dialFailed(context: CallsContext, call: LiveCall, reason: LegEndReason): Promise<void> {
  call.dialTimer?.cancel();
  await endTalk(context, call, failures[reason] ?? 'congestion');
}

/** The agent stops dialling. */
export const cancelOutgoing = (context: CallsContext, call: LiveCall): Promise<void> =>
  inLine(context, call, 'cancel', async () => {
    call.dialTimer?.cancel();
    if (call.state === 'dialing') await abandon(context, call);
  });
