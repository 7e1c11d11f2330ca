import { Button } from '@mantine/core';
import { Check, Copy } from 'lucide-react';
import { useState } from 'react';
import { useWords } from '../words/use-words.ts';
import classes from './confirm.module.css';

interface ShownOnceProps {
  readonly values: readonly { readonly label: string; readonly value: string }[];
  readonly onDone: () => void;
}

/** A secret that the server tells once: to be copied and handed over, and gone when it is put away. */
export function ShownOnce({ values, onDone }: ShownOnceProps) {
  const { say } = useWords();
  return (
    <section className={classes.once} role="alert" data-testid="shown-once">
      <h3>{say('once.title')}</h3>
      <p>{say('once.text')}</p>
      {values.map(({ label, value }) => (
        <Secret key={label} label={label} value={value} />
      ))}
      <div>
        <Button size="xs" variant="default" onClick={onDone} data-testid="handed-over">
          {say('once.done')}
        </Button>
      </div>
    </section>
  );
}

function Secret({ label, value }: { readonly label: string; readonly value: string }) {
  const { say } = useWords();
  const [isCopied, setCopied] = useState(false);
  async function copy(): Promise<void> {
    // without the right to the clipboard the text can still be selected by one click
    await navigator.clipboard?.writeText(value).then(
      () => setCopied(true),
      () => undefined,
    );
  }
  return (
    <div className={classes.secret}>
      <div>
        <span>{label}</span>
        <br />
        <code>{value}</code>
      </div>
      <Button
        size="xs"
        variant="default"
        leftSection={isCopied ? <Check size={14} aria-hidden="true" /> : <Copy size={14} aria-hidden="true" />}
        onClick={() => void copy()}
        aria-label={`${say('act.copy')}: ${label}`}
      >
        {isCopied ? say('act.copied') : say('act.copy')}
      </Button>
    </div>
  );
}
