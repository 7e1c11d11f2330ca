import { Button } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { failureText } from '../data/problems.ts';
import { useWords } from '../words/use-words.ts';
import classes from './list.module.css';

type Queries = Readonly<Record<string, UseQueryResult<unknown>>>;
type DataOf<Q extends Queries> = { readonly [K in keyof Q]: Q[K] extends UseQueryResult<infer D> ? D : never };

interface WhenLoadedProps<Q extends Queries> {
  readonly queries: Q;
  readonly children: (data: DataOf<Q>) => ReactNode;
}

/** Its children once everything is there; before that, that it loads, or what went wrong with a way to try again. */
export function WhenLoaded<Q extends Queries>({ queries, children }: WhenLoadedProps<Q>) {
  const words = useWords();
  const all = Object.values(queries);
  const failed = all.find((query) => query.isError && query.data === undefined);
  if (failed !== undefined) {
    return (
      <div className={classes.notice} role="alert">
        <p>
          {words.say('load.failed')}. {failureText(failed.error, words)}
        </p>
        <Button size="xs" variant="default" onClick={() => all.forEach((query) => void query.refetch())}>
          {words.say('act.retry')}
        </Button>
      </div>
    );
  }
  if (all.some((query) => query.data === undefined)) {
    return <div className={classes.notice}>{words.t('app.loading')}</div>;
  }
  const data = Object.fromEntries(Object.entries(queries).map(([name, query]) => [name, query.data]));
  return children(data as DataOf<Q>);
}
