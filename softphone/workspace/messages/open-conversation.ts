import type { ConversationView } from '../../../server/contract/messages-schemas.ts';
import { composerPlace, openTab } from '../../state/composer.ts';

/** What a choice in the work list does besides going to the card: the tab that one would answer in. */
export function openConversation(conversation: ConversationView): void {
  openTab(composerPlace(conversation.client.id, undefined), conversation.channel, false);
}
