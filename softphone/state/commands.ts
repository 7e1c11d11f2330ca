import type { InteractionView } from '../../server/contract/schemas.ts';
import { call } from '../net/api.ts';
import { failureCode } from '../net/problem.ts';
import { type Desk, loadPop, takeInteraction } from './desk.ts';
import { forgetNote, unsavedNote } from './drafts.ts';
import { setCommandFailure, usePhoneStore, useScreenStore, useWorkspaceStore } from './stores.ts';
import { withOfferEnded } from './workspace-state.ts';

/** A second press of X this soon after the call's end is a slip of the finger, not the end of the wrap-up. */
const FINISH_GUARD_MS = 1000;

export interface Commands {
  answer(interaction: InteractionView): void;
  decline(interaction: InteractionView): Promise<void>;
  hangUp(interaction: InteractionView): Promise<void>;
  /** The key X: hang up, and again: finish the wrap-up. */
  hangUpOrFinish(interaction: InteractionView): Promise<void>;
  toggleMute(): void;
  setMuted(muted: boolean): void;
  toggleHold(interaction: InteractionView): Promise<void>;
  sendDigits(interaction: InteractionView, digits: string): Promise<boolean>;
  dispose(interaction: InteractionView, dispositionId: number): Promise<void>;
  finish(interaction: InteractionView, notReady?: string): Promise<void>;
  dial(number: string, clientId?: number): Promise<InteractionView | undefined>;
  setPresence(status: 'available' | 'not_ready', reason?: string): Promise<boolean>;
}

/** Runs a command and keeps its failure for the screen. Says whether it worked. */
async function run(command: () => Promise<unknown>): Promise<boolean> {
  setCommandFailure(null);
  try {
    await command();
    return true;
  } catch (error) {
    setCommandFailure(failureCode(error));
    return false;
  }
}

/** What the phone does, here or in its own tab; a tab that does not answer is said on the screen. */
function onPhone(done: Promise<void>): void {
  setCommandFailure(null);
  done.catch(() => setCommandFailure('phone_tab_silent'));
}

function declined(interaction: InteractionView): void {
  const { state } = useWorkspaceStore.getState();
  if (state === null || interaction.offer === null) return;
  const end = { interactionId: interaction.id, offerId: interaction.offer.id, result: 'declined' };
  useWorkspaceStore.setState({ state: withOfferEnded(state, end) });
}

/** What the person at the screen can do; every answer of the server goes to the stores. */
export function createCommands(desk: Desk): Commands {
  const running = new Set<string>();
  /** One command of a kind per interaction at a time: a double click is one click. */
  async function once(name: string, interaction: InteractionView, command: () => Promise<unknown>): Promise<void> {
    const key = `${name}:${interaction.id}`;
    if (running.has(key)) return;
    running.add(key);
    await run(command).finally(() => running.delete(key));
  }
  const params = (interaction: InteractionView) => ({ params: { id: interaction.id } });

  const commands: Commands = {
    answer: (interaction) => onPhone(desk.phone.answer(interaction.id)),
    decline: (interaction) =>
      once('decline', interaction, async () => {
        await call('POST /api/v1/interactions/:id/decline', params(interaction)).catch(async (error: unknown) => {
          // the server's answer is what the screen says
          await desk.phone.end(interaction.id).catch(() => undefined);
          throw error;
        });
        declined(interaction);
      }),
    hangUp: (interaction) =>
      once('hang-up', interaction, () =>
        call('POST /api/v1/interactions/:id/hang-up', params(interaction)).catch(async (error: unknown) => {
          // the call must end even when the server does not answer: our own leg says BYE
          await desk.phone.end(interaction.id).catch(() => undefined);
          throw error;
        }),
      ),
    async hangUpOrFinish(interaction) {
      if (interaction.state !== 'wrap_up') return commands.hangUp(interaction);
      const { state } = useWorkspaceStore.getState();
      const now = Date.now() + (state?.clockOffsetMs ?? 0);
      if (now - new Date(interaction.stateSince).getTime() < FINISH_GUARD_MS) return undefined;
      return commands.finish(interaction);
    },
    toggleMute: () => commands.setMuted(!usePhoneStore.getState().muted),
    setMuted: (muted) => onPhone(desk.phone.setMuted(muted)),
    toggleHold: (interaction) =>
      once('hold', interaction, async () => {
        const input = params(interaction);
        const held = interaction.state === 'held';
        takeInteraction(
          held
            ? await call('POST /api/v1/interactions/:id/resume', input)
            : await call('POST /api/v1/interactions/:id/hold', input),
        );
      }),
    sendDigits: (interaction, digits) =>
      run(() => call('POST /api/v1/interactions/:id/dtmf', { ...params(interaction), body: { digits } })),
    dispose: (interaction, dispositionId) =>
      once('dispose', interaction, async () => {
        const body = { dispositionId };
        takeInteraction(await call('PATCH /api/v1/interactions/:id', { ...params(interaction), body }));
      }),
    finish: (interaction, notReady) =>
      once('finish', interaction, async () => {
        const note = unsavedNote(interaction.id);
        const body = { ...(notReady === undefined ? {} : { notReady }), ...(note === undefined ? {} : { note }) };
        takeInteraction(await call('POST /api/v1/interactions/:id/finish', { ...params(interaction), body }));
        forgetNote(interaction.id);
      }),
    async dial(number, clientId) {
      const { lineId } = useScreenStore.getState();
      let made: InteractionView | undefined;
      await run(async () => {
        const body = {
          number,
          ...(clientId === undefined ? {} : { clientId }),
          ...(lineId === null ? {} : { lineId }),
        };
        made = await call('POST /api/v1/calls', { body });
        takeInteraction(made);
        // the call goes on without its pop; the screen asks again when it is opened
        loadPop(made.id).catch(() => undefined);
      });
      return made;
    },
    setPresence: (status, reason) =>
      run(async () => {
        const body = { status, ...(reason === undefined ? {} : { reason }) };
        const presence = await call('PUT /api/v1/presence', { body });
        const { state } = useWorkspaceStore.getState();
        if (state !== null) useWorkspaceStore.setState({ state: { ...state, presence } });
      }),
  };
  return commands;
}
