import type { TaskKind } from '../../server/contract/tasks-words.ts';
import { cachedCard } from '../state/cards.ts';
import { useTasks } from '../state/tasks.ts';
import type { Open } from './use-open.ts';

/** Opens the form for what is on the screen: the client whose card is open, and his call if there is one. */
export function openTaskForm(kind: TaskKind, { clientId, interaction, inStrip }: Open): void {
  const about = [interaction, inStrip].find((held) => held?.client.id === clientId);
  const name = about?.client.name ?? (clientId === undefined ? '' : (cachedCard(clientId)?.name ?? ''));
  // a promise and a callback are made to somebody; with no card open only a task makes sense
  useTasks.setState({
    draft: {
      kind: clientId === undefined ? 'task' : kind,
      client: clientId === undefined ? null : { id: clientId, name },
      interactionId: about?.id ?? null,
    },
  });
}
