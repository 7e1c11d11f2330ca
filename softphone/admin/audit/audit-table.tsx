import { Filter } from 'lucide-react';
import { Link } from 'wouter';
import type { AuditLine } from '../../../server/contract/audit.ts';
import { dayAndTime } from '../../i18n/format.ts';
import { clientPath } from '../../routes.ts';
import list from '../parts/list.module.css';
import { Mark } from '../parts/mark.tsx';
import { useWords } from '../words/use-words.ts';
import classes from './audit-screen.module.css';
import type { FoundClient } from './client-filter.tsx';

interface AuditTableProps {
  readonly lines: readonly AuditLine[];
  /** This client alone, please. */
  readonly onClient: (client: FoundClient) => void;
}

/** Lines of the access log: who, what, when, about whom, allowed or not. */
export function AuditTable({ lines, onClient }: AuditTableProps) {
  const { say } = useWords();
  if (lines.length === 0) return <p className={list.empty}>{say('audit.none')}</p>;
  return (
    <table className={list.table} data-testid="audit-lines">
      <thead>
        <tr>
          <th scope="col">{say('audit.when')}</th>
          <th scope="col">{say('audit.who')}</th>
          <th scope="col">{say('audit.action')}</th>
          <th scope="col">{say('audit.client')}</th>
          <th scope="col">{say('audit.result')}</th>
        </tr>
      </thead>
      <tbody>
        {lines.map((line) => (
          <Row key={line.id} line={line} onClient={onClient} />
        ))}
      </tbody>
    </table>
  );
}

function Row({ line, onClient }: { readonly line: AuditLine; readonly onClient: AuditTableProps['onClient'] }) {
  const { say, language } = useWords();
  const { client } = line;
  const details = useDetails(line);
  return (
    <tr>
      <td>
        <time dateTime={line.at} title={new Date(line.at).toLocaleString(language)}>
          {dayAndTime(line.at, Date.now(), language)}
        </time>
      </td>
      <td>{line.user?.name ?? say('audit.nobody')}</td>
      <td>
        {say(`audit.${line.action}`)}
        {details === '' ? null : <small className={classes.details}>{details}</small>}
      </td>
      <td>
        {client === null ? null : (
          <span className={classes.who}>
            <Link href={clientPath(client.id)}>{client.name}</Link>
            <button
              type="button"
              className={classes.only}
              onClick={() => onClient(client)}
              aria-label={say('audit.onlyClient', { name: client.name })}
              title={say('audit.onlyClient', { name: client.name })}
            >
              <Filter size={14} aria-hidden="true" />
            </button>
          </span>
        )}
      </td>
      <td>
        {line.allowed ? (
          <Mark tone="good">{say('audit.allowed')}</Mark>
        ) : (
          <Mark tone="bad">{say('audit.refused')}</Mark>
        )}
      </td>
    </tr>
  );
}

/** What else the line tells: how often, how much, as whom, from where. */
function useDetails({ times, action, subject, data }: AuditLine): string {
  const { say } = useWords();
  const { rows, address, fields } = data;
  const parts = [
    ...(times > 1 ? [say('audit.times', { count: times })] : []),
    ...(typeof rows === 'number' ? [say('audit.rows', { count: rows })] : []),
    ...(action.startsWith('session.') || action === 'setup.changed' ? [subject.replace(':', ' ')] : []),
    ...(typeof address === 'string' ? [address] : []),
    ...(Array.isArray(fields) ? [fields.join(', ')] : []),
  ];
  return parts.join(' · ');
}
