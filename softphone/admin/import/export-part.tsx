import { Button } from '@mantine/core';
import { useId, useState } from 'react';
import { useRights } from '../data/use-rights.ts';
import { TextField } from '../parts/field.tsx';
import form from '../parts/form.module.css';
import { useWords } from '../words/use-words.ts';

/** The way back: clients as a file that the import reads. Without the right it is said who gives it. */
export function ExportPart() {
  const { say } = useWords();
  const { mayExport } = useRights();
  const [query, setQuery] = useState('');
  const reasonId = useId();
  const text = query.trim();
  const path = `/api/v1/clients/export${text === '' ? '' : `?q=${encodeURIComponent(text)}`}`;
  return (
    <section className={form.part} aria-label={say('export.title')}>
      <h2>{say('export.title')}</h2>
      <p className={form.text}>{say('export.text')}</p>
      <TextField
        label={say('export.which')}
        hint={say('export.whichHint')}
        type="search"
        maxLength={100}
        value={query}
        onChange={setQuery}
        testId="export-query"
      />
      <div className={form.actions}>
        {mayExport ? (
          <Button component="a" href={path} download="clients.csv" size="xs" variant="default" data-testid="export">
            {say('export.get')}
          </Button>
        ) : (
          <>
            <Button size="xs" variant="default" disabled aria-describedby={reasonId} data-testid="export">
              {say('export.get')}
            </Button>
            <span id={reasonId} className={form.hint}>
              {say('export.noRight')}
            </span>
          </>
        )}
      </div>
    </section>
  );
}
