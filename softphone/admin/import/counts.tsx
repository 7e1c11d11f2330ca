import type { ClientImport } from '../../../server/contract/client-imports.ts';
import type { Say } from '../words/translate.ts';
import { useWords } from '../words/use-words.ts';
import classes from './import.module.css';

type Counts = ClientImport['result'];
const kinds = ['created', 'updated', 'skipped', 'conflict', 'invalid', 'incomplete'] as const;

/** `120 new cards, 3 cannot be imported`: only what there is. */
export function countsText(counts: Counts, say: Say): string {
  return kinds
    .filter((kind) => counts[kind] > 0)
    .map((kind) => `${counts[kind]} ${say(`import.count.${kind}`)}`)
    .join(', ');
}

/** The figures of a plan or a result, all of them, each with its word. */
export function CountTiles({ counts }: { readonly counts: Counts }) {
  const { say, language } = useWords();
  const number = new Intl.NumberFormat(language);
  return (
    <dl className={classes.tiles}>
      {kinds.map((kind) => (
        <div key={kind} data-kind={kind} data-empty={counts[kind] === 0}>
          <dt>{say(`import.count.${kind}`)}</dt>
          <dd className="num" data-testid={`count-${kind}`}>
            {number.format(counts[kind])}
          </dd>
        </div>
      ))}
    </dl>
  );
}
