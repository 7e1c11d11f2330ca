import { Popover } from '@mantine/core';
import { Ban, MailX, ShieldCheck } from 'lucide-react';
import { useState } from 'react';
import type { ConsentView, SuppressionView } from '../../../server/contract/messages-schemas.ts';
import type { ContactPoint } from '../../../server/contract/schemas.ts';
import { dayAndTime } from '../../i18n/format.ts';
import { useLanguage } from '../../i18n/use-language.ts';
import { standingRefusals } from '../../state/refusals.ts';
import classes from './consent.module.css';
import { ConsentForm } from './consent-form.tsx';
import { scopeText } from './gate-words.ts';
import { useConsents } from './queries.ts';

interface ConsentMarkProps {
  readonly clientId: number;
  /** One of his addresses; absent = whatever the address. */
  readonly point: ContactPoint | undefined;
}

/** What a client allowed or refused for an address, and whether it still takes mail; the proof is behind it. */
export function ConsentMark({ clientId, point }: ConsentMarkProps) {
  const { t } = useLanguage();
  const { data } = useConsents(clientId);
  const [opened, setOpened] = useState(false);
  const consents = (data?.items ?? []).filter((each) =>
    point === undefined ? each.kind === 'client' : each.value === point.value,
  );
  const suppressions = (data?.suppressions ?? []).filter(({ value }) => value === point?.value);
  const refused = standingRefusals(data?.items ?? []).filter((each) =>
    point === undefined ? each.kind === 'client' : each.value === point.value,
  );
  const word =
    suppressions.length > 0
      ? ('bounces' as const)
      : refused.length > 0
        ? ('refused' as const)
        : consents.length > 0
          ? ('given' as const)
          : ('none' as const);
  const Icon = word === 'bounces' ? MailX : word === 'refused' ? Ban : ShieldCheck;
  const label = `${t(`consent.mark.${word}`)}: ${point?.display || point?.value || t('consent.everything')}`;
  return (
    <Popover
      opened={opened}
      onChange={setOpened}
      position="bottom-end"
      shadow="md"
      width={320}
      withinPortal
      trapFocus
      returnFocus
    >
      <Popover.Target>
        <button
          type="button"
          className={classes.mark}
          data-word={word}
          aria-label={label}
          title={label}
          onClick={() => setOpened(!opened)}
          data-testid="consent-mark"
        >
          <Icon size={14} aria-hidden="true" />
          {word === 'refused' || word === 'bounces' ? <span>{t(`consent.mark.${word}`)}</span> : null}
        </button>
      </Popover.Target>
      <Popover.Dropdown p={12} aria-label={label}>
        <div className={classes.panel}>
          {suppressions.map((each) => (
            <Suppressed key={each.reason} suppression={each} />
          ))}
          {consents.length === 0 && suppressions.length === 0 ? <p>{t('consent.nothing')}</p> : null}
          {consents.map((each) => (
            <Word key={each.id} consent={each} />
          ))}
          <ConsentForm clientId={clientId} point={point} onDone={() => setOpened(false)} />
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}

function Word({ consent }: { readonly consent: ConsentView }) {
  const { t, language } = useLanguage();
  const scope = scopeText(consent, t) || t('consent.everything');
  const details = [
    dayAndTime(consent.at, Date.now(), language),
    t(`consent.source.${consent.source}`),
    consent.user?.name ?? '',
  ];
  return (
    <p data-testid="consent" data-state={consent.state}>
      <b data-state={consent.state}>{t(`consent.state.${consent.state}`)}</b> {scope}
      <br />
      <q>{consent.evidence}</q>
      <br />
      <small>{details.filter((part) => part !== '').join(' · ')}</small>
    </p>
  );
}

function Suppressed({ suppression }: { readonly suppression: SuppressionView }) {
  const { t, language } = useLanguage();
  return (
    <p>
      <b data-state="refused">{t(`consent.suppressed.${suppression.reason}`)}</b>
      <br />
      <q>{suppression.evidence}</q>
      <br />
      <small>{dayAndTime(suppression.at, Date.now(), language)}</small>
    </p>
  );
}
