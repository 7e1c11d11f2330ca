import { useState } from 'react';
import type { Input } from '../../../server/contract/api.ts';
import { type AuditAction, auditActions } from '../../../server/contract/audit-words.ts';
import { useSetup } from '../data/queries.ts';
import { useRights } from '../data/use-rights.ts';
import { SelectField } from '../parts/field.tsx';
import list from '../parts/list.module.css';
import { Pager, type Period, PeriodFields, periodQuery } from '../parts/log.tsx';
import { WhenLoaded } from '../parts/when-loaded.tsx';
import { useWords } from '../words/use-words.ts';
import classes from './audit-screen.module.css';
import { AuditTable } from './audit-table.tsx';
import { ClientFilter, type FoundClient } from './client-filter.tsx';

const PAGE = 50;

interface Filter extends Period {
  readonly action: AuditAction | null;
  readonly userId: number;
  readonly refused: 'all' | 'refused';
  readonly client: FoundClient | null;
}

const everything: Filter = { action: null, userId: 0, refused: 'all', client: null, from: '', to: '' };

function queryOf({ action, userId, refused, client, ...period }: Filter): Input<'GET /api/v1/audit'>['querystring'] {
  return {
    limit: PAGE,
    ...(action === null ? {} : { action }),
    ...(userId === 0 ? {} : { userId }),
    ...(refused === 'all' ? {} : { refused: true }),
    ...(client === null ? {} : { clientId: client.id }),
    ...periodQuery(period),
  };
}

/** The access log: who looked at, heard or took what, and was he allowed to. For administrators. */
export function AuditScreen() {
  const { say } = useWords();
  const { isAdmin } = useRights();
  return (
    <div className={list.main}>
      <header className={list.head}>
        <h1>{say('screen.audit')}</h1>
      </header>
      {isAdmin ? <AuditLog /> : <p className={list.text}>{say('audit.adminOnly')}</p>}
    </div>
  );
}

function AuditLog() {
  const { say } = useWords();
  const [filter, setFilter] = useState(everything);
  const [before, setBefore] = useState<number>();
  const log = useSetup('GET /api/v1/audit', { ...queryOf(filter), ...(before === undefined ? {} : { before }) });
  function change(part: Partial<Filter>): void {
    setFilter({ ...filter, ...part });
    setBefore(undefined);
  }
  return (
    <>
      <p className={list.text}>{say('audit.text')}</p>
      <Filters filter={filter} onChange={change} />
      <WhenLoaded queries={{ log }}>
        {(data) => (
          <>
            <AuditTable lines={data.log.items} onClient={(client) => change({ client })} />
            <Pager current={before} older={data.log.before} onTurn={setBefore} />
          </>
        )}
      </WhenLoaded>
    </>
  );
}

interface FiltersProps {
  readonly filter: Filter;
  readonly onChange: (part: Partial<Filter>) => void;
}

function Filters({ filter, onChange }: FiltersProps) {
  const { say } = useWords();
  const users = useSetup('GET /api/v1/setup/users').data?.items ?? [];
  return (
    <div className={classes.filters}>
      <SelectField
        label={say('audit.who')}
        value={filter.userId}
        options={[
          { value: 0, label: say('audit.anybody') },
          ...users.map(({ id, name }) => ({ value: id, label: name })),
        ]}
        onChange={(userId) => onChange({ userId })}
        testId="audit-user"
      />
      <SelectField
        label={say('audit.action')}
        value={filter.action}
        options={[
          { value: null, label: say('audit.anything') },
          ...auditActions.map((action) => ({ value: action, label: say(`audit.${action}`) })),
        ]}
        onChange={(action) => onChange({ action })}
        testId="audit-action"
      />
      <SelectField
        label={say('audit.outcome')}
        value={filter.refused}
        options={[
          { value: 'all', label: say('audit.all') },
          { value: 'refused', label: say('audit.refusedOnly') },
        ]}
        onChange={(refused) => onChange({ refused })}
        testId="audit-refused"
      />
      <PeriodFields period={filter} onChange={onChange} />
      <ClientFilter client={filter.client} onChange={(client) => onChange({ client })} />
    </div>
  );
}
