import { Button, Kbd } from '@mantine/core';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { Link, useLocation } from 'wouter';
import type { SetupDisposition, SetupPresenceReason } from '../../../server/contract/setup-schemas.ts';
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
import { OutcomePanel } from './outcome-panel.tsx';
import classes from './outcomes-screen.module.css';
import { ReasonPanel } from './reason-panel.tsx';

/** The words that agents choose from. */
export function OutcomesScreen({ item }: ScreenProps) {
  const outcomes = useSetup('GET /api/v1/setup/dispositions');
  const reasons = useSetup('GET /api/v1/setup/presence-reasons');
  return (
    <WhenLoaded queries={{ outcomes, reasons }}>
      {(data) => <Outcomes item={item} outcomes={data.outcomes.items} reasons={data.reasons.items} />}
    </WhenLoaded>
  );
}

interface OutcomesProps {
  readonly item: string | undefined;
  readonly outcomes: readonly SetupDisposition[];
  readonly reasons: readonly SetupPresenceReason[];
}

function Outcomes({ item, outcomes, reasons }: OutcomesProps) {
  const { say } = useWords();
  const outcomeId = idOf(item);
  const reasonId = idOf(item, 'reason-');
  const outcome = outcomes.find(({ id }) => id === outcomeId);
  const reason = reasons.find(({ id }) => id === reasonId);
  return (
    <div className={list.screen}>
      <div className={list.main}>
        <header className={list.head}>
          <h1>{say('screen.outcomes')}</h1>
        </header>
        <p className={list.text}>{say('outcomes.text')}</p>
        <p className={form.text}>{say('outcomes.orderHint')}</p>
        <div className={classes.columns}>
          <Column
            title={say('outcomes.outcomes')}
            add={say('outcomes.addOutcome')}
            kind="disposition"
            prefix=""
            things={outcomes}
            saveOrder={(ids) => call('PUT /api/v1/setup/dispositions/order', { body: { ids } })}
            keyOf={(id) => outcomes.find((one) => one.id === id)?.hotkey ?? null}
          />
          <Column
            title={say('outcomes.reasons')}
            add={say('outcomes.addReason')}
            kind="presence_reason"
            prefix="reason-"
            things={reasons}
            saveOrder={(ids) => call('PUT /api/v1/setup/presence-reasons/order', { body: { ids } })}
          />
        </div>
      </div>
      {outcome !== undefined || outcomeId === 'new' ? (
        <OutcomePanel key={`outcome-${outcomeId}`} outcome={outcome} outcomes={outcomes} />
      ) : null}
      {reason !== undefined || reasonId === 'new' ? <ReasonPanel key={`reason-${reasonId}`} reason={reason} /> : null}
    </div>
  );
}

interface Thing {
  readonly id: number;
  readonly nameRu: string;
  readonly nameEn: string;
  readonly position: number;
  readonly archived: boolean;
}

interface ColumnProps {
  readonly title: string;
  readonly add: string;
  readonly kind: 'disposition' | 'presence_reason';
  /** Of its items in the address. */
  readonly prefix: '' | 'reason-';
  readonly things: readonly Thing[];
  readonly saveOrder: (ids: number[]) => Promise<unknown>;
  readonly keyOf?: (id: number) => number | null;
}

function Column({ title, add, kind, prefix, things, saveOrder, keyOf }: ColumnProps) {
  const words = useWords();
  const { say, language } = words;
  const { isAdmin } = useRights();
  const [, navigate] = useLocation();
  const [failure, setFailure] = useState<string>();
  const [moving, setMoving] = useState<readonly number[]>();
  const present = things.filter(({ archived }) => !archived).toSorted((a, b) => a.position - b.position);
  const archived = things.filter((thing) => thing.archived);
  const byId = new Map(things.map((thing) => [thing.id, thing]));
  const nameOf = (id: number): string => {
    const thing = byId.get(id);
    return (language === 'ru' ? thing?.nameRu : thing?.nameEn) ?? '';
  };
  async function reorder(ids: readonly number[]): Promise<void> {
    setMoving(ids);
    setFailure(undefined);
    const before = present.map(({ id }) => id);
    try {
      await saveOrder([...ids]);
      recordChange({
        did: 'changed',
        name: say('outcomes.orderSaved', { list: title }),
        kind,
        id: before[0] ?? 0,
        undo: () => saveOrder(before),
      });
    } catch (error) {
      setFailure(failureText(error, words));
    }
    await refreshSetup();
    setMoving(undefined);
  }
  return (
    <section className={classes.column}>
      <div className={list.head}>
        <h2>{title}</h2>
        {isAdmin ? (
          <Button
            size="xs"
            variant="default"
            leftSection={<Plus size={15} aria-hidden="true" />}
            onClick={() => navigate(adminPath('outcomes', `${prefix}new`))}
            data-testid={`add-${prefix}new`}
          >
            {add}
          </Button>
        ) : null}
      </div>
      <SortableList
        label={title}
        ids={moving ?? present.map(({ id }) => id)}
        nameOf={nameOf}
        disabled={!isAdmin}
        onChange={(ids) => void reorder(ids)}
        row={(id) => (
          <span className={classes.row}>
            <Link href={adminPath('outcomes', `${prefix}${id}`)}>{nameOf(id)}</Link>
            <small>{language === 'ru' ? byId.get(id)?.nameEn : byId.get(id)?.nameRu}</small>
            {keyOf === undefined || keyOf(id) === null ? null : <Kbd size="xs">{keyOf(id)}</Kbd>}
          </span>
        )}
      />
      {failure === undefined ? null : (
        <p role="alert" className={form.error}>
          {failure}
        </p>
      )}
      {archived.length === 0 ? null : (
        <>
          <h3 className={classes.archived}>{say('outcomes.archived')}</h3>
          <ul className={classes.archive}>
            {archived.map(({ id }) => (
              <li key={id}>
                <Link href={adminPath('outcomes', `${prefix}${id}`)}>{nameOf(id)}</Link>
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}
