import { Button } from '@mantine/core';
import { Plus } from 'lucide-react';
import { Link, useLocation } from 'wouter';
import type { SetupLine, SetupQueue, SetupTrunk } from '../../../server/contract/setup-schemas.ts';
import { useSetup } from '../data/queries.ts';
import { useRights } from '../data/use-rights.ts';
import list from '../parts/list.module.css';
import { Mark } from '../parts/mark.tsx';
import { regionName } from '../parts/places.ts';
import { WhenLoaded } from '../parts/when-loaded.tsx';
import { adminPath, idOf, type ScreenProps } from '../place.ts';
import { useWords } from '../words/use-words.ts';
import { LinePanel } from './line-panel.tsx';
import { TrunkPanel } from './trunk-panel.tsx';

/** Where calls come in: numbers of the company, and the carriers that they are at. */
export function LinesScreen({ item }: ScreenProps) {
  const lines = useSetup('GET /api/v1/setup/lines');
  const trunks = useSetup('GET /api/v1/setup/trunks');
  const queues = useSetup('GET /api/v1/setup/queues');
  return (
    <WhenLoaded queries={{ lines, trunks, queues }}>
      {(data) => <Lines item={item} lines={data.lines.items} trunks={data.trunks.items} queues={data.queues.items} />}
    </WhenLoaded>
  );
}

interface LinesProps {
  readonly item: string | undefined;
  readonly lines: readonly SetupLine[];
  readonly trunks: readonly SetupTrunk[];
  readonly queues: readonly SetupQueue[];
}

function Lines({ item, lines, trunks, queues }: LinesProps) {
  const { say } = useWords();
  const lineId = idOf(item);
  const trunkId = idOf(item, 'trunk-');
  const line = lines.find(({ id }) => id === lineId);
  const trunk = trunks.find(({ id }) => id === trunkId);
  const missing = trunks.length === 0 ? say('lines.noTrunks') : queues.length === 0 ? say('lines.noQueue') : undefined;
  return (
    <div className={list.screen}>
      <div className={list.main}>
        <header className={list.head}>
          <h1>{say('screen.lines')}</h1>
        </header>
        <p className={list.text}>{say('lines.text')}</p>
        <Head title={say('lines.lines')} add={say('lines.addLine')} item="new" disabled={missing !== undefined} />
        {lines.length === 0 ? <p className={list.empty}>{missing ?? say('lines.noLines')}</p> : null}
        {lines.length === 0 ? null : <LineTable lines={lines} trunks={trunks} queues={queues} openId={lineId} />}
        <Head title={say('lines.trunks')} add={say('lines.addTrunk')} item="trunk-new" disabled={false} />
        {trunks.length === 0 ? (
          <p className={list.empty}>{say('lines.trunksNone')}</p>
        ) : (
          <TrunkTable trunks={trunks} lines={lines} openId={trunkId} />
        )}
      </div>
      {line !== undefined || (lineId === 'new' && missing === undefined) ? (
        <LinePanel key={`line-${lineId}`} line={line} trunks={trunks} queues={queues} />
      ) : null}
      {trunk !== undefined || trunkId === 'new' ? <TrunkPanel key={`trunk-${trunkId}`} trunk={trunk} /> : null}
    </div>
  );
}

interface HeadProps {
  readonly title: string;
  readonly add: string;
  readonly item: string;
  readonly disabled: boolean;
}

function Head({ title, add, item, disabled }: HeadProps) {
  const { isAdmin } = useRights();
  const [, navigate] = useLocation();
  return (
    <div className={list.head}>
      <h2>{title}</h2>
      {isAdmin ? (
        <Button
          size="xs"
          variant="default"
          disabled={disabled}
          leftSection={<Plus size={15} aria-hidden="true" />}
          onClick={() => navigate(adminPath('lines', item))}
          data-testid={`add-${item}`}
        >
          {add}
        </Button>
      ) : null}
    </div>
  );
}

function LineTable({ lines, trunks, queues, openId }: Omit<LinesProps, 'item'> & { readonly openId: unknown }) {
  const { say, language } = useWords();
  const nameIn = (things: readonly { id: number; name: string }[], id: number): string =>
    things.find((thing) => thing.id === id)?.name ?? '';
  return (
    <table className={list.table}>
      <thead>
        <tr>
          <th scope="col">{say('line.number')}</th>
          <th scope="col">{say('line.name')}</th>
          <th scope="col">{say('line.queue')}</th>
          <th scope="col" className={list.minor}>
            {say('line.trunk')}
          </th>
          <th scope="col" className={list.minor}>
            {say('field.region')}
          </th>
        </tr>
      </thead>
      <tbody>
        {lines.map((line) => (
          <tr key={line.id} data-open={line.id === openId}>
            <th scope="row" className="num">
              <Link href={adminPath('lines', line.id)}>{line.display || line.number}</Link>
            </th>
            <td>{line.name}</td>
            <td>{nameIn(queues, line.queueId)}</td>
            <td className={list.minor}>{nameIn(trunks, line.trunkId)}</td>
            <td className={list.minor}>{regionName(line.region, language)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

interface TrunkTableProps {
  readonly trunks: readonly SetupTrunk[];
  readonly lines: readonly SetupLine[];
  readonly openId: unknown;
}

function TrunkTable({ trunks, lines, openId }: TrunkTableProps) {
  const { say } = useWords();
  return (
    <table className={list.table}>
      <thead>
        <tr>
          <th scope="col">{say('trunk.name')}</th>
          <th scope="col">{say('trunk.host')}</th>
          <th scope="col">{say('trunk.incoming')}</th>
          <th scope="col">{say('lines.lines')}</th>
        </tr>
      </thead>
      <tbody>
        {trunks.map((trunk) => (
          <tr key={trunk.id} data-open={trunk.id === openId}>
            <th scope="row">
              <Link href={adminPath('lines', `trunk-${trunk.id}`)}>{trunk.name}</Link>
            </th>
            <td>
              {trunk.host}:{trunk.port} {trunk.transport.toUpperCase()}
            </td>
            <td>
              {trunk.addresses.length > 0 ? (
                <Mark tone="good">{say('trunk.ready')}</Mark>
              ) : (
                <Mark tone="bad">{say('trunk.notReady')}</Mark>
              )}
            </td>
            <td>{say('trunk.lines', { count: lines.filter(({ trunkId }) => trunkId === trunk.id).length })}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
