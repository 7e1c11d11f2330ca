import type { BoardView } from '../../server/contract/board.ts';
import type { Push } from '../../server/contract/events.ts';
import type { Me, QueueView } from '../../server/contract/schemas.ts';
import type { SetupKind } from '../../server/contract/setup-words.ts';
import { call } from '../net/api.ts';
import { failureCode } from '../net/problem.ts';
import { connectPushes, type PushSocket } from '../net/socket.ts';
import { createPhone, type Phone } from '../phone/phone.ts';
import type { RingKind } from '../phone/ring-patterns.ts';
import { cardChanged, queryClient, storeCard, storeEntry } from './cards.ts';
import { takeHealth } from './channel-health.ts';
import { resetComposer } from './composer-tab.ts';
import { resetConversations, takeConversation, takeWaiting } from './conversations.ts';
import { emptyFeed, type Feed, type FeedStep, feedInterrupted, feedPush, feedSnapshot } from './feed.ts';
import { resetDrafts } from './message-drafts.ts';
import { resetSent } from './sent-message.ts';
import { useSettings } from './settings.ts';
import { resetStores, usePhoneStore, useWorkspaceStore } from './stores.ts';
import { fetchTasks, resetTasks, takeReminder, takeTask } from './tasks.ts';
import { afterPush, fromSnapshot, withInteraction, withPop } from './workspace-state.ts';

/** A signed-in person's live connection: snapshot, pushes and phone, feeding the stores. */
export interface Desk {
  readonly phone: Phone;
  readonly socket: PushSocket;
  /** Fetches the snapshot now (first load failed, or the user asks). */
  refresh(): void;
  close(): Promise<void>;
}

export interface DeskOptions {
  readonly me: Me;
  readonly onSignedOut: () => void;
  /** Rings now: the screen goes to it. */
  readonly onOffer: (interactionId: string) => void;
  readonly onQueues: (queues: readonly QueueView[]) => void;
  readonly onBoard: (board: BoardView) => void;
}

const RETRY_SNAPSHOT_MS = 3000;
/** What the snapshot holds of the setting. */
const snapshotKinds: ReadonlySet<SetupKind> = new Set(['user', 'line', 'disposition', 'work_schedule', 'holiday']);
/** Hundreds of browsers hear of a change at once and shall not ask at once. */
const SETUP_SPREAD_MS = 2000;

function ringKind(interactionId: string): RingKind {
  const { state } = useWorkspaceStore.getState();
  const interaction = state?.interactions[interactionId];
  if (interaction === undefined) return 'call';
  if (interaction.client.vip) return 'vip';
  return interaction.offer?.reason === 'responsible' ? 'own' : 'call';
}

/** Side effects of a push outside the workspace state. */
function spread(push: Push): void {
  if (push.type === 'client-changed') cardChanged(push.clientId, push.version);
  if (push.type === 'timeline') storeEntry(push.entry);
  if (push.type === 'offer') storeCard(push.pop.card);
  if (push.type === 'task') takeTask(push.task);
  if (push.type === 'task-due') takeReminder(push.task);
  if (push.type === 'conversation') takeConversation(push.conversation, push.alert, push.joinedId);
}

/** What is heard once; a call rings by itself. */
function soundOf(push: Push): 'task' | 'message' | undefined {
  if (push.type === 'task-due') return 'task';
  return push.type === 'conversation' && push.alert && useSettings.getState().messageSound ? 'message' : undefined;
}

function sipServer(): string {
  return `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/sip`;
}

