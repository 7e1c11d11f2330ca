import { Button } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'wouter';
import type { ClientImport } from '../../../server/contract/client-imports.ts';
import { dayMonth } from '../../i18n/format.ts';
import { call } from '../../net/api.ts';
import { failureText } from '../data/problems.ts';
import { ConfirmButton } from '../parts/confirm.tsx';
import form from '../parts/form.module.css';
import { secondsText } from '../parts/hours-text.ts';
import list from '../parts/list.module.css';
import { WhenLoaded } from '../parts/when-loaded.tsx';
import { adminPath } from '../place.ts';
import { useWords } from '../words/use-words.ts';
import { CountTiles } from './counts.tsx';
import classes from './import.module.css';
import { ProblemRows } from './problem-rows.tsx';
import { ReadPart } from './read-part.tsx';

const BUSY_MS = 500;
const IDLE_MS = 10_000;
const busyStates: readonly ClientImport['state'][] = ['planning', 'running', 'undoing'];

/** One import from its file to its undo. */
export function ImportView({ id }: { readonly id: number }) {
  const { say } = useWords();
  const found = useQuery({
    queryKey: ['client-imports', id],
    queryFn: () => call('GET /api/v1/client-imports/:id', { params: { id } }),
    refetchInterval: ({ state }) => (state.data && busyStates.includes(state.data.state) ? BUSY_MS : IDLE_MS),
    staleTime: 0,
  });
  return (
    <div className={list.main}>
      <header className={list.head}>
        <h1>{found.data?.fileName ?? say('screen.import')}</h1>
        {found.data === undefined ? null : (
          <b data-testid="import-state" data-state={found.data.state}>
            {say(`import.state.${found.data.state}`)}
          </b>
        )}
        <Link href={adminPath('import')}>{say('import.back')}</Link>
      </header>
      <WhenLoaded queries={{ found }}>{(data) => <Steps one={data.found} />}</WhenLoaded>
    </div>
  );
}

/** Runs a step of the import; the answer is shown at once. */
function useStep(one: ClientImport) {
  const words = useWords();
  const client = useQueryClient();
  const [failure, setFailure] = useState<string>();
  const keep = (next: ClientImport): void => void client.setQueryData(['client-imports', one.id], next);
  async function run(step: 'plan' | 'start' | 'cancel' | 'undo'): Promise<void> {
    setFailure(undefined);
    try {
      keep(await call(`POST /api/v1/client-imports/:id/${step}`, { params: { id: one.id } }));
    } catch (error) {
      setFailure(failureText(error, words));
    }
  }
  return { run, failure, keep };
}

function Steps({ one }: { readonly one: ClientImport }) {
  const { say, language } = useWords();
  const { run, failure, keep } = useStep(one);
  const isBusy = busyStates.includes(one.state);
  const isOpen = one.state === 'uploaded' || one.state === 'planned';
  const rows = one.plan === null ? 0 : one.plan.created + one.plan.updated;
  return (
    <>
      {one.error === '' ? null : (
        <p role="alert" className={form.error}>
          {say('import.error', { text: one.error })}
        </p>
      )}
      {one.state === 'uploading' ? <p className={form.text}>{say('import.unsent')}</p> : null}
      {isOpen ? <ReadPart one={one} onChanged={keep} /> : null}
      <section className={classes.step}>
        <h2>{say(one.startedAt === null ? 'import.step.plan' : 'import.step.run')}</h2>
        {isBusy ? <Progress one={one} /> : null}
        {one.startedAt === null && one.plan !== null ? <CountTiles counts={one.plan} /> : null}
        {one.startedAt === null ? null : <CountTiles counts={one.result} />}
        {one.undo === null ? null : <Undone undo={one.undo} />}
        <div className={form.actions}>
          {one.state === 'uploaded' ? (
            <>
              <Button size="sm" onClick={() => void run('plan')} data-testid="plan">
                {say('import.plan')}
              </Button>
              <span className={form.hint}>{say('import.planHint')}</span>
            </>
          ) : null}
          {one.state === 'planned' ? (
            <>
              <ConfirmButton
                label={say('import.start')}
                text={say('import.startText', { count: rows })}
                tone="plain"
                disabled={rows === 0}
                onConfirm={() => run('start')}
                testId="start"
              />
              <Button size="xs" variant="default" onClick={() => void run('plan')}>
                {say('import.planAgain')}
              </Button>
            </>
          ) : null}
          {one.state === 'planning' || one.state === 'running' ? (
            <ConfirmButton
              label={say('import.stop')}
              text={say('import.stopText')}
              onConfirm={() => run('cancel')}
              testId="stop"
            />
          ) : null}
          {one.undoUntil !== null && !isBusy ? (
            <>
              <ConfirmButton
                label={say('import.undo')}
                text={say('import.undoText')}
                onConfirm={() => run('undo')}
                testId="undo-import"
              />
              <span className={form.hint}>
                {say('import.undoUntil', { date: dayMonth(one.undoUntil, Date.now(), language) })}
              </span>
            </>
          ) : null}
        </div>
        <p role="alert" className={form.error}>
          {failure}
        </p>
      </section>
      <ProblemRows one={one} />
    </>
  );
}

function Progress({ one }: { readonly one: ClientImport }) {
  const { say, language } = useWords();
  const number = new Intl.NumberFormat(language);
  const { done, total, rowsPerSecond, etaSeconds } = one.progress;
  return (
    <div className={classes.progress} role="status">
      <progress
        value={total === null ? undefined : done}
        max={total ?? 1}
        aria-label={say(`import.state.${one.state}`)}
      />
      <span className="num">
        {total === null
          ? say('import.progressOpen', { done: number.format(done) })
          : say('import.progress', { done: number.format(done), total: number.format(total) })}
        {rowsPerSecond === null ? '' : `, ${say('import.rate', { rate: number.format(Math.round(rowsPerSecond)) })}`}
        {etaSeconds === null ? '' : `, ${say('import.left', { time: secondsText(etaSeconds, language) })}`}
      </span>
    </div>
  );
}

function Undone({ undo }: { readonly undo: NonNullable<ClientImport['undo']> }) {
  const { say } = useWords();
  const { removed, restored, kept, keptCards } = undo;
  return (
    <>
      <p className={form.text}>{say('import.undone', { removed, restored, kept })}</p>
      {keptCards.length === 0 ? null : (
        <ul className={form.text}>
          {keptCards.map(({ client, reason }) => (
            <li key={client.id}>
              <Link href={`/clients/${client.id}`}>{client.name}</Link>: {say(`import.kept.${reason}`)}
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
