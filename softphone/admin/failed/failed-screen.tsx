import { Button } from '@mantine/core';
import { useState } from 'react';
import { Link } from 'wouter';
import type { FailedMessage } from '../../../server/contract/messages-schemas.ts';
import { dayAndTime } from '../../i18n/format.ts';
import { call } from '../../net/api.ts';
import { clientPath } from '../../routes.ts';
import { failureText } from '../data/problems.ts';
import { refreshSetup, useSetup } from '../data/queries.ts';
import { ConfirmButton } from '../parts/confirm.tsx';
import form from '../parts/form.module.css';
import list from '../parts/list.module.css';
import { Mark } from '../parts/mark.tsx';
import { WhenLoaded } from '../parts/when-loaded.tsx';
import { useWords } from '../words/use-words.ts';
import classes from './failed.module.css';

/** Messages that did not get there: sent again or put away, one by one or many. */
export function FailedScreen() {
  const { say } = useWords();
  const failed = useSetup('GET /api/v1/failed-messages', { limit: 500 }, 5_000);
  return (
    <div className={list.main}>
      <header className={list.head}>
        <h1>{say('screen.failed')}</h1>
      </header>
      <p className={list.text}>{say('failed.text')}</p>
      <WhenLoaded queries={{ failed }}>
        {({ failed: { items, total } }) => <Failed items={items} total={total} />}
      </WhenLoaded>
    </div>
  );
}

type Act = 'again' | 'resolve';

const doOne = (act: Act, id: string): Promise<unknown> =>
  act === 'again'
    ? call('POST /api/v1/messages/:id/send-again', { params: { id } })
    : call('POST /api/v1/messages/:id/resolve', { params: { id } });

/** What waits for its account needs nothing but the account. */
const isOver = ({ state }: FailedMessage): boolean => state !== 'waiting';

interface FailedProps {
  readonly items: readonly FailedMessage[];
  readonly total: number;
}

function Failed({ items, total }: FailedProps) {
  const words = useWords();
  const { say } = words;
  const [marked, setMarked] = useState<ReadonlySet<string>>(new Set());
  const [said, setSaid] = useState<readonly string[]>([]);
  const choosable = items.filter(isOver);
  const chosen = choosable.filter(({ id }) => marked.has(id));

  async function act(what: Act, messages: readonly FailedMessage[]): Promise<void> {
    const troubles: string[] = [];
    for (const { id, client } of messages) {
      try {
        await doOne(what, id);
      } catch (error) {
        troubles.push(say('failed.notDone', { name: client.name, why: failureText(error, words) }));
      }
    }
    setMarked(new Set());
    setSaid([say('failed.done', { done: messages.length - troubles.length, count: messages.length }), ...troubles]);
    await refreshSetup();
  }
  const mark = (id: string, isMarked: boolean): void => {
    const next = new Set(marked);
    if (isMarked) next.add(id);
    else next.delete(id);
    setMarked(next);
  };
  return (
    <>
      <div role="status" className={classes.said} data-testid="failed-said">
        {said.map((line) => (
          <p key={line}>{line}</p>
        ))}
      </div>
      {items.length === 0 ? (
        <p className={list.empty}>{say('failed.none')}</p>
      ) : (
        <>
          <Bulk chosen={chosen} onAct={act} />
          {total > items.length ? (
            <p className={form.text}>{say('failed.more', { shown: items.length, total })}</p>
          ) : null}
          <table className={`${list.table} ${classes.table}`}>
            <thead>
              <tr>
                <th scope="col">
                  <input
                    type="checkbox"
                    aria-label={say('failed.chooseAll')}
                    checked={chosen.length === choosable.length}
                    onChange={(event) =>
                      setMarked(new Set(event.currentTarget.checked ? choosable.map(({ id }) => id) : []))
                    }
                    data-testid="choose-all"
                  />
                </th>
                <th scope="col">{say('failed.to')}</th>
                <th scope="col">{say('failed.message')}</th>
                <th scope="col">{say('failed.reason')}</th>
                <th scope="col" className={list.minor}>
                  {say('failed.when')}
                </th>
                <th scope="col" aria-label={say('failed.again')} />
              </tr>
            </thead>
            <tbody>
              {items.map((message) => (
                <Row
                  key={message.id}
                  message={message}
                  isMarked={marked.has(message.id)}
                  onMark={(isMarked) => mark(message.id, isMarked)}
                  onAct={(what) => act(what, [message])}
                />
              ))}
            </tbody>
          </table>
        </>
      )}
    </>
  );
}

