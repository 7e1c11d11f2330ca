import { Button } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { Dialog } from '../../workspace/dialog.tsx';
import { failureText } from '../data/problems.ts';
import { useWords } from '../words/use-words.ts';
import classes from './confirm.module.css';
import form from './form.module.css';

interface ConfirmButtonProps {
  /** On the button, as the title of the question and on the button that says yes. */
  readonly label: string;
  /** What will happen, in whole sentences. */
  readonly text: ReactNode;
  /** A throw is shown in the dialog, which stays open. */
  readonly onConfirm: () => Promise<void>;
  readonly tone?: 'danger' | 'plain';
  readonly testId?: string;
  readonly disabled?: boolean;
}

/** A button that says what it will do before it does it. */
export function ConfirmButton({
  label,
  text,
  onConfirm,
  tone = 'danger',
  testId,
  disabled = false,
}: ConfirmButtonProps) {
  const words = useWords();
  const [opened, setOpened] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string>();
  async function confirm(): Promise<void> {
    setBusy(true);
    setFailure(undefined);
    try {
      await onConfirm();
      setOpened(false);
    } catch (error) {
      setFailure(failureText(error, words));
    }
    setBusy(false);
  }
  return (
    <>
      <Button
        size="xs"
        variant="default"
        className={tone === 'danger' ? (classes.danger ?? '') : ''}
        disabled={disabled}
        onClick={() => {
          setFailure(undefined);
          setOpened(true);
        }}
        data-testid={testId}
      >
        {label}
      </Button>
      <Dialog opened={opened} title={label} size={440} onClose={() => setOpened(false)}>
        <p className={classes.text}>{text}</p>
        <p role="alert" className={form.error}>
          {failure}
        </p>
        <div className={classes.buttons}>
          <Button size="sm" variant="default" data-autofocus onClick={() => setOpened(false)}>
            {words.say('act.cancel')}
          </Button>
          <Button
            size="sm"
            color={tone === 'danger' ? 'var(--danger-fill)' : 'harbor'}
            loading={isBusy}
            onClick={() => void confirm()}
            data-testid={testId === undefined ? 'confirm' : `${testId}-confirm`}
          >
            {label}
          </Button>
        </div>
      </Dialog>
    </>
  );
}
