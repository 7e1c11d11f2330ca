import { countSms } from '../../../server/contract/sms-text.ts';
import { useLanguage } from '../../i18n/use-language.ts';
import classes from './messages.module.css';

/** What the text costs: segments, room in the last one, and the alphabet that it needs. */
export function SmsCounter({ text }: { readonly text: string }) {
  const { t } = useLanguage();
  const { alphabet, segments, leftInSegment } = countSms(text);
  return (
    <span className={classes.counter} data-many={segments > 3} data-testid="sms-counter" data-segments={segments}>
      {[
        t('sms.segments', { count: segments }),
        t('sms.left', { count: leftInSegment }),
        alphabet === 'gsm' ? 'GSM-7' : 'UCS-2',
      ].join(' · ')}
    </span>
  );
}
