import type { ClientImport, ImportProblem } from '../../../server/contract/client-imports.ts';
import list from '../parts/list.module.css';
import type { Say } from '../words/translate.ts';
import { useWords } from '../words/use-words.ts';
import classes from './import.module.css';

/** Rows that were not taken, or not wholly, with the reason; all of them as a file. */
export function ProblemRows({ one }: { readonly one: ClientImport }) {
  const { say } = useWords();
  if (one.problems.length === 0) return null;
  return (
    <section className={classes.step}>
      <div className={list.head}>
        <h2>{say('import.problems')}</h2>
        <a href={`/api/v1/client-imports/${one.id}/problems.csv`} download>
          {say('import.problemsAll')}
        </a>
      </div>
      <table className={list.table}>
        <thead>
          <tr>
            <th scope="col">{say('import.row')}</th>
            <th scope="col">{say('import.what')}</th>
            <th scope="col">{say('import.why')}</th>
          </tr>
        </thead>
        <tbody>
          {one.problems.map(({ row, outcome, reasons }) => (
            <tr key={row}>
              <th scope="row" className="num">
                {row}
              </th>
              <td>{say(`import.outcome.${outcome}`)}</td>
              <td>{reasons.map((reason) => reasonText(reason, say)).join('; ')}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function reasonText({ code, text }: ImportProblem['reasons'][number], say: Say): string {
  if (code === 'empty' || code === 'no_valid_address') return say(`import.reason.${code}`);
  return say(`import.reason.${code}`, { text });
}
