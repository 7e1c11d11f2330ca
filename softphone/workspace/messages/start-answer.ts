import type { MessageView } from '../../../server/contract/messages-schemas.ts';
import { call } from '../../net/api.ts';
import { failureCode } from '../../net/problem.ts';
import { queryClient, queryKeys } from '../../state/cards.ts';
import { openTab } from '../../state/composer-tab.ts';
import { answerTo, type Composition, type WriteMode } from '../../state/composition.ts';
import { editDraft, prepareDraft } from '../../state/message-drafts.ts';
import { setCommandFailure } from '../../state/stores.ts';

interface Answering {
  readonly messageId: string;
  readonly mode: Exclude<WriteMode, 'new'>;
}

/** Our own addresses, which never are among the recipients of an answer. */
async function ownAddresses(): Promise<string[]> {
  const { items } = await queryClient.ensureQueryData({
    queryKey: ['setup', 'addresses'],
    queryFn: () => call('GET /api/v1/addresses'),
  });
  return items.map(({ value }) => value.toLowerCase());
}

async function answerOf({
  messageId,
  mode,
}: Answering): Promise<{ message: MessageView; start: Partial<Composition> }> {
  const message = await queryClient.ensureQueryData<MessageView>({
    queryKey: queryKeys.message(messageId),
    queryFn: () => call('GET /api/v1/messages/:id', { params: { id: messageId } }),
  });
  // an SMS has one recipient and no subject: it simply goes on
  const start =
    message.channel === 'email'
      ? answerTo(message, mode, await ownAddresses())
      : { mode, conversationId: message.conversationId, to: [], answersId: message.id };
  return { message, start };
}

/** Begins a reply, a reply to all or a forward in this place. What was written already stays as the text. */
export async function startAnswer({ place, ...answering }: Answering & { readonly place: string }): Promise<void> {
  setCommandFailure(null);
  try {
    const { message, start } = await answerOf(answering);
    editDraft(message.clientId, message.channel, start);
    openTab(place, message.channel, true);
  } catch (error) {
    setCommandFailure(failureCode(error));
  }
}

/**
 * The same for somebody who only looks: nothing is kept before he writes.
 * @param unless asked when the original is there
 * @throws RequestFailure
 */
export async function prepareAnswer({
  unless,
  ...answering
}: Answering & { readonly unless: () => boolean }): Promise<void> {
  const { message, start } = await answerOf(answering);
  if (!unless()) prepareDraft(message.clientId, message.channel, start);
}
