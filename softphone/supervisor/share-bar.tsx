import type { DayFigures } from '../../server/contract/board.ts';
import { useLanguage } from '../i18n/use-language.ts';
import classes from './bars.module.css';
import { netAbandoned } from './figures.ts';

/** What became of the calls of a queue, as a drawing; its title and the columns beside it say it in numbers. */
export function ShareBar({ figures }: { readonly figures: DayFigures }) {
  const { t } = useLanguage();
  const { answered, shortAbandoned: short, flowedOut: left, open } = figures;
  const abandoned = netAbandoned(figures);
  const parts = { answered, left, open, short, abandoned };
  return (
    <span
      className={classes.bar}
      role="img"
      aria-label={t('supervisor.share.of', parts)}
      title={t('supervisor.share.of', parts)}
    >
      {Object.entries(parts).map(([part, count]) =>
        count === 0 ? null : <i key={part} data-part={part} style={{ flexGrow: count }} />,
      )}
    </span>
  );
}
