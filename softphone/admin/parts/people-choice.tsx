import { useState } from 'react';
import type { UserRef } from '../../../server/contract/schemas.ts';
import { matches } from '../people/match.ts';
import { useWords } from '../words/use-words.ts';
import form from './form.module.css';
import classes from './people-choice.module.css';

/** From so many people on the list can be searched. */
const SEARCH_FROM = 9;

interface PeopleChoiceProps {
  readonly label: string;
  readonly hint?: string;
  /** What is said when there is nobody to choose. */
  readonly empty?: string;
  readonly people: readonly UserRef[];
  readonly value: readonly number[];
  readonly onChange: (ids: readonly number[]) => void;
  readonly error: string | undefined;
}

/** Any number of people, each with a box to tick. */
export function PeopleChoice({ label, hint, empty, people, value, onChange, error }: PeopleChoiceProps) {
  const { say } = useWords();
  const [query, setQuery] = useState('');
  const shown = people.filter(({ name }) => matches(query, [name]));
  function toggle(id: number, isIn: boolean): void {
    onChange(isIn ? [...value, id] : value.filter((one) => one !== id));
  }
  return (
    <fieldset className={form.part}>
      <legend>{label}</legend>
      {hint === undefined ? null : <span className={form.hint}>{hint}</span>}
      {people.length >= SEARCH_FROM ? (
        <input
          type="search"
          className={form.input}
          aria-label={`${label}: ${say('list.search')}`}
          placeholder={say('list.search')}
          value={query}
          onChange={(event) => setQuery(event.currentTarget.value)}
        />
      ) : null}
      {people.length === 0 && empty !== undefined ? <span className={form.hint}>{empty}</span> : null}
      <div className={classes.people}>
        {shown.map(({ id, name }) => (
          <label key={id}>
            <input
              type="checkbox"
              checked={value.includes(id)}
              onChange={(event) => toggle(id, event.currentTarget.checked)}
            />
            {name}
          </label>
        ))}
      </div>
      {error === undefined ? null : (
        <span role="alert" className={form.error}>
          {error}
        </span>
      )}
    </fieldset>
  );
}
