import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../../net/api.ts';
import { TextField } from '../parts/field.tsx';
import { useWords } from '../words/use-words.ts';
import classes from './audit-screen.module.css';

export interface FoundClient {
  readonly id: number;
  readonly name: string;
}

interface ClientFilterProps {
  readonly client: FoundClient | null;
  readonly onChange: (client: FoundClient | null) => void;
}

/** Shorter text finds half of the base. */
const FEWEST_LETTERS = 2;
const MOST_SHOWN = 5;

/** One client, looked for by name or number; the found ones are buttons. */
export function ClientFilter({ client, onChange }: ClientFilterProps) {
  const { say } = useWords();
  const [typed, setTyped] = useState('');
  const text = typed.trim();
  const found = useQuery({
    queryKey: ['audit-client', text],
    queryFn: () => call('GET /api/v1/clients', { querystring: { q: text, limit: MOST_SHOWN } }),
    enabled: text.length >= FEWEST_LETTERS,
  });
  function choose(chosen: FoundClient): void {
    setTyped('');
    onChange(chosen);
  }
  return (
    <div className={classes.client}>
      <TextField
        label={say('audit.clientSearch')}
        type="search"
        maxLength={100}
        value={typed}
        onChange={setTyped}
        testId="audit-client"
      />
      {client === null ? null : (
        <Button size="xs" variant="light" onClick={() => onChange(null)} data-testid="audit-any-client">
          {say('audit.onlyClient', { name: client.name })} · {say('audit.anyClient')}
        </Button>
      )}
      {text.length < FEWEST_LETTERS
        ? null
        : found.data?.items.map(({ id, name }) => (
            <Button key={id} size="xs" variant="default" onClick={() => choose({ id, name })}>
              {say('audit.chooseClient', { name })}
            </Button>
          ))}
    </div>
  );
}
