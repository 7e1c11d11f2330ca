import { Button } from '@mantine/core';
import { Plus } from 'lucide-react';
import { Link, useLocation } from 'wouter';
import type { ChannelHealthView } from '../../../server/contract/messages-schemas.ts';
import type { SetupAccount } from '../../../server/contract/setup-message-schemas.ts';
import type { SetupQueue } from '../../../server/contract/setup-schemas.ts';
import { useSetup } from '../data/queries.ts';
import { useRights } from '../data/use-rights.ts';
import list from '../parts/list.module.css';
import { WhenLoaded } from '../parts/when-loaded.tsx';
import { adminPath, idOf, type ScreenProps } from '../place.ts';
import { useWords } from '../words/use-words.ts';
import { AccountPanel } from './account-panel.tsx';
import { AccountState } from './account-state.tsx';
import { ConsentReturn } from './consent-part.tsx';

/** What clients can write to, and how each account is now. */
export function AccountsScreen({ item }: ScreenProps) {
  const accounts = useSetup('GET /api/v1/setup/channel-accounts');
  const queues = useSetup('GET /api/v1/setup/queues');
  const health = useSetup('GET /api/v1/channel-health', undefined, false);
  return (
    <WhenLoaded queries={{ accounts, queues, health }}>
      {(data) => (
        <Accounts item={item} accounts={data.accounts.items} queues={data.queues.items} health={data.health.items} />
      )}
    </WhenLoaded>
  );
}

interface AccountsProps {
  readonly item: string | undefined;
  readonly accounts: readonly SetupAccount[];
  readonly queues: readonly SetupQueue[];
  readonly health: readonly ChannelHealthView[];
}

function Accounts({ item, accounts, queues, health }: AccountsProps) {
  const { say } = useWords();
  const { isAdmin } = useRights();
  const [, navigate] = useLocation();
  const openId = idOf(item);
  const account = accounts.find(({ id }) => id === openId);
  const hasQueue = queues.length > 0;
  return (
    <div className={list.screen}>
      <div className={list.main}>
        <header className={list.head}>
          <h1>{say('screen.accounts')}</h1>
          {isAdmin ? (
            <Button
              size="xs"
              disabled={!hasQueue}
              leftSection={<Plus size={15} aria-hidden="true" />}
              onClick={() => navigate(adminPath('accounts', 'new'))}
              data-testid="add-new"
            >
              {say('accounts.add')}
            </Button>
          ) : null}
        </header>
        <p className={list.text}>{say('accounts.text')}</p>
        {item === 'consent' ? <ConsentReturn /> : null}
        {accounts.length === 0 ? (
          <p className={list.empty}>{say(hasQueue ? 'accounts.none' : 'accounts.noQueue')}</p>
        ) : (
          <AccountTable accounts={accounts} queues={queues} health={health} openId={openId} />
        )}
      </div>
      {account !== undefined || (openId === 'new' && hasQueue) ? (
        <AccountPanel key={`account-${openId}`} account={account} queues={queues} />
      ) : null}
    </div>
  );
}

function AccountTable({
  accounts,
  queues,
  health,
  openId,
}: Omit<AccountsProps, 'item'> & { readonly openId: unknown }) {
  const { say } = useWords();
  const queueName = (id: number): string => queues.find((queue) => queue.id === id)?.name ?? '';
  return (
    <table className={list.table}>
      <thead>
        <tr>
          <th scope="col">{say('field.name')}</th>
          <th scope="col" className={list.minor}>
            {say('account.kind')}
          </th>
          <th scope="col">{say('accounts.addresses')}</th>
          <th scope="col">{say('accounts.state')}</th>
        </tr>
      </thead>
      <tbody>
        {accounts.map((account) => (
          <tr key={account.id} data-open={account.id === openId} data-faded={!account.enabled}>
            <th scope="row">
              <Link href={adminPath('accounts', account.id)}>{account.name}</Link>
            </th>
            <td className={list.minor}>{say(`account.kind.${account.kind}`)}</td>
            <td>
              {account.addresses.map(({ id, value, queueId }) => (
                <div key={id}>
                  {value} <small>→ {queueName(queueId)}</small>
                </div>
              ))}
            </td>
            <td>
              <AccountState health={health.find(({ accountId }) => accountId === account.id)} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
