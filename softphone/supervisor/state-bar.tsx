import { useLanguage } from '../i18n/use-language.ts';
import { type AgentState, agentStates, type StateCounts } from './agent-states.ts';
import classes from './bars.module.css';

const shown = agentStates.filter((state) => state !== 'off');
/** Who helps now comes first. */
const order: readonly AgentState[] = shown.toReversed();

/** How the shift is divided, as a drawing; the figures beside it say it in numbers. */
export function StateBar({ staff }: { readonly staff: StateCounts }) {
  const { t } = useLanguage();
  return (
    <span className={classes.bar} aria-hidden="true">
      {order.map((state) =>
        staff[state] === 0 ? null : (
          <i
            key={state}
            data-part={state}
            style={{ flexGrow: staff[state] }}
            title={`${t(`agentState.${state}`)}: ${staff[state]}`}
          />
        ),
      )}
    </span>
  );
}
