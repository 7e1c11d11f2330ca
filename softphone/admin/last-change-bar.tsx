import { Button } from '@mantine/core';
import { Check, X } from 'lucide-react';
import { useEffect, useState } from 'react';
import { Link } from 'wouter';
import classes from './admin-page.module.css';
import { forgetChange, undoChange, useLastChange } from './data/last-change.ts';
import { failureText } from './data/problems.ts';
import { useRights } from './data/use-rights.ts';
import form from './parts/form.module.css';
import { adminPath } from './place.ts';
import { useWords } from './words/use-words.ts';

/** What was done last, and its undo. It stays until the next change; the history holds all of them. */
export function LastChangeBar() {
  const words = useWords();
  const { say } = words;
  const { isAdmin } = useRights();
  const last = useLastChange((store) => store.last);
  const [failure, setFailure] = useState<string>();
  // biome-ignore lint/correctness/useExhaustiveDependencies: another change has not failed yet
  useEffect(() => setFailure(undefined), [last]);
  const text = failure ?? (last === null ? '' : say(`done.${last.did}`, { name: last.name }));
  async function undo(): Promise<void> {
    if (last === null) return;
    try {
      await undoChange(last);
    } catch (error) {
      setFailure(say('done.undoFailed', { why: failureText(error, words) }));
    }
  }
  return (
    <div
      role="status"
      className={last === null ? '' : classes.last}
      data-failed={failure !== undefined}
      data-testid="last-change"
    >
      {last === null ? null : (
        <>
          <Check size={16} aria-hidden="true" />
          <span>{text}</span>
          {isAdmin && last.did !== 'undone' ? (
            <Button size="xs" variant="default" onClick={() => void undo()} data-testid="undo">
              {say('act.undo')}
            </Button>
          ) : null}
          <Link href={adminPath('history')}>{say('done.seeHistory')}</Link>
          <button type="button" className={form.icon} aria-label={say('act.close')} onClick={forgetChange}>
            <X size={15} aria-hidden="true" />
          </button>
        </>
      )}
    </div>
  );
}
