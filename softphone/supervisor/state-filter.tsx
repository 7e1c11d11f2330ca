import { useLanguage } from '../i18n/use-language.ts';
import classes from './agent-grid.module.css';
import { type AgentState, agentStates, type StateCounts } from './agent-states.ts';

interface StateFilterProps {
  readonly counts: StateCounts;
  /** null = all of them. */
  readonly only: AgentState | null;
  readonly onChange: (only: AgentState | null) => void;
}

/** How many are in each state; pressed, only those are listed. A state that nobody is in is not offered. */
export function StateFilter({ counts, only, onChange }: StateFilterProps) {
  const { t } = useLanguage();
  return (
    <fieldset className={classes.filter}>
      <legend>{t('supervisor.filter')}</legend>
      {agentStates
        .filter((state) => counts[state] > 0 || state === only)
        .map((state) => (
          <button
            key={state}
            type="button"
            aria-pressed={state === only}
            onClick={() => onChange(state === only ? null : state)}
            data-testid={`filter-${state}`}
          >
            {t(`agentState.${state}`)} <b className="num">{counts[state]}</b>
          </button>
        ))}
    </fieldset>
  );
}
