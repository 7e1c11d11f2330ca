import { create } from 'zustand';
import type { GateAnswer } from '../../server/contract/messages-schemas.ts';
import type { MessageChannelName } from '../../server/contract/messages-words.ts';
import { call } from '../net/api.ts';
import { failureCode, RequestFailure } from '../net/problem.ts';
import { storeEntry } from './cards.ts';
import { type Composition, toInput } from './composition.ts';
import { takeConversation } from './conversations.ts';
import { draftOf, editDraft, forgetDraft } from './message-drafts.ts';
import { setCommandFailure } from './stores.ts';

/** What was sent last and may still be undone. */
export interface SentMessage {
  readonly id: string;
  readonly clientId: number;
  readonly name: string;
  readonly channel: MessageChannelName;
  readonly composition: Composition;
  /** ISO; by the server's clock. */
  readonly heldUntil: string | null;
}

/** What is told aloud and shown of the last attempt. */
export type SendNews = 'sent' | 'undone' | 'too_late';

interface SentStore {
  readonly last: SentMessage | null;
  readonly news: { readonly word: SendNews; readonly name: string } | null;
}

const nothing: SentStore = { last: null, news: null };

export const useSent = create<SentStore>(() => nothing);

export const resetSent = (): void => useSent.setState(nothing);

export type SendResult = 'sent' | 'newer_message' | 'refused' | 'failed';

interface Sending {
  readonly clientId: number;
  readonly channel: MessageChannelName;
  /** As it goes out: with what was not chosen filled in. */
  readonly message: Composition;
  readonly seenMessages: number | undefined;
  readonly despiteWarnings: boolean;
}

/** One text has one key: pressed again after a break it is still one message. */
const keys = new WeakMap<Composition, string>();

function keyOf(composition: Composition): string {
  const key = keys.get(composition) ?? crypto.randomUUID();
  keys.set(composition, key);
  return key;
}

/** Sends what is written in a tab. What could not be sent stays in the composer. */
export async function sendMessage(sending: Sending): Promise<SendResult> {
  const { clientId, channel, message, seenMessages, despiteWarnings } = sending;
  const composition = draftOf(clientId, channel);
  setCommandFailure(null);
  try {
    const { entry, conversation } = await call('POST /api/v1/messages', {
      body: {
        key: keyOf(composition),
        message: toInput(message, clientId, channel),
        ...(seenMessages === undefined ? {} : { seenMessages }),
        despiteWarnings,
      },
    });
    storeEntry(entry);
    takeConversation(conversation);
    const { name } = conversation.client;
    const heldUntil = entry.message?.delivery?.heldUntil ?? null;
    forgetDraft(clientId, channel);
    useSent.setState({
      last: { id: entry.id, clientId, name, channel, composition, heldUntil },
      news: { word: 'sent', name },
    });
    return 'sent';
  } catch (error) {
    if (isNewerMessage(error)) return 'newer_message';
    if (refusalOf(error) !== undefined) return 'refused';
    setCommandFailure(failureCode(error));
    return 'failed';
  }
}

/** The client wrote after what was on the screen. */
function isNewerMessage(error: unknown): boolean {
  return error instanceof RequestFailure && error.status === 409 && factOf(error, 'reason') === 'newer_message';
}

/** The gate's answer, when that is why nothing was sent. */
function refusalOf(error: unknown): GateAnswer | undefined {
  return error instanceof RequestFailure ? (factOf(error, 'gate') as GateAnswer | undefined) : undefined;
}

const factOf = (error: RequestFailure, name: string): unknown =>
  (error.problem as Partial<Record<string, unknown>> | undefined)?.[name];

/** Takes the last message back, when it has not left: its text is in the composer again. Says where, if it is. */
export async function undoLast(): Promise<SentMessage | undefined> {
  const { last } = useSent.getState();
  if (last === null) return undefined;
  useSent.setState({ last: null });
  setCommandFailure(null);
  try {
    await call('POST /api/v1/messages/:id/undo', { params: { id: last.id } });
    editDraft(last.clientId, last.channel, last.composition);
    useSent.setState({ news: { word: 'undone', name: last.name } });
    return last;
  } catch (error) {
    const code = failureCode(error);
    if (code === 'conflict' || code === 'illegal_transition') {
      useSent.setState({ news: { word: 'too_late', name: last.name } });
    } else setCommandFailure(code);
    return undefined;
  }
}

/** A failed message as a new one. */
export async function sendAgain(id: string): Promise<void> {
  setCommandFailure(null);
  try {
    storeEntry(await call('POST /api/v1/messages/:id/send-again', { params: { id } }));
  } catch (error) {
    setCommandFailure(failureCode(error));
  }
}

/** A failed message needs nothing more. */
export async function resolveMessage(id: string): Promise<void> {
  setCommandFailure(null);
  try {
    await call('POST /api/v1/messages/:id/resolve', { params: { id } });
  } catch (error) {
    setCommandFailure(failureCode(error));
  }
}
