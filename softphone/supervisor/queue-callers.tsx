import { Hourglass, PhoneIncoming } from 'lucide-react';
import { Link } from 'wouter';
import type { QueueView } from '../../server/contract/schemas.ts';
import { phoneNumber } from '../i18n/format.ts';
import { useLanguage } from '../i18n/use-language.ts';
import { clientPath } from '../routes.ts';
import { Timer } from '../workspace/timer.tsx';
import { useReasons } from '../workspace/use-reasons.ts';
import { candidateText } from '../workspace/wording.ts';
import panels from './panel.module.css';
import classes from './queue-table.module.css';

type Waiting = QueueView['waiting'][number];

/** The callers of a queue, and in words why nobody rings for them. */
export function QueueCallers({ waiting }: { readonly waiting: readonly Waiting[] }) {
  const { t } = useLanguage();
  if (waiting.length === 0) return <p className={panels.empty}>{t('supervisor.nobody')}</p>;
  return (
    <ul className={classes.callers}>
      {waiting.map((caller) => (
        <Caller key={caller.interactionId} caller={caller} />
      ))}
    </ul>
  );
}

/** Neither a name nor a number: this supervisor must not see the client. */
const isHidden = ({ client, peer }: Waiting): boolean => client.name === '' && peer === '';

function Caller({ caller }: { readonly caller: Waiting }) {
  const { t, language } = useLanguage();
  const { nameOf } = useReasons();
  const rings = caller.state === 'offered';
  const Icon = rings ? PhoneIncoming : Hourglass;
  return (
    <li className={classes.caller} data-testid="waiting-caller">
      <Icon size={16} aria-hidden="true" />
      {isHidden(caller) ? (
        <span>{t('card.unseen')}</span>
      ) : (
        <Link href={clientPath(caller.client.id)}>{caller.client.name || caller.peer}</Link>
      )}
      <span className="num">{phoneNumber(caller.peer)}</span>
      <span className={classes.state}>{rings ? t('supervisor.ringing') : t('supervisor.queued')}</span>
      <Timer since={caller.since} />
      {caller.candidates.length === 0 ? (
        <p className={classes.reasons}>{rings ? t('supervisor.rings') : ''}</p>
      ) : (
        <div className={classes.reasons}>
          <b>{t('supervisor.why')}</b>
          <ul>
            {caller.candidates.map((candidate) => (
              <li key={candidate.user.id}>
                <strong>{candidate.user.name}</strong> {candidateText(candidate, { t, language, nameOf })}
              </li>
            ))}
          </ul>
        </div>
      )}
    </li>
  );
}
