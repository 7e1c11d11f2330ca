import type { Editor } from '../data/use-editor.ts';
import { useWords } from '../words/use-words.ts';
import form from './form.module.css';
import classes from './panel.module.css';
import { valueText } from './value-text.ts';

interface ConflictsProps<T extends object> {
  readonly editor: Editor<T>;
  readonly labelOf: (field: keyof T & string) => string;
  readonly wordsOf: ((field: keyof T & string, value: unknown) => string) | undefined;
}

/** Fields that a colleague changed too, with both values; nothing is saved until each is decided. */
export function Conflicts<T extends object>({ editor, labelOf, wordsOf }: ConflictsProps<T>) {
  const { say, language } = useWords();
  if (editor.conflicts.length === 0) return null;
  const words = (field: keyof T & string, value: unknown): string =>
    wordsOf?.(field, value) ?? valueText(value, { say, language });
  return (
    <section className={classes.conflicts} role="alert" data-testid="conflicts">
      <h3>{say('conflict.title')}</h3>
      {editor.conflicts.map(({ field, mine, theirs }) => (
        <dl key={field}>
          <dt>{labelOf(field)}</dt>
          <dd>
            <span>
              {say('conflict.mine')}: <b>{words(field, mine)}</b>
            </span>
            <button
              type="button"
              className={form.quiet}
              onClick={() => editor.resolve(field, 'mine')}
              data-testid={`keep-mine-${field}`}
            >
              {say('conflict.keepMine', { field: labelOf(field) })}
            </button>
          </dd>
          <dd>
            <span>
              {say('conflict.theirs')}: <b>{words(field, theirs)}</b>
            </span>
            <button
              type="button"
              className={form.quiet}
              onClick={() => editor.resolve(field, 'theirs')}
              data-testid={`take-theirs-${field}`}
            >
              {say('conflict.takeTheirs', { field: labelOf(field) })}
            </button>
          </dd>
        </dl>
      ))}
    </section>
  );
}
