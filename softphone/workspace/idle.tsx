import { CircleCheck, CirclePause, Phone, Unplug } from 'lucide-react';
import { Link } from 'wouter';
import { useDeskTools } from '../desk-context.ts';
import { ago, phoneNumber } from '../i18n/format.ts';
import { useLanguage } from '../i18n/use-language.ts';
import { clientPath } from '../routes.ts';
import { useSettings } from '../state/settings.ts';
import { usePhoneStore, useWorkspaceStore } from '../state/stores.ts';
import classes from './idle.module.css';
import { owedText, timeLeft } from './time-words.ts';
import { useNow } from './use-now.ts';
import { useReasons } from './use-reasons.ts';
import { statusText } from './wording.ts';

/** No call and no card: whether calls can come, whom to call meanwhile, and what was open lately. */
export function Idle() {
  const { t } = useLanguage();
  return (
    <div className={classes.idle}>
      <Readiness />
      <p className={classes.hint}>{t('idle.hint')}</p>
      <Owed />
      <Recent />
    </div>
  );
}

function Readiness() {
  const { t } = useLanguage();
  const { nameOf } = useReasons();
  const presence = useWorkspaceStore((store) => store.state?.presence);
  const registered = usePhoneStore((phone) => phone.connection === 'registered' || phone.connection === 'elsewhere');
  if (presence === undefined) return null;
  if (!registered) {
    return (
      <p className={classes.state} data-tone="off">
        <Unplug size={22} aria-hidden="true" />
        {t('idle.phoneOff')}
      </p>
    );
  }
  const ready = presence.status === 'available';
  const Icon = ready ? CircleCheck : CirclePause;
  return (
    <p className={classes.state} data-tone={ready ? 'ready' : 'paused'}>
      <Icon size={22} aria-hidden="true" />
      {ready ? t('idle.ready') : t('idle.notReady')}
      {ready ? null : <small>{statusText(presence, t, nameOf)}</small>}
    </p>
  );
}

function Owed() {
  const { t, language } = useLanguage();
  const { commands } = useDeskTools();
  const owed = useWorkspaceStore((store) => store.state?.owed);
  const now = useNow();
  if (owed === undefined) return null;
  return (
    <section className={classes.list}>
      <h2>{t('idle.owed')}</h2>
      {owed.length === 0 ? <p>{t('work.owed.none')}</p> : null}
      <ul>
        {owed.slice(0, 8).map((entry) => (
          <li key={entry.client.id}>
            <Link href={clientPath(entry.client.id)}>
              <b>{entry.client.name || phoneNumber(entry.number)}</b>
              <span>{entry.client.company}</span>
            </Link>
            <span className={classes.when}>
              {owedText(entry, t)},{' '}
              {entry.dueAt === undefined ? ago(entry.missedAt, now, language) : timeLeft(entry.dueAt, now, t).text}
            </span>
            {entry.number === '' ? null : (
              <button type="button" onClick={() => void commands.dial(entry.number, entry.client.id)}>
                <Phone size={14} aria-hidden="true" />
                <span className="num">{phoneNumber(entry.number)}</span>
              </button>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Recent() {
  const { t } = useLanguage();
  const recent = useSettings((settings) => settings.recentCards);
  return (
    <section className={classes.list}>
      <h2>{t('idle.recent')}</h2>
      {recent.length === 0 ? <p>{t('idle.recent.none')}</p> : null}
      <ul>
        {recent.map((card) => (
          <li key={card.id}>
            <Link href={clientPath(card.id)}>
              <b>{card.name || t('pop.noName')}</b>
              <span>{card.company}</span>
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}
