import { type FormEvent, useId, useState } from 'react';
import { type ConsentState, consentStates, messagePurposes } from '../../../server/contract/messages-words.ts';
import type { ContactPoint } from '../../../server/contract/schemas.ts';
import { useLanguage } from '../../i18n/use-language.ts';
import { call } from '../../net/api.ts';
import { failureCode } from '../../net/problem.ts';
import { queryClient, queryKeys } from '../../state/cards.ts';
import { setCommandFailure } from '../../state/stores.ts';
import classes from './consent.module.css';

interface ConsentFormProps {
  readonly clientId: number;
  readonly point: ContactPoint | undefined;
  readonly onDone: () => void;
}

const scopes = ['everything', 'sms', 'email', 'call'] as const;
type Scope = (typeof scopes)[number];
/** Of an address only what it is made for; of the person everything. */
const scopesOf = (point: ContactPoint | undefined): readonly Scope[] =>
  point === undefined ? scopes : point.kind === 'email' ? ['email'] : ['sms', 'call', 'everything'];
const MIN_EVIDENCE = 3;

/** Notes what a client said, with what proves it. */
export function ConsentForm({ clientId, point, onDone }: ConsentFormProps) {
  const { t } = useLanguage();
  const id = useId();
  const offered = scopesOf(point);
  const [state, setState] = useState<ConsentState>('refused');
  const [scope, setScope] = useState<Scope>(offered[0] ?? 'everything');
  const [purpose, setPurpose] = useState('');
  const [evidence, setEvidence] = useState('');
  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    setCommandFailure(null);
    try {
      await call('POST /api/v1/clients/:id/consents', {
        params: { id: clientId },
        body: {
          state,
          evidence: evidence.trim(),
          channel: scope === 'everything' ? null : scope,
          purpose: messagePurposes.find((each) => each === purpose) ?? null,
          ...(point === undefined ? {} : { value: point.value }),
        },
      });
      void queryClient.invalidateQueries({ queryKey: queryKeys.consents(clientId) });
      void queryClient.invalidateQueries({ queryKey: ['gate', clientId] });
      onDone();
    } catch (error) {
      setCommandFailure(failureCode(error));
    }
  }
  return (
    <form className={classes.form} onSubmit={submit}>
      <b>{t('consent.add')}</b>
      <span className={classes.row}>
        {consentStates.map((each) => (
          <label key={each}>
            <input type="radio" name={`${id}-state`} checked={state === each} onChange={() => setState(each)} />{' '}
            {t(`consent.state.${each}`)}
          </label>
        ))}
      </span>
      <span className={classes.row}>
        <select
          aria-label={t('consent.channel')}
          value={scope}
          onChange={(event) => setScope(scopes.find((each) => each === event.currentTarget.value) ?? 'everything')}
        >
          {offered.map((each) => (
            <option key={each} value={each}>
              {each === 'everything'
                ? t('consent.everything')
                : each === 'call'
                  ? t('consent.calls')
                  : t(`composer.${each}`)}
            </option>
          ))}
        </select>
        <select
          aria-label={t('write.purpose')}
          value={purpose}
          onChange={(event) => setPurpose(event.currentTarget.value)}
        >
          <option value="">{t('consent.anyPurpose')}</option>
          {messagePurposes.map((each) => (
            <option key={each} value={each}>
              {t(`purpose.${each}`)}
            </option>
          ))}
        </select>
      </span>
      <input
        value={evidence}
        maxLength={500}
        aria-label={t('consent.evidence')}
        placeholder={t('consent.evidence')}
        onChange={(event) => setEvidence(event.currentTarget.value)}
        data-testid="consent-evidence"
      />
      <button type="submit" disabled={evidence.trim().length < MIN_EVIDENCE} data-testid="consent-save">
        {t('consent.save')}
      </button>
    </form>
  );
}
