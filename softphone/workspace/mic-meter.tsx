import { useEffect, useRef } from 'react';
import { useDeskTools } from '../desk-context.ts';
import { useLanguage } from '../i18n/use-language.ts';
import { usePhoneStore } from '../state/stores.ts';
import classes from './bar.module.css';

const METER_MS = 80;

/**
 * How loud the microphone is. Moves without React: ten times a second is too often for a redraw of the bar. A remote tab
 * has no microphone to show.
 */
export function MicMeter({ width = 44 }: { readonly width?: number }) {
  const { desk } = useDeskTools();
  const { t } = useLanguage();
  const remote = usePhoneStore((phone) => phone.tab === 'remote');
  const fill = useRef<HTMLElement>(null);
  useEffect(() => {
    const timer = setInterval(() => {
      if (fill.current !== null) fill.current.style.transform = `scaleX(${desk.phone.micLevel()})`;
    }, METER_MS);
    return () => clearInterval(timer);
  }, [desk]);
  if (remote) return null;
  return (
    <span className={classes.meter} style={{ width }} title={t('mic.level')} aria-hidden="true">
      <i ref={fill} />
    </span>
  );
}
