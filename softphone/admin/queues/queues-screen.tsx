import { Button } from '@mantine/core';
import { Plus } from 'lucide-react';
import { Link, useLocation } from 'wouter';
import type { SetupQueue, SetupUser, Sound } from '../../../server/contract/setup-schemas.ts';
import { useSetup } from '../data/queries.ts';
import { useRights } from '../data/use-rights.ts';
import { weeklyText } from '../parts/hours-text.ts';
import list from '../parts/list.module.css';
import { Mark } from '../parts/mark.tsx';
import { WhenLoaded } from '../parts/when-loaded.tsx';
import { adminPath, idOf, type ScreenProps } from '../place.ts';
import { useWords } from '../words/use-words.ts';
import { QueuePanel } from './queue-panel.tsx';

/** Where callers wait, and who is rung. */
export function QueuesScreen({ item }: ScreenProps) {
  const queues = useSetup('GET /api/v1/setup/queues');
  const users = useSetup('GET /api/v1/setup/users');
  const sounds = useSetup('GET /api/v1/setup/sounds');
  return (
    <WhenLoaded queries={{ queues, users, sounds }}>
      {(data) => <Queues item={item} queues={data.queues.items} users={data.users.items} sounds={data.sounds.items} />}
    </WhenLoaded>
  );
}

interface QueuesProps {
  readonly item: string | undefined;
  readonly queues: readonly SetupQueue[];
  readonly users: readonly SetupUser[];
  readonly sounds: readonly Sound[];
}

function Queues({ item, queues, users, sounds }: QueuesProps) {
  const { say } = useWords();
  const { isAdmin } = useRights();
  const [, navigate] = useLocation();
  const openId = idOf(item);
  const queue = queues.find(({ id }) => id === openId);
  return (
    <div className={list.screen}>
      <div className={list.main}>
        <header className={list.head}>
          <h1>{say('screen.queues')}</h1>
          {isAdmin ? (
            <Button
              size="xs"
              leftSection={<Plus size={15} aria-hidden="true" />}
              onClick={() => navigate(adminPath('queues', 'new'))}
              data-testid="add"
            >
              {say('queues.add')}
            </Button>
          ) : null}
        </header>
        <p className={list.text}>{say('queues.text')}</p>
        {queues.length === 0 ? (
          <p className={list.empty}>{say('queues.none')}</p>
        ) : (
          <QueueTable queues={queues} users={users} openId={openId} />
        )}
      </div>
      {queue !== undefined || openId === 'new' ? (
        <QueuePanel key={`queue-${openId}`} queue={queue} users={users} sounds={sounds} />
      ) : null}
    </div>
  );
}

interface QueueTableProps {
  readonly queues: readonly SetupQueue[];
  readonly users: readonly SetupUser[];
  readonly openId: unknown;
}

function QueueTable({ queues, users, openId }: QueueTableProps) {
  const { say, language } = useWords();
  const namesOf = (ids: readonly number[]): string =>
    ids.map((id) => users.find((user) => user.id === id)?.name ?? '').join(', ');
  return (
    <table className={list.table}>
      <thead>
        <tr>
          <th scope="col">{say('queue.name')}</th>
          <th scope="col">{say('queues.state')}</th>
          <th scope="col" className={list.minor}>
            {say('queues.hours')}
          </th>
          <th scope="col">{say('queues.who')}</th>
          <th scope="col" className={list.minor}>
            {say('queues.numbers')}
          </th>
        </tr>
      </thead>
      <tbody>
        {queues.map((queue) => (
          <tr key={queue.id} data-open={queue.id === openId} data-testid={`queue-${queue.id}`}>
            <th scope="row">
              <Link href={adminPath('queues', queue.id)}>{queue.name}</Link>
            </th>
            <td>{say(queue.isOpen ? 'queues.open' : 'queues.closed')}</td>
            <td className={list.minor}>
              {queue.hours === null ? say('value.always') : weeklyText(queue.hours.weekly, { say, language })}
            </td>
            <td>
              {queue.memberIds.length > 0 ? namesOf(queue.memberIds) : <Mark tone="warn">{say('queues.nobody')}</Mark>}
            </td>
            <td className={list.minor}>
              {queue.lines.length > 0 ? (
                queue.lines.map(({ name }) => name).join(', ')
              ) : (
                <Mark tone="warn">{say('queues.noNumbers')}</Mark>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
