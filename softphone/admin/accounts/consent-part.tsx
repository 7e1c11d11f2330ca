import { Button } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useLocation } from 'wouter';
import type { SetupAccount } from '../../../server/contract/setup-message-schemas.ts';
import { call } from '../../net/api.ts';
import { RequestFailure } from '../../net/problem.ts';
import { recordChange } from '../data/last-change.ts';
import { failureText } from '../data/problems.ts';
import { refreshSetup } from '../data/queries.ts';
import form from '../parts/form.module.css';
import { adminPath } from '../place.ts';
import { useWords } from '../words/use-words.ts';
import { asksForConsent } from './account-fields.ts';
import classes from './accounts.module.css';

/** Sends the administrator to the provider, where the mailbox's owner consents. */
export function ConsentPart({ account, isDirty }: { readonly account: SetupAccount; readonly isDirty: boolean }) {
  const words = useWords();
  const { say } = words;
  const [problem, setProblem] = useState('');
  const [isBusy, setBusy] = useState(false);
  if (!asksForConsent(account)) return null;
  const isGiven = account.secrets.includes('refreshToken');
  async function connect(): Promise<void> {
    setBusy(true);
    setProblem('');
    try {
      const params = { id: account.id };
      const { url } = await call('POST /api/v1/setup/channel-accounts/:id/consent', { params });
      location.assign(url);
    } catch (error) {
      setProblem(failureText(error, words));
      setBusy(false);
    }
  }
  return (
    <section className={form.part}>
      <p className={form.text}>{say(isGiven ? 'consent.given' : 'consent.needed')}</p>
      <div className={form.actions}>
        <Button
          size="xs"
          variant={isGiven ? 'default' : 'filled'}
          loading={isBusy}
          disabled={isDirty}
          onClick={() => void connect()}
          data-testid="consent"
        >
          {say(isGiven ? 'consent.again' : 'consent.connect')}
        </Button>
        {isDirty ? <span className={form.hint}>{say('consent.unsaved')}</span> : null}
      </div>
      <p className={classes.result} role="status" data-ok={problem === ''} data-testid="consent-problem">
        {problem}
      </p>
    </section>
  );
}

/** What a provider sends a browser back with (RFC 6749 section 4.1.2), read once: it must not stay in the address. */
function takeAnswer(): { readonly state: string; readonly code: string } {
  const query = new URLSearchParams(location.search);
  history.replaceState(null, '', location.pathname);
  return { state: query.get('state') ?? '', code: query.get('code') ?? '' };
}

/** The page that the provider sends back to: keeps the consent and opens the account. */
export function ConsentReturn() {
  const words = useWords();
  const { say } = words;
  const [, navigate] = useLocation();
  const [answer] = useState(takeAnswer);
  const [problem, setProblem] = useState('');
  // a consent counts once: whatever makes this run again does not ask again
  // biome-ignore lint/correctness/useExhaustiveDependencies: the answer is read once and stays
  useEffect(() => {
    async function keep(): Promise<void> {
      if (answer.state === '' || answer.code === '') return setProblem(say('consent.refused'));
      try {
        const { id, name } = await call('POST /api/v1/setup/consents', { body: answer });
        recordChange({ did: 'changed', name, kind: 'channel_account', id });
        navigate(adminPath('accounts', id), { replace: true });
        await refreshSetup();
      } catch (error) {
        const details = error instanceof RequestFailure ? error.problem : undefined;
        const { reason } = (details ?? {}) as { readonly reason?: unknown };
        if (reason === 'unknown') setProblem(say('consent.unknown'));
        else if (reason === 'refused') setProblem(say('consent.notTaken', { problem: details?.detail ?? '' }));
        else setProblem(failureText(error, words));
      }
    }
    void keep();
  }, []);
  return (
    <p className={classes.result} role="status" data-ok={problem === ''} data-testid="consent-return">
      {problem === '' ? say('consent.keeping') : problem}
    </p>
  );
}
