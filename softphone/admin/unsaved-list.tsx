import { X } from 'lucide-react';
import { Link } from 'wouter';
import classes from './admin-page.module.css';
import { dropDraft, useDrafts } from './data/drafts.ts';
import form from './parts/form.module.css';
import { useWords } from './words/use-words.ts';

/** Edits that wait to be saved, wherever they were made, each with its way back. */
export function UnsavedList() {
  const { say } = useWords();
  const drafts = useDrafts((store) => store.drafts);
  if (drafts.size === 0) return null;
  return (
    <section className={classes.unsaved} aria-label={say('unsaved.title')} data-testid="unsaved">
      <h2>{say('unsaved.title')}</h2>
      <ul>
        {[...drafts].map(([subject, { title, path }]) => (
          <li key={subject}>
            <Link href={path}>{title}</Link>
            <button
              type="button"
              className={form.icon}
              aria-label={say('unsaved.discard', { name: title })}
              onClick={() => dropDraft(subject)}
            >
              <X size={14} aria-hidden="true" />
            </button>
          </li>
        ))}
      </ul>
      <p>{say('unsaved.text')}</p>
    </section>
  );
}
