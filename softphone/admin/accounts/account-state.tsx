import { CircleDashed } from 'lucide-react';
import type { ChannelHealthView } from '../../../server/contract/messages-schemas.ts';
import list from '../parts/list.module.css';
import { Mark } from '../parts/mark.tsx';
import type { Tone } from '../parts/tone.ts';
import { useWords } from '../words/use-words.ts';
import classes from './accounts.module.css';

const tones: Readonly<Record<ChannelHealthView['state'], Tone | undefined>> = {
  off: undefined,
  connecting: 'warn',
  up: 'good',
  degraded: 'warn',
  down: 'bad',
};

/** How an account is now: a word with a shape, what is wrong, how far old messages are read, what waits. */
export function AccountState({ health }: { readonly health: ChannelHealthView | undefined }) {
  const { say } = useWords();
  if (health === undefined) return null;
  const { state, problem, catchUp, queued } = health;
  const tone = tones[state];
  const word = say(`accounts.${state}`);
  return (
    <div className={classes.state} data-state={state} data-testid={`health-${health.accountId}`}>
      {tone === undefined ? (
        <span className={list.mark}>
          <CircleDashed size={15} aria-hidden="true" />
          {word}
        </span>
      ) : (
        <Mark tone={tone}>{word}</Mark>
      )}
      {state === 'up' || problem === '' ? null : <small>{problem}</small>}
      {catchUp === null ? null : (
        <>
          <progress
            value={catchUp.done}
            max={Math.max(catchUp.total, 1)}
            aria-label={say('accounts.catchUp', { done: catchUp.done, total: catchUp.total })}
          />
          <small>{say('accounts.catchUp', { done: catchUp.done, total: catchUp.total })}</small>
        </>
      )}
      {queued === 0 ? null : <small>{say('accounts.queued', { count: queued })}</small>}
    </div>
  );
}
