import { Ban, Clock, TriangleAlert } from 'lucide-react';
import type { GateAnswer, GateLine } from '../../../server/contract/messages-schemas.ts';
import { useLanguage } from '../../i18n/use-language.ts';
import { gateText } from './gate-words.ts';
import classes from './messages.module.css';

const icons = { blocks: Ban, delays: Clock, warns: TriangleAlert } as const satisfies Record<
  GateLine['effect'],
  unknown
>;

interface GateLinesProps {
  readonly id: string;
  readonly answer: GateAnswer | undefined;
  /** Send was pressed, and there are warnings: the next press sends. */
  readonly asking: boolean;
}

/** What stands against sending, in words under the button. */
export function GateLines({ id, answer, asking }: GateLinesProps) {
  const { t, language } = useLanguage();
  const lines = answer?.lines ?? [];
  return (
    <div id={id} className={classes.gate} data-testid="gate">
      {lines.map((line) => {
        const Icon = icons[line.effect];
        return (
          <p key={line.reason} data-effect={line.effect} data-testid={`gate-${line.reason}`}>
            <Icon size={14} aria-hidden="true" />
            <span>
              <b>{t(`gate.effect.${line.effect}`)}</b> {gateText(line, { t, language, now: Date.now() })}
            </span>
          </p>
        );
      })}
      {asking ? (
        <p role="status" data-effect="warns" data-testid="gate-sure">
          {t('gate.pressAgain')}
        </p>
      ) : null}
    </div>
  );
}
