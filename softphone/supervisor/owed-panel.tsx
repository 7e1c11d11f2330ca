import { useRef } from 'react';
import type { AgentListItem } from '../../server/contract/schemas.ts';
import type { OwedPage, OwedRow } from '../../server/contract/tasks-schemas.ts';
import { useLanguage } from '../i18n/use-language.ts';
import { useStableOrder } from '../workspace/use-stable-order.ts';
import { OwedLine } from './owed-line.tsx';
import classes from './owed-panel.module.css';
import panels from './panel.module.css';
import { useRows } from './use-rows.ts';

interface OwedPanelProps {
  readonly owed: OwedPage | undefined;
  /** Whom a client may be given to. */
  readonly agents: readonly AgentListItem[];
}

const noRows: readonly OwedRow[] = [];

/** Everybody to whom we owe an answer, the least time left first. */
export function OwedPanel({ owed, agents }: OwedPanelProps) {
  const { t } = useLanguage();
  const panel = useRef<HTMLElement>(null);
  const shown = useStableOrder(owed?.items ?? noRows, panel);
  const rows = useRows(shown.map(({ id }) => String(id)));
  const open = owed?.open ?? 0;
  return (
    <section ref={panel} className={panels.panel} data-block="4" aria-labelledby="block-owed">
      <header className={classes.head}>
        <h2 id="block-owed">{t('supervisor.owed')}</h2>
        {open === 0 ? null : (
          <span className="num" data-testid="owed-summary">
            {t('supervisor.owed.summary', { open, overdue: owed?.overdue ?? 0 })}
          </span>
        )}
      </header>
      {shown.length === 0 ? <p className={panels.empty}>{t('supervisor.owed.none')}</p> : null}
      <ul {...rows.container} className={classes.list}>
        {shown.map((row) => (
          <OwedLine
            key={row.id}
            row={row}
            agents={agents}
            current={rows.current === String(row.id)}
            opened={rows.opened.has(String(row.id))}
            onToggle={rows.toggle}
          />
        ))}
      </ul>
      {open > shown.length ? (
        <p className={panels.empty}>{t('supervisor.owed.shown', { shown: shown.length, open })}</p>
      ) : null}
    </section>
  );
}
