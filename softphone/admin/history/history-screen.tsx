import { useState } from 'react';
import type { SetupVersion } from '../../../server/contract/setup-schemas.ts';
import { setupKinds } from '../../../server/contract/setup-words.ts';
import { dayAndTime } from '../../i18n/format.ts';
import { call } from '../../net/api.ts';
import { recordChange } from '../data/last-change.ts';
import { refreshSetup, useSetup } from '../data/queries.ts';
import { useRights } from '../data/use-rights.ts';
import { ConfirmButton } from '../parts/confirm.tsx';
import { SelectField } from '../parts/field.tsx';
import list from '../parts/list.module.css';
import { Pager, type Period, PeriodFields, periodQuery } from '../parts/log.tsx';
import { WhenLoaded } from '../parts/when-loaded.tsx';
import { useWords } from '../words/use-words.ts';
import { fieldNameOf, readable } from './field-names.ts';
import classes from './history-screen.module.css';
import { useValueWords } from './use-value-words.ts';

const PAGE = 30;

interface Filter extends Period {
  readonly kind: (typeof setupKinds)[number] | null;
  readonly userId: number;
}

/** Who changed what, when, from what to what; and the way back. */
export function HistoryScreen() {
  const { say } = useWords();
  const [filter, setFilter] = useState<Filter>({ kind: null, userId: 0, from: '', to: '' });
  const [before, setBefore] = useState<number>();
  const versions = useSetup('GET /api/v1/setup/versions', {
    limit: PAGE,
    ...(filter.kind === null ? {} : { kind: filter.kind }),
    ...(filter.userId === 0 ? {} : { userId: filter.userId }),
    ...periodQuery(filter),
    ...(before === undefined ? {} : { before }),
  });
  function change(part: Partial<Filter>): void {
    setFilter({ ...filter, ...part });
    setBefore(undefined);
  }
  return (
    <div className={list.main}>
      <header className={list.head}>
        <h1>{say('screen.history')}</h1>
      </header>
      <p className={list.text}>{say('history.text')}</p>
      <Filters filter={filter} onChange={change} />
      <WhenLoaded queries={{ versions }}>
        {(data) => (
          <>
            <Versions versions={data.versions.items} />
            <Pager current={before} older={data.versions.before} onTurn={setBefore} />
          </>
        )}
      </WhenLoaded>
    </div>
  );
}

interface FiltersProps {
  readonly filter: Filter;
  readonly onChange: (part: Partial<Filter>) => void;
}

function Filters({ filter, onChange }: FiltersProps) {
  const { say } = useWords();
  const users = useSetup('GET /api/v1/setup/users');
  const editors = (users.data?.items ?? []).filter(({ role }) => role !== 'agent');
  return (
    <div className={classes.filters}>
      <SelectField
        label={say('history.kind')}
        value={filter.kind}
        options={[
          { value: null, label: say('history.everything') },
          ...setupKinds.map((kind) => ({ value: kind, label: say(`kind.${kind}`) })),
        ]}
        onChange={(kind) => onChange({ kind })}
        testId="history-kind"
      />
      <SelectField
        label={say('history.who')}
        value={filter.userId}
        options={[
          { value: 0, label: say('history.everybody') },
          ...editors.map(({ id, name }) => ({ value: id, label: name })),
        ]}
        onChange={(userId) => onChange({ userId })}
      />
      <PeriodFields period={filter} onChange={onChange} />
    </div>
  );
}

function Versions({ versions }: { readonly versions: readonly SetupVersion[] }) {
  const { say } = useWords();
  const valueWords = useValueWords();
  if (versions.length === 0) return <p className={list.empty}>{say('history.none')}</p>;
  return (
    <ol className={classes.versions}>
      {versions.map((version) => (
        <Version key={version.id} version={version} valueWords={valueWords} />
      ))}
    </ol>
  );
}

interface VersionProps {
  readonly version: SetupVersion;
  readonly valueWords: ReturnType<typeof useValueWords>;
}

function Version({ version, valueWords }: VersionProps) {
  const { say, language } = useWords();
  const { isAdmin } = useRights();
  const { kind, subjectName, subjectId, action, user } = version;
  const name = subjectName === '' ? say(`kind.${kind}`) : subjectName;
  const what =
    action === 'password_reset' || action === 'sip_secret_reset'
      ? say(`history.${action}`, { name })
      : say(`history.${action}`, { kind: say(`kind.${kind}`), name });
  async function rollBack(): Promise<void> {
    await call('POST /api/v1/setup/versions/:id/roll-back', { params: { id: version.id } });
    recordChange({ did: 'undone', name, kind, id: subjectId });
    await refreshSetup();
  }
  return (
    <li className={classes.version} data-testid={`version-${version.id}`}>
      <div className={classes.head}>
        <time dateTime={version.at}>{dayAndTime(version.at, Date.now(), language)}</time>
        <span>
          <b>{user?.name ?? say('history.system')}</b>: {what}
          {version.rolledBackFrom === null ? null : <small> ({say('history.takenBack')})</small>}
        </span>
        {isAdmin && version.canRollBack ? (
          <ConfirmButton
            label={say('history.rollBack')}
            text={say('history.rollBackText', { name })}
            tone="plain"
            onConfirm={rollBack}
            testId={`roll-back-${version.id}`}
          />
        ) : null}
      </div>
      <Changes version={version} valueWords={valueWords} />
    </li>
  );
}

function Changes({ version, valueWords }: VersionProps) {
  const { say } = useWords();
  const changes = readable(version.changes);
  if (changes.length === 0) return null;
  const nameOf = (field: string): string => {
    const key = fieldNameOf(version.kind, field);
    return key === undefined ? field : (say as (key: string) => string)(key);
  };
  const hasBefore = version.action !== 'created';
  const hasAfter = version.action !== 'removed';
  return (
    <details className={classes.changes} open={version.action === 'changed'}>
      <summary>{changes.map(({ field }) => nameOf(field)).join(', ')}</summary>
      <table>
        <thead>
          <tr>
            <th scope="col">{say('history.field')}</th>
            {hasBefore ? <th scope="col">{say('history.before')}</th> : null}
            {hasAfter ? <th scope="col">{say('history.after')}</th> : null}
          </tr>
        </thead>
        <tbody>
          {changes.map(({ field, before, after }) => (
            <tr key={field}>
              <th scope="row">{nameOf(field)}</th>
              {hasBefore ? <td>{valueWords(version.kind, field, before)}</td> : null}
              {hasAfter ? <td>{valueWords(version.kind, field, after)}</td> : null}
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}
