import { useId } from 'react';
import { useLanguage } from '../../i18n/use-language.ts';
import { SIGNATURE_LENGTH } from '../../state/own-settings.ts';
import { changeSettings, useSettings } from '../../state/settings.ts';
import classes from './consent.module.css';

/** What stands under one's mails; saved while it is typed. */
export function SignatureField() {
  const { t } = useLanguage();
  const id = useId();
  const signature = useSettings((settings) => settings.signature);
  return (
    <div className={classes.signature}>
      <label htmlFor={id}>{t('menu.signature')}</label>
      <textarea
        id={id}
        rows={3}
        maxLength={SIGNATURE_LENGTH}
        value={signature}
        onChange={(event) => changeSettings({ signature: event.currentTarget.value })}
        data-testid="signature"
      />
    </div>
  );
}
