import { Button, Menu } from '@mantine/core';
import { ChevronDown } from 'lucide-react';
import type { InteractionView } from '../../server/contract/schemas.ts';
import { useDeskTools } from '../desk-context.ts';
import { duration } from '../i18n/format.ts';
import { useLanguage } from '../i18n/use-language.ts';
import { useWorkspaceStore } from '../state/stores.ts';
import classes from './contact-strip.module.css';
import { NextStep } from './planned.tsx';
import { keepFocus } from './strip-button.tsx';
import { useNow } from './use-now.ts';
import { useReasons } from './use-reasons.ts';
import { dispositionName } from './wording.ts';

interface WrapUpProps {
  readonly interaction: InteractionView;
}

/** After the call, in the strip's place: how it ended, the time left, and out. The note is in the composer, already typed. */
export function WrapUp({ interaction }: WrapUpProps) {
  const { t, language } = useLanguage();
  const { commands } = useDeskTools();
  const dispositions = useWorkspaceStore((store) => store.state?.dispositions);
  return (
    <div className={classes.wrapUp}>
      <div className={classes.wrapUpChoices}>
        <fieldset className={classes.dispositions} aria-label={t('strip.dispositions')}>
          {(dispositions ?? []).map((disposition) => (
            <button
              key={disposition.id}
              type="button"
              className={classes.disposition}
              aria-pressed={interaction.dispositionId === disposition.id}
              aria-keyshortcuts={String(disposition.hotkey)}
              onMouseDown={keepFocus}
              onClick={() => commands.dispose(interaction, disposition.id)}
              data-testid={`disposition-${disposition.hotkey}`}
            >
              <span className={classes.number} aria-hidden="true">
                {disposition.hotkey}
              </span>
              {dispositionName(disposition, language)}
            </button>
          ))}
        </fieldset>
        <NextStep interaction={interaction} />
      </div>
      <div className={classes.finish}>
        <Button size="xs" h={30} onClick={() => commands.finish(interaction)} data-testid="finish">
          {t('strip.finish')}
        </Button>
        <FinishAndPause onPause={(reason) => commands.finish(interaction, reason)} />
      </div>
    </div>
  );
}

function FinishAndPause({ onPause }: { readonly onPause: (reason: string) => void }) {
  const { t } = useLanguage();
  const { choices } = useReasons();
  return (
    <Menu position="bottom-end" shadow="md" withinPortal withInitialFocusPlaceholder={false}>
      <Menu.Target>
        <Button
          size="xs"
          h={26}
          px={10}
          variant="default"
          rightSection={<ChevronDown size={14} aria-hidden="true" />}
          data-testid="finish-pause"
        >
          {t('strip.finishPause')}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {choices.map(({ code, name }) => (
          <Menu.Item key={code} onClick={() => onPause(code)}>
            {name}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

/** How long the wrap-up may still take; at its end it finishes by itself. */
export function TimeLeft({ interaction }: WrapUpProps) {
  const { t } = useLanguage();
  const now = useNow();
  if (interaction.wrapUpUntil === null) return null;
  const until = Date.parse(interaction.wrapUpUntil);
  const whole = until - Date.parse(interaction.stateSince);
  const left = Math.max(0, until - now);
  return (
    <div className={classes.timeLeft} title={t('strip.left', { time: duration(left) })}>
      <span className={classes.timeBar} aria-hidden="true">
        <i style={{ width: `${whole > 0 ? (left / whole) * 100 : 0}%` }} />
      </span>
      <span className="num">{duration(left)}</span>
    </div>
  );
}
