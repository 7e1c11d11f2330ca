import { Button } from '@mantine/core';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { Link, useLocation } from 'wouter';
import type { SetupRule } from '../../../server/contract/setup-message-schemas.ts';
import { call } from '../../net/api.ts';
import { recordChange } from '../data/last-change.ts';
import { failureText } from '../data/problems.ts';
import { refreshSetup, useSetup } from '../data/queries.ts';
import { useRights } from '../data/use-rights.ts';
import form from '../parts/form.module.css';
import list from '../parts/list.module.css';
import { SortableList } from '../parts/sortable-list.tsx';
import { WhenLoaded } from '../parts/when-loaded.tsx';
import { adminPath, idOf, type ScreenProps } from '../place.ts';
import { useWords } from '../words/use-words.ts';
import { type RuleLists, RulePanel } from './rule-panel.tsx';
import { type RuleNames, ruleSentence } from './rule-sentence.ts';
import classes from './rules.module.css';

/** What is done with messages before people see them. */
export function RulesScreen({ item }: ScreenProps) {
  const rules = useSetup('GET /api/v1/setup/inbound-rules');
  const accounts = useSetup('GET /api/v1/setup/channel-accounts');
  const queues = useSetup('GET /api/v1/setup/queues');
  const users = useSetup('GET /api/v1/setup/users');
  return (
    <WhenLoaded queries={{ rules, accounts, queues, users }}>
      {(data) => (
        <Rules
          item={item}
          rules={data.rules.items}
          accounts={data.accounts.items}
          queues={data.queues.items}
          users={data.users.items}
        />
      )}
    </WhenLoaded>
  );
}

interface RulesProps extends RuleLists {
  readonly item: string | undefined;
  readonly rules: readonly SetupRule[];
}

const nameIn = (things: readonly { readonly id: number; readonly name: string }[], id: number): string =>
  things.find((thing) => thing.id === id)?.name ?? `№ ${id}`;

function Rules({ item, rules, ...lists }: RulesProps) {
  const { say } = useWords();
  const { isAdmin } = useRights();
  const [, navigate] = useLocation();
  const openId = idOf(item);
  const rule = rules.find(({ id }) => id === openId);
  const addresses = lists.accounts.flatMap((account) => account.addresses);
  const names: RuleNames = {
    addressOf: (id) => addresses.find((address) => address.id === id)?.value ?? `№ ${id}`,
    queueOf: (id) => nameIn(lists.queues, id),
    userOf: (id) => nameIn(lists.users, id),
  };
  return (
    <div className={list.screen}>
      <div className={list.main}>
        <header className={list.head}>
          <h1>{say('screen.rules')}</h1>
          {isAdmin ? (
            <Button
              size="xs"
              leftSection={<Plus size={15} aria-hidden="true" />}
              onClick={() => navigate(adminPath('rules', 'new'))}
              data-testid="add-new"
            >
              {say('rules.add')}
            </Button>
          ) : null}
        </header>
        <p className={list.text}>{say('rules.text')}</p>
        {rules.length === 0 ? (
          <p className={list.empty}>{say('rules.none')}</p>
        ) : (
          <RuleList rules={rules} names={names} />
        )}
      </div>
      {rule !== undefined || openId === 'new' ? (
        <RulePanel key={`rule-${openId}`} rule={rule} names={names} {...lists} />
      ) : null}
    </div>
  );
}

function RuleList({ rules, names }: { readonly rules: readonly SetupRule[]; readonly names: RuleNames }) {
  const words = useWords();
  const { say } = words;
  const { isAdmin } = useRights();
  const [failure, setFailure] = useState<string>();
  const [moving, setMoving] = useState<readonly number[]>();
  const present = rules.map(({ id }) => id);
  const byId = new Map(rules.map((rule) => [rule.id, rule]));
  const saveOrder = (ids: readonly number[]) =>
    call('PUT /api/v1/setup/inbound-rules/order', { body: { ids: [...ids] } });
  async function reorder(ids: readonly number[]): Promise<void> {
    setMoving(ids);
    setFailure(undefined);
    try {
      await saveOrder(ids);
      const change = { did: 'changed', name: say('rules.orderSaved'), kind: 'inbound_rule', id: ids[0] ?? 0 } as const;
      recordChange({ ...change, undo: () => saveOrder(present) });
    } catch (error) {
      setFailure(failureText(error, words));
    }
    await refreshSetup();
    setMoving(undefined);
  }
  return (
    <>
      <p className={form.text}>{say('rules.orderHint')}</p>
      <SortableList
        label={say('rules.list')}
        ids={moving ?? present}
        nameOf={(id) => byId.get(id)?.name ?? ''}
        disabled={!isAdmin}
        onChange={(ids) => void reorder(ids)}
        row={(id) => {
          const rule = byId.get(id);
          if (rule === undefined) return null;
          return (
            <span className={classes.row} data-off={!rule.enabled}>
              <Link href={adminPath('rules', id)}>{rule.name}</Link>
              <small>
                {rule.enabled ? '' : `${say('rules.off')}. `}
                {ruleSentence(rule, names, say)}
              </small>
            </span>
          );
        }}
      />
      {failure === undefined ? null : (
        <p role="alert" className={form.error}>
          {failure}
        </p>
      )}
    </>
  );
}