interface BulkProps {
  readonly chosen: readonly FailedMessage[];
  readonly onAct: (what: Act, messages: readonly FailedMessage[]) => Promise<void>;
}

function Bulk({ chosen, onAct }: BulkProps) {
  const { say } = useWords();
  const count = chosen.length;
  return (
    <div className={form.actions}>
      <span className={form.text}>{say('failed.chosen', { count })}</span>
      <ConfirmButton
        label={say('failed.again')}
        text={say('failed.againText', { count })}
        tone="plain"
        disabled={count === 0}
        onConfirm={() => onAct('again', chosen)}
        testId="bulk-again"
      />
      <ConfirmButton
        label={say('failed.resolve')}
        text={say('failed.resolveText', { count })}
        tone="plain"
        disabled={count === 0}
        onConfirm={() => onAct('resolve', chosen)}
        testId="bulk-resolve"
      />
    </div>
  );
}

interface RowProps {
  readonly message: FailedMessage;
  readonly isMarked: boolean;
  readonly onMark: (isMarked: boolean) => void;
  readonly onAct: (what: Act) => Promise<void>;
}

function Row({ message, isMarked, onMark, onAct }: RowProps) {
  const { say, language } = useWords();
  const [isBusy, setBusy] = useState(false);
  const { id, client, channel, accountName, peer, subject, preview, user, state, error, attempts, failedAt } = message;
  async function act(what: Act): Promise<void> {
    setBusy(true);
    await onAct(what);
    setBusy(false);
  }
  return (
    <tr data-testid={`failed-${id}`}>
      <td>
        <input
          type="checkbox"
          aria-label={say('failed.choose', { name: client.name })}
          disabled={!isOver(message)}
          checked={isMarked}
          onChange={(event) => onMark(event.currentTarget.checked)}
        />
      </td>
      <td>
        <Link href={clientPath(client.id)} className={classes.client ?? ''}>
          {client.name}
        </Link>
        <div>{peer}</div>
        <small>
          {say(`channel.${channel}`)} · {accountName}
        </small>
      </td>
      <td>
        {subject === '' ? null : <b>{subject}</b>}
        <div className={classes.preview}>{preview}</div>
        {user === null ? null : (
          <small>
            {say('failed.author')}: {user.name}
          </small>
        )}
      </td>
      <td>
        <Mark tone={state === 'unconfirmed' || state === 'waiting' ? 'warn' : 'bad'}>
          {say(`failed.state.${state}`)}
        </Mark>
        <div>{isOver(message) ? error : say('failed.accountOff', { name: accountName })}</div>
        <small>{say('failed.attempts', { count: attempts })}</small>
      </td>
      <td className={list.minor}>
        <time dateTime={failedAt}>{dayAndTime(failedAt, Date.now(), language)}</time>
      </td>
      <td>
        <div className={classes.actions}>
          <Button
            size="compact-xs"
            variant="default"
            disabled={isBusy || state === 'unconfirmed' || state === 'waiting'}
            aria-label={say('failed.againOne', { name: client.name })}
            onClick={() => void act('again')}
          >
            {say('failed.again')}
          </Button>
          <Button
            size="compact-xs"
            variant="default"
            disabled={isBusy || state === 'waiting'}
            aria-label={say('failed.resolveOne', { name: client.name })}
            onClick={() => void act('resolve')}
          >
            {say('failed.resolve')}
          </Button>
        </div>
      </td>
    </tr>
  );
}

/** How many did not get there, beside the section's name. */
export function FailedCount() {
  const { say } = useWords();
  const count = useSetup('GET /api/v1/failed-messages', { limit: 1 }).data?.total ?? 0;
  if (count === 0) return null;
  return (
    <span className={classes.badge} role="img" aria-label={say('failed.count', { count })} data-testid="failed-count">
      {count}
    </span>
  );
}
