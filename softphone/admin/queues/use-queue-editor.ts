import { useLocation } from 'wouter';
import type { SetupQueue } from '../../../server/contract/setup-schemas.ts';
import { call } from '../../net/api.ts';
import { recordChange } from '../data/last-change.ts';
import { openMade } from '../data/open-made.ts';
import { refreshSetup } from '../data/queries.ts';
import { type Editor, useEditor } from '../data/use-editor.ts';
import { adminPath } from '../place.ts';
import { useWords } from '../words/use-words.ts';
import { fieldsOf, newQueue, type QueueFields } from './queue-fields.ts';

/** Rules and members are two operations: the rules first, then the members on the version that came of it. */
async function saveQueue(queue: SetupQueue, change: Partial<QueueFields>, version: number): Promise<number> {
  const params = { id: queue.id };
  const { memberIds, ...rules } = change;
  let present = version;
  let steps = 0;
  if (Object.keys(rules).length > 0) {
    const saved = await call('PATCH /api/v1/setup/queues/:id', { params, body: { version, ...rules } });
    present = saved.version;
    steps += 1;
  }
  if (memberIds !== undefined) {
    const body = { version: present, userIds: [...memberIds] };
    await call('PUT /api/v1/setup/queues/:id/members', { params, body });
    steps += 1;
  }
  return steps;
}

export function useQueueEditor(queue: SetupQueue | undefined): Editor<QueueFields> {
  const { say } = useWords();
  const [, navigate] = useLocation();
  return useEditor<QueueFields>({
    subject: `queue:${queue?.id ?? 'new'}`,
    title: queue?.name ?? say('queues.new'),
    path: adminPath('queues', queue?.id ?? 'new'),
    current: queue === undefined ? newQueue : fieldsOf(queue),
    version: queue?.version ?? 0,
    required: ['name'],
    async save({ change, values, version }) {
      if (queue !== undefined) {
        const steps = await saveQueue(queue, change, version);
        return recordChange({ did: 'changed', name: values.name, kind: 'queue', id: queue.id, steps });
      }
      const made = await call('POST /api/v1/setup/queues', { body: { ...values, memberIds: [...values.memberIds] } });
      recordChange({ did: 'created', name: made.name, kind: 'queue', id: made.id });
      await refreshSetup();
      openMade(navigate, adminPath('queues', 'new'), adminPath('queues', made.id));
    },
  });
}
