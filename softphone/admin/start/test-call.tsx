import { Button } from '@mantine/core';
import { PhoneCall } from 'lucide-react';
import { useState } from 'react';
import type { Output } from '../../../server/contract/api.ts';
import { useDeskTools } from '../../desk-context.ts';
import { call } from '../../net/api.ts';
import { usePhoneStore } from '../../state/stores.ts';
import { failureText } from '../data/problems.ts';
import { refreshSetup } from '../data/queries.ts';
import { useWords } from '../words/use-words.ts';
import classes from './start-screen.module.css';

type Result = Output<'POST /api/v1/test-calls'>['reason'] | 'no_microphone';

/** Calls the phone of whoever looks at this, lets him hear himself, and says in words how it went. */
export function TestCall() {
  const words = useWords();
  const { say } = words;
  const { desk } = useDeskTools();
  // another tab of this browser may be the phone; then it is the one that answers
  const isElsewhere = usePhoneStore((phone) => phone.connection === 'elsewhere');
  const [isCalling, setCalling] = useState(false);
  const [result, setResult] = useState<Result>();
  const [failure, setFailure] = useState<unknown>();

  async function run(): Promise<Result> {
    if (!isElsewhere && !(await desk.phone.unlock())) return 'no_microphone';
    const { reason } = await call('POST /api/v1/test-calls');
    await refreshSetup();
    return reason;
  }
  async function start(): Promise<void> {
    setCalling(true);
    setResult(undefined);
    setFailure(undefined);
    await run().then(setResult, setFailure);
    setCalling(false);
  }
  function outcome(): string {
    if (isCalling) return say('testCall.calling');
    if (failure !== undefined) return failureText(failure, words);
    return result === undefined ? '' : say(`testCall.${result}`);
  }
  return (
    <div className={classes.test}>
      <Button
        size="xs"
        loading={isCalling}
        leftSection={<PhoneCall size={15} aria-hidden="true" />}
        onClick={() => void start()}
        data-testid="test-call"
      >
        {say('testCall.go')}
      </Button>
      <span
        role="status"
        className={classes.told}
        data-passed={result === undefined && failure === undefined ? undefined : result === 'ok'}
        data-testid="test-call-result"
      >
        {outcome()}
      </span>
    </div>
  );
}
