import type { Push } from '../../server/contract/events.ts';
import type {
  Disposition,
  InteractionView,
  Line,
  Me,
  OwedClient,
  PopView,
  PresenceView,
  UserRef,
  Workspace,
} from '../../server/contract/schemas.ts';

/** What the work list and the call strip are made of; the snapshot fills it, pushes refine it. */
export interface WorkspaceState {
  readonly me: Me;
  readonly presence: PresenceView;
  /** Interactions of mine that are not closed, by id. */
  readonly interactions: Readonly<Record<string, InteractionView>>;
  readonly pops: Readonly<Record<string, PopView>>;
  readonly owed: readonly OwedClient[];
  readonly callsToday: number;
  readonly lines: readonly Line[];
  readonly dispositions: readonly Disposition[];
  readonly users: readonly UserRef[];
  /** Server's clock minus this browser's, in milliseconds. */
  readonly clockOffsetMs: number;
  /** The interaction that closed last in this tab: its result stays on the screen until the next one. */
  readonly lastClosed: InteractionView | null;
  /** An offer that went away without my answer, and why. */
  readonly lastOfferEnd: { readonly interaction: InteractionView; readonly result: string } | null;
}

/** Whether an interaction belongs on my work list. */
export function isMine(interaction: InteractionView, userId: number): boolean {
  if (interaction.state === 'closed' || interaction.state === 'queued') return false;
  if (interaction.state === 'offered') return interaction.offer === null || interaction.offer.userId === userId;
  return interaction.user === null || interaction.user.id === userId;
}

/** A snapshot is the truth: only what it cannot know (what closed in this tab) is carried over. */
export function fromSnapshot(workspace: Workspace, now: number, before?: WorkspaceState): WorkspaceState {
  const mine = workspace.interactions.filter((interaction) => isMine(interaction, workspace.me.id));
  return {
    me: workspace.me,
    presence: workspace.presence,
    interactions: Object.fromEntries(mine.map((interaction) => [interaction.id, interaction])),
    pops: Object.fromEntries(workspace.pops.map((pop) => [pop.interactionId, pop])),
    owed: workspace.owed,
    callsToday: workspace.counters.callsToday,
    lines: workspace.lines,
    dispositions: workspace.dispositions,
    users: workspace.users,
    clockOffsetMs: new Date(workspace.serverTime).getTime() - now,
    lastClosed: before?.lastClosed ?? null,
    lastOfferEnd: before?.lastOfferEnd ?? null,
  };
}

function without<T>(record: Readonly<Record<string, T>>, key: string): Readonly<Record<string, T>> {
  const { [key]: _gone, ...rest } = record;
  return rest;
}

/** An interaction in a newer version; an older one changes nothing. */
export function withInteraction(state: WorkspaceState, interaction: InteractionView): WorkspaceState {
  const held = state.interactions[interaction.id];
  const gone = state.lastClosed?.id === interaction.id ? state.lastClosed : undefined;
  const newest = held?.version ?? gone?.version ?? -1;
  if (interaction.version <= newest) return state;
  if (isMine(interaction, state.me.id)) {
    const isNew = held === undefined;
    return {
      ...state,
      interactions: { ...state.interactions, [interaction.id]: interaction },
      lastClosed: isNew ? null : state.lastClosed,
      lastOfferEnd: isNew ? null : state.lastOfferEnd,
    };
  }
  const closed = interaction.state === 'closed';
  if (held === undefined) {
    // closed before its first answer came back: remembered, or that late answer would raise it from the dead
    return closed && interaction.user?.id === state.me.id ? { ...state, lastClosed: interaction } : state;
  }
  return {
    ...state,
    interactions: without(state.interactions, interaction.id),
    pops: without(state.pops, interaction.id),
    lastClosed: closed ? interaction : state.lastClosed,
    callsToday: closed && held.state !== 'offered' ? state.callsToday + 1 : state.callsToday,
  };
}

/** An offer of mine is over: off the work list, and its end kept for the screen. */
export function withOfferEnded(
  state: WorkspaceState,
  { interactionId, offerId, result }: { interactionId: string; offerId: string; result: string },
): WorkspaceState {
  const held = state.interactions[interactionId];
  // accepted meanwhile, or a newer offer of the same interaction
  if (held === undefined || held.state !== 'offered' || (held.offer !== null && held.offer.id !== offerId))
    return state;
  return {
    ...state,
    interactions: without(state.interactions, interactionId),
    pops: without(state.pops, interactionId),
    lastOfferEnd: { interaction: held, result },
  };
}

/** A pop that was fetched or pushed. */
export function withPop(state: WorkspaceState, pop: PopView): WorkspaceState {
  return { ...state, pops: { ...state.pops, [pop.interactionId]: pop } };
}

/** Pure: the next state after one push. Pushes about cards and timelines do not live here. */
export function afterPush(state: WorkspaceState, push: Push): WorkspaceState {
  switch (push.type) {
    case 'interaction':
      return withInteraction(state, push.interaction);
    case 'offer':
      return withPop(withInteraction(state, push.interaction), push.pop);
    case 'offer-ended':
      return withOfferEnded(state, push);
    case 'presence':
      return { ...state, presence: push.presence };
    case 'owed':
      return { ...state, owed: push.owed };
    case 'client-changed':
    case 'timeline':
    case 'task':
    case 'task-due':
    case 'conversation':
      return state;
  }
}

const liveOrder: Readonly<Record<string, number>> = {
  active: 0,
  reconnecting: 1,
  held: 2,
  dialing: 3,
  wrap_up: 4,
};

/** Calls that have a client on the line: nothing may stand between them and their agent. */
export function hasTalk(state: WorkspaceState): boolean {
  return Object.values(state.interactions).some(({ state: word }) => talkStates.includes(word));
}

const talkStates: readonly string[] = ['active', 'held', 'reconnecting', 'dialing'];

/** Talking, being reconnected, on hold, dialling and wrap-up, in this order. */
export function liveInteractions(state: WorkspaceState): InteractionView[] {
  return Object.values(state.interactions)
    .filter((interaction) => interaction.state in liveOrder)
    .toSorted((left, right) => (liveOrder[left.state] ?? 9) - (liveOrder[right.state] ?? 9));
}

/** Ringing at me, the oldest first: that one is answered first. */
export function offeredInteractions(state: WorkspaceState): InteractionView[] {
  return Object.values(state.interactions)
    .filter((interaction) => interaction.state === 'offered')
    .toSorted((left, right) => left.arrivedAt.localeCompare(right.arrivedAt));
}

/** The one interaction that the strip shows when none is chosen: live before ringing. */
export function mainInteraction(state: WorkspaceState): InteractionView | undefined {
  return liveInteractions(state)[0] ?? offeredInteractions(state)[0];
}
