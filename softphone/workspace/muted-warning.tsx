import { useEffect, useState } from 'react';
import { useDeskTools } from '../desk-context.ts';
import { useLanguage } from '../i18n/use-language.ts';
import classes from './contact-strip.module.css';

const SAMPLE_MS = 200;
/** Louder than breath and keys, for most of a second. */
const SPEECH_LEVEL = 0.25;
const SPEECH_SAMPLES = 3;

/** "You are muted and talking": shown as soon as the microphone hears speech that nobody else does. */
export function MutedWarning({ active }: { readonly active: boolean }) {
  const { desk } = useDeskTools();
  const { t } = useLanguage();
  const [talking, setTalking] = useState(false);
  useEffect(() => {
    setTalking(false);
    if (!active) return undefined;
    let loud = 0;
    const timer = setInterval(() => {
      loud = desk.phone.micLevel() > SPEECH_LEVEL ? loud + 1 : 0;
      if (loud >= SPEECH_SAMPLES) setTalking(true);
    }, SAMPLE_MS);
    return () => clearInterval(timer);
  }, [active, desk]);
  if (!active) return null;
  return (
    <span className={classes.mutedWarning} data-testid="muted-warning">
      {talking ? t('strip.mutedTalking') : t('strip.muted')}
    </span>
  );
}
