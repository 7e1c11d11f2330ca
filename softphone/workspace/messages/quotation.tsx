import { dayAndTime } from '../../i18n/format.ts';
import { useLanguage } from '../../i18n/use-language.ts';
import { useSettings } from '../../state/settings.ts';
import classes from './messages.module.css';
import { useMessage } from './queries.ts';

/** What follows the text of a mail: the signature, and the mail that is answered, folded. */
export function Quotation({ answersId }: { readonly answersId: string | undefined }) {
  const { t, language } = useLanguage();
  const signature = useSettings((settings) => settings.signature);
  const { data: original } = useMessage(answersId);
  if (signature === '' && original === undefined) return null;
  const words = original?.parts.map(({ text }) => text).join('\n') ?? '';
  return (
    <div className={classes.after}>
      {signature === '' ? null : (
        <p className={classes.signature} title={t('write.signature')} data-testid="message-signature">
          {signature}
        </p>
      )}
      {original === undefined ? null : (
        <details data-testid="message-quotation">
          <summary>
            {t('write.quoted', {
              name: original.from.name || original.from.address,
              time: dayAndTime(original.at, Date.now(), language),
            })}
          </summary>
          <blockquote>{words}</blockquote>
        </details>
      )}
    </div>
  );
}