export function openDesk(options: DeskOptions): Desk {
  let feed: Feed = emptyFeed;
  let closed = false;
  let fetching = false;
  let fetchAgain = false;
  let retryTimer: ReturnType<typeof setTimeout> | undefined;

  function take(step: FeedStep): void {
    feed = step.feed;
    for (const push of step.apply) {
      const { state } = useWorkspaceStore.getState();
      if (state !== null) useWorkspaceStore.setState({ state: afterPush(state, push) });
      spread(push);
      const heard = soundOf(push);
      if (heard !== undefined) hear(heard);
      if (push.type === 'offer') options.onOffer(push.interaction.id);
    }
    if (step.resync) void fetchSnapshot();
  }

  /** One tab of several is enough to be heard, and what it is about is on the screen too. */
  function hear(sample: 'task' | 'message'): void {
    if (usePhoneStore.getState().tab === 'phone') phone.playSample(sample).catch(() => undefined);
  }

  async function fetchSnapshot(): Promise<void> {
    clearTimeout(retryTimer);
    if (fetching) {
      fetchAgain = true;
      return;
    }
    fetching = true;
    try {
      const workspace = await call('GET /api/v1/workspace');
      if (closed) return;
      const before = useWorkspaceStore.getState().state ?? undefined;
      useWorkspaceStore.setState({ state: fromSnapshot(workspace, Date.now(), before), failure: null });
      for (const pop of workspace.pops) storeCard(pop.card);
      if (takeWaiting(workspace.conversations, workspace.me.id) && useSettings.getState().messageSound) hear('message');
      take(feedSnapshot(feed, workspace.seq));
      // without them the work list still has its calls; the next snapshot brings them
      fetchTasks(workspace.me.id).catch(() => undefined);
    } catch (error) {
      if (closed) return;
      useWorkspaceStore.setState({ failure: failureCode(error) });
      retryTimer = setTimeout(fetchSnapshot, RETRY_SNAPSHOT_MS);
    } finally {
      fetching = false;
      if (fetchAgain && !closed) {
        fetchAgain = false;
        void fetchSnapshot();
      }
    }
  }

  function connected(): void {
    const { connection } = useWorkspaceStore.getState();
    const lastOutageMs = connection.offlineSince === null ? null : Date.now() - connection.offlineSince;
    useWorkspaceStore.setState({ connection: { online: true, offlineSince: null, lastOutageMs } });
    feed = feedInterrupted(feed);
    void fetchSnapshot();
    // what was open may have changed while nothing could be pushed
    if (lastOutageMs !== null) void queryClient.invalidateQueries();
  }

  /** Lists of the administration and of menus are read again; lines, outcomes and people are in the snapshot. */
  function setupChanged(kind: SetupKind): void {
    void queryClient.invalidateQueries({ queryKey: ['setup'] });
    if (!snapshotKinds.has(kind)) return;
    clearTimeout(retryTimer);
    retryTimer = setTimeout(fetchSnapshot, Math.random() * SETUP_SPREAD_MS);
  }

  function disconnected(): void {
    const { connection } = useWorkspaceStore.getState();
    if (!connection.online || closed) return;
    useWorkspaceStore.setState({ connection: { online: false, offlineSince: Date.now(), lastOutageMs: null } });
  }

  const socket = connectPushes({
    onPush: (seq, push) => take(feedPush(feed, seq, push)),
    onQueues: options.onQueues,
    onBoard: options.onBoard,
    onSetupChanged: setupChanged,
    onChannelHealth: takeHealth,
    onConnected: connected,
    onDisconnected: disconnected,
    onSignedOut: options.onSignedOut,
  });
  const phone = createPhone({
    server: sipServer(),
    aor: options.me.sip.aor,
    realm: options.me.sip.realm,
    ringKind,
    isHeld: (interactionId) => useWorkspaceStore.getState().state?.interactions[interactionId]?.state === 'held',
    sound: useSettings.getState(),
    onChange: (view) => usePhoneStore.setState(view),
  });
  const stopConfiguring = useSettings.subscribe(phone.configure);
  const wake = (): void => socket.connectNow();
  globalThis.addEventListener('online', wake);
  void fetchSnapshot();

  return {
    phone,
    socket,
    refresh: () => void fetchSnapshot(),
    async close() {
      if (closed) return;
      closed = true;
      clearTimeout(retryTimer);
      globalThis.removeEventListener('online', wake);
      stopConfiguring();
      socket.close();
      await phone.close();
      resetStores();
      resetTasks();
      resetConversations();
      resetDrafts();
      resetComposer();
      resetSent();
      // all but the session itself, which says that nobody is signed in
      queryClient.removeQueries({ predicate: (query) => query.queryKey[0] !== 'session' });
    },
  };
}

/** The answer of a command is as good as the push that follows it, and earlier. */
export function takeInteraction(interaction: Parameters<typeof withInteraction>[1]): void {
  const { state } = useWorkspaceStore.getState();
  if (state !== null) useWorkspaceStore.setState({ state: withInteraction(state, interaction) });
}

/** Fetches the pop of an interaction that came without one (a call that I made). */
export async function loadPop(interactionId: string): Promise<void> {
  const pop = await call('GET /api/v1/interactions/:id/pop', { params: { id: interactionId } });
  storeCard(pop.card);
  const { state } = useWorkspaceStore.getState();
  if (state?.interactions[interactionId] !== undefined) {
    useWorkspaceStore.setState({ state: withPop(state, pop) });
  }
}
