import { Button } from '@mantine/core';
import { useState } from 'react';
import type { AccountTrial } from '../../../server/contract/setup-message-schemas.ts';
import { call } from '../../net/api.ts';
import { failureText } from '../data/problems.ts';
import { refreshSetup } from '../data/queries.ts';
import form from '../parts/form.module.css';
import { useWords } from '../words/use-words.ts';
import classes from './accounts.module.css';

/** Connects with what is stored, sends nothing, and says in words what came of it. */
export function CheckPart({ accountId, isDirty }: { readonly accountId: number; readonly isDirty: boolean }) {
  const words = useWords();
  const { say } = words;
  const [isBusy, setBusy] = useState(false);
  const [result, setResult] = useState<{ readonly ok: boolean; readonly text: string }>();
  const textOf = ({ ok, state, problem }: AccountTrial): string => {
    if (ok) return say('account.checkOk');
    return problem === '' && state !== 'down' ? say('account.checkSlow') : say('account.checkFailed', { problem });
  };
  async function check(): Promise<void> {
    setBusy(true);
    setResult(undefined);
    try {
      const trial = await call('POST /api/v1/setup/channel-accounts/:id/test', { params: { id: accountId } });
      setResult({ ok: trial.ok, text: textOf(trial) });
    } catch (error) {
      setResult({ ok: false, text: failureText(error, words) });
    }
    setBusy(false);
    await refreshSetup();
  }
  return (
    <section className={form.part}>
      <div className={form.actions}>
        <Button
          size="xs"
          variant="default"
          loading={isBusy}
          disabled={isDirty}
          onClick={() => void check()}
          data-testid="check-account"
        >
          {say('account.check')}
        </Button>
        {isDirty ? <span className={form.hint}>{say('account.checkUnsaved')}</span> : null}
      </div>
      <p className={classes.result} role="status" data-ok={result?.ok} data-testid="check-result">
        {isBusy ? say('account.checking') : result?.text}
      </p>
    </section>
  );
}
