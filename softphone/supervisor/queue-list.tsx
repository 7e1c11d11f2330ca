import { Hourglass, PhoneIncoming } from 'lucide-react';
import { Link } from 'wouter';
import type { QueueView } from '../../server/contract/schemas.ts';
import { phoneNumber } from '../i18n/format.ts';
import { useLanguage } from '../i18n/use-language.ts';
import { clientPath } from '../routes.ts';
import { Timer } from '../workspace/timer.tsx';
import { useReasons } from '../workspace/use-reasons.ts';
import { candidateText } from '../workspace/wording.ts';
import classes from './supervisor-page.module.css';

/** Each queue with its callers, and in words why nobody rings for them. Queues in trouble come first. */
export function QueueList({ queues }: { readonly queues: readonly QueueView[] }) {
  const { t } = useLanguage();
  const ordered = queues.toSorted((left, right) => right.waiting.length - left.waiting.length);
  return (
    <section className={classes.panel} aria-label={t('supervisor.queues')}>
      <h2>{t('supervisor.queues')}</h2>
      {ordered.map((queue) => (
        <article key={queue.id} className={classes.queue} data-testid={`queue-${queue.id}`}>
          <h3>
            {queue.name}
            <span data-waiting={queue.waiting.length > 0}>
              {queue.waiting.length === 0
                ? t('supervisor.nobody')
                : t('supervisor.waiting', { count: queue.waiting.length })}
            </span>
          </h3>
          {queue.waiting.map((caller) => (
            <Caller key={caller.interactionId} caller={caller} />
          ))}
        </article>
      ))}
    </section>
  );
}

function Caller({ caller }: { readonly caller: QueueView['waiting'][number] }) {
  const { t, language } = useLanguage();
  const { nameOf } = useReasons();
  const rings = caller.state === 'offered';
  const Icon = rings ? PhoneIncoming : Hourglass;
  return (
    <div className={classes.caller} data-testid="waiting-caller">
      <Icon size={16} aria-hidden="true" />
      <Link href={clientPath(caller.client.id)}>{caller.client.name || caller.peer}</Link>
      <span className="num">{phoneNumber(caller.peer)}</span>
      <span className={classes.state}>{rings ? t('supervisor.ringing') : t('supervisor.queued')}</span>
      <Timer since={caller.since} />
      {caller.candidates.length === 0 ? (
        <p className={classes.reasons}>{rings ? t('supervisor.rings') : ''}</p>
      ) : (
        <details className={classes.reasons} open>
          <summary>{t('supervisor.why')}</summary>
          <ul>
            {caller.candidates.map((candidate) => (
              <li key={candidate.user.id}>
                <strong>{candidate.user.name}</strong> {candidateText(candidate, { t, language, nameOf })}
              </li>
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}
