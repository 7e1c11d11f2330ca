import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import type { AgentListItem } from '../../server/contract/schemas.ts';
import type { OwedRow } from '../../server/contract/tasks-schemas.ts';
import { useLanguage } from '../i18n/use-language.ts';
import { call } from '../net/api.ts';
import { failureCode } from '../net/problem.ts';
import classes from './owed-panel.module.css';
import { boardQueries } from './use-board.ts';

const REASON_MAX = 500;

interface OwedActionsProps {
  readonly row: OwedRow;
  readonly agents: readonly AgentListItem[];
  readonly onDone: () => void;
}

/** Gives a client to a colleague, or says why nothing is owed. The first field has the focus when it opens. */
export function OwedActions({ row, agents, onDone }: OwedActionsProps) {
  const { t } = useLanguage();
  const client = useQueryClient();
  const [owner, setOwner] = useState('');
  const [reason, setReason] = useState('');
  const first = useRef<HTMLSelectElement>(null);
  useEffect(() => first.current?.focus(), []);
  const act = useMutation({
    mutationFn: (operation: () => Promise<unknown>) => operation(),
    onSuccess: onDone,
    onSettled: () => client.invalidateQueries({ queryKey: boardQueries.owed }),
  });
  const params = { id: row.id };
  const send = (operation: () => Promise<unknown>) => (event: FormEvent) => {
    event.preventDefault();
    // a button that is grey while it works would lose the focus
    if (!act.isPending) act.mutate(operation);
  };
  const failureId = `owed-failure-${row.id}`;
  return (
    <div className={classes.actions} data-details={row.id}>
      <form onSubmit={send(() => call('POST /api/v1/owed/:id/owner', { params, body: { userId: Number(owner) } }))}>
        <label htmlFor={`owner-of-${row.id}`}>{t('supervisor.owed.owner')}</label>
        <select
          ref={first}
          id={`owner-of-${row.id}`}
          value={owner}
          onChange={(event) => setOwner(event.currentTarget.value)}
          data-testid={`give-to-${row.id}`}
        >
          <option value="" disabled>
            {t('supervisor.owed.choose')}
          </option>
          {colleagues(row, agents).map((agent) => (
            <option key={agent.id} value={agent.id}>
              {agent.onShift ? t('supervisor.owed.onShift', { name: agent.name }) : agent.name}
            </option>
          ))}
        </select>
        <button type="submit" disabled={owner === ''} aria-describedby={failureId} data-testid={`give-${row.id}`}>
          {t('supervisor.owed.give')}
        </button>
      </form>
      <form onSubmit={send(() => call('POST /api/v1/owed/:id/close', { params, body: { reason: reason.trim() } }))}>
        <label htmlFor={`reason-of-${row.id}`}>{t('supervisor.owed.reason')}</label>
        <input
          id={`reason-of-${row.id}`}
          value={reason}
          maxLength={REASON_MAX}
          onChange={(event) => setReason(event.currentTarget.value)}
          data-testid={`close-reason-${row.id}`}
        />
        <button
          type="submit"
          disabled={reason.trim() === ''}
          aria-describedby={failureId}
          data-testid={`close-owed-${row.id}`}
        >
          {t('supervisor.owed.close')}
        </button>
      </form>
      <small id={failureId} className={classes.failure}>
        {act.error === null ? '' : t(`failure.${failureCode(act.error)}`)}
      </small>
    </div>
  );
}

/** Everybody but the owner: those on shift first, then by name. */
function colleagues(row: OwedRow, agents: readonly AgentListItem[]): AgentListItem[] {
  return agents
    .filter(({ id }) => id !== row.owner?.id)
    .toSorted((left, right) => Number(right.onShift) - Number(left.onShift) || left.name.localeCompare(right.name));
}
