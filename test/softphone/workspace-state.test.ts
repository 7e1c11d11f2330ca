import { describe, expect, it } from 'vitest';
import {
  afterPush,
  fromSnapshot,
  hasTalk,
  liveInteractions,
  mainInteraction,
  offeredInteractions,
  withInteraction,
} from '../../softphone/state/workspace-state.ts';
import { neighbour, workItems } from '../../softphone/workspace/work-items.ts';
import { colleague, interaction, me, now, pop, snapshot, stateWith } from './samples.ts';

const offered = interaction();
const active = interaction({ version: 2, state: 'active', user: me, offer: null });
const closed = interaction({ version: 4, state: 'closed', user: me, offer: null, result: 'client_hung_up' });

describe('the work list', () => {
  it('keeps a call that is being reconnected among the live ones, and nothing covers it', () => {
    const state = stateWith(interaction({ state: 'reconnecting', user: me, offer: null }));
    expect(liveInteractions(state).map(({ state: word }) => word)).toEqual(['reconnecting']);
    expect(hasTalk(state)).toBe(true);
    expect(hasTalk(stateWith(offered))).toBe(false);
    expect(hasTalk(stateWith(interaction({ state: 'wrap_up', user: me, offer: null })))).toBe(false);
  });

  it('takes an offer with its pop', () => {
    const state = afterPush(stateWith(), { type: 'offer', interaction: offered, pop: pop() });
    expect(offeredInteractions(state)).toEqual([offered]);
    expect(state.pops[offered.id]?.card.name).toBe('Алина Савельева');
  });

  it('ignores an older version', () => {
    const state = stateWith(active);
    expect(withInteraction(state, offered)).toBe(state);
  });

  it('lets go of a call that a colleague took', () => {
    const taken = interaction({ version: 2, state: 'active', user: colleague, offer: null });
    const state = withInteraction(stateWith(offered), taken);
    expect(state.interactions).toEqual({});
    expect(state.lastClosed).toBeNull();
  });

  it('keeps how my last call ended, and counts it', () => {
    const state = withInteraction(stateWith(active), closed);
    expect(state.interactions).toEqual({});
    expect(state.lastClosed?.result).toBe('client_hung_up');
    expect(state.callsToday).toBe(1);
  });

  it('does not raise a closed call from the dead by a late answer', () => {
    const ended = withInteraction(stateWith(), closed);
    const late = withInteraction(ended, interaction({ version: 1, state: 'dialing', user: me, offer: null }));
    expect(late.interactions).toEqual({});
  });

  it('tells how an offer ended, unless it was accepted meanwhile', () => {
    const end = { type: 'offer-ended', interactionId: offered.id, offerId: 'offer-1', result: 'timeout' } as const;
    expect(afterPush(stateWith(offered), end).lastOfferEnd?.result).toBe('timeout');
    const accepted = stateWith(active);
    expect(afterPush(accepted, end)).toBe(accepted);
  });

  it('does not end a second offer of the same call by the end of the first', () => {
    const state = stateWith(offered);
    const end = { type: 'offer-ended', interactionId: offered.id, offerId: 'offer-0', result: 'timeout' } as const;
    expect(afterPush(state, end)).toBe(state);
  });

  it('shows of a snapshot only what is mine and open', () => {
    const foreign = interaction({ id: 'b', state: 'active', user: colleague, offer: null });
    const waiting = interaction({ id: 'c', state: 'queued', offer: null });
    const state = fromSnapshot(snapshot({ interactions: [active, foreign, waiting, { ...closed, id: 'd' }] }), now);
    expect(Object.keys(state.interactions)).toEqual([active.id]);
  });

  it('measures the difference of the clocks', () => {
    expect(fromSnapshot(snapshot(), now - 2500).clockOffsetMs).toBe(2500);
  });

  it('puts talking before wrap-up and live before ringing', () => {
    const wrapUp = interaction({ id: 'w', state: 'wrap_up', user: me, offer: null });
    const state = stateWith(offered, wrapUp, interaction({ id: 't', state: 'active', user: me, offer: null }));
    expect(liveInteractions(state).map(({ id }) => id)).toEqual(['t', 'w']);
    expect(mainInteraction(state)?.id).toBe('t');
  });
});

describe('walking the work list', () => {
  const owed = { client: { id: 9, name: '', company: '' }, number: '+7', missedAt: '2026-03-10T11:00:00Z', times: 1 };
  const items = workItems(
    { ...stateWith(offered, { ...active, id: 'live' }), owed: [owed] },
    { conversations: [], tasks: [] },
  );

  it('goes live, ringing, owed', () => {
    expect(items.map(({ section }) => section)).toEqual(['live', 'offered', 'owed']);
  });

  it('goes round in both directions', () => {
    expect(neighbour(items, '/calls/live', -1)).toBe('/clients/9');
    expect(neighbour(items, '/clients/9', 1)).toBe('/calls/live');
  });

  it('starts at an end from elsewhere, and nowhere when the list is empty', () => {
    expect(neighbour(items, '/', 1)).toBe('/calls/live');
    expect(neighbour(items, '/', -1)).toBe('/clients/9');
    expect(neighbour([], '/', 1)).toBeUndefined();
  });
});
