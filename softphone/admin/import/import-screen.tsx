import { useQuery } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { Link, useLocation } from 'wouter';
import type { ClientImport } from '../../../server/contract/client-imports.ts';
import { dayAndTime } from '../../i18n/format.ts';
import { call } from '../../net/api.ts';
import { failureText } from '../data/problems.ts';
import form from '../parts/form.module.css';
import list from '../parts/list.module.css';
import { WhenLoaded } from '../parts/when-loaded.tsx';
import { adminPath, idOf, type ScreenProps } from '../place.ts';
import { useWords } from '../words/use-words.ts';
import { countsText } from './counts.tsx';
import { ExportPart } from './export-part.tsx';
import classes from './import.module.css';
import { ImportView } from './import-view.tsx';
import { uploadClients } from './upload.ts';

const REFETCH_MS = 5000;

/** Files of clients: choosing one, and what became of those before. */
export function ImportScreen({ item }: ScreenProps) {
  const { say } = useWords();
  const id = idOf(item);
  if (typeof id === 'number') return <ImportView key={id} id={id} />;
  return (
    <div className={list.main}>
      <header className={list.head}>
        <h1>{say('screen.import')}</h1>
      </header>
      <p className={list.text}>{say('import.text')}</p>
      <ChooseFile />
      <Earlier />
      <ExportPart />
    </div>
  );
}

function ChooseFile() {
  const words = useWords();
  const { say, language } = words;
  const inputId = useId();
  const [, navigate] = useLocation();
  const [sending, setSending] = useState<{ readonly name: string; readonly share: number }>();
  const [failure, setFailure] = useState<string>();
  const [isOver, setOver] = useState(false);
  async function send(file: File | undefined): Promise<void> {
    if (file === undefined) return;
    setFailure(undefined);
    setSending({ name: file.name, share: 0 });
    try {
      const made = await uploadClients(file, (share) => setSending({ name: file.name, share }));
      navigate(adminPath('import', made.id));
    } catch (error) {
      setFailure(failureText(error, words));
    }
    setSending(undefined);
  }
  const percent = new Intl.NumberFormat(language, { style: 'percent' });
  return (
    <section
      className={classes.drop}
      data-over={isOver}
      aria-label={say('import.choose')}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        void send(event.dataTransfer.files[0]);
      }}
    >
      <label htmlFor={inputId}>{say('import.choose')}</label>
      <input
        id={inputId}
        type="file"
        accept=".csv,.txt,text/csv"
        disabled={sending !== undefined}
        onChange={(event) => void send(event.currentTarget.files?.[0])}
        data-testid="import-file"
      />
      <span className={form.hint}>{say('import.chooseHint')}</span>
      {sending === undefined ? null : (
        <div role="status">
          <progress value={sending.share} max={1} aria-label={sending.name} />{' '}
          {say('import.sending', { name: sending.name, share: percent.format(sending.share) })}
        </div>
      )}
      {failure === undefined ? null : (
        <p role="alert" className={form.error}>
          {failure}
        </p>
      )}
    </section>
  );
}

function Earlier() {
  const { say, language } = useWords();
  const imports = useQuery({
    queryKey: ['client-imports'],
    queryFn: () => call('GET /api/v1/client-imports'),
    refetchInterval: REFETCH_MS,
    staleTime: 0,
  });
  return (
    <WhenLoaded queries={{ imports }}>
      {(data) =>
        data.imports.items.length === 0 ? (
          <p className={list.empty}>{say('import.none')}</p>
        ) : (
          <table className={list.table}>
            <caption className={classes.caption}>{say('import.earlier')}</caption>
            <thead>
              <tr>
                <th scope="col">{say('import.file')}</th>
                <th scope="col">{say('import.state')}</th>
                <th scope="col">{say('import.when')}</th>
                <th scope="col">{say('import.who')}</th>
                <th scope="col">{say('import.result')}</th>
              </tr>
            </thead>
            <tbody>
              {data.imports.items.map((one: ClientImport) => (
                <tr key={one.id}>
                  <th scope="row">
                    <Link href={adminPath('import', one.id)}>{one.fileName}</Link>
                  </th>
                  <td>{say(`import.state.${one.state}`)}</td>
                  <td>{dayAndTime(one.createdAt, Date.now(), language)}</td>
                  <td>{one.createdBy.name}</td>
                  <td>{one.startedAt === null ? '' : countsText(one.result, say)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )
      }
    </WhenLoaded>
  );
}
