import { Download } from 'lucide-react';
import type { AttachmentView } from '../../../server/contract/messages-schemas.ts';
import { fileSize } from '../../i18n/format.ts';
import { useLanguage } from '../../i18n/use-language.ts';
import { attachmentUrl } from '../../net/api.ts';
import classes from './timeline-messages.module.css';

/** Only these are served as pictures; anything else is a download. */
const pictures = ['image/png', 'image/jpeg', 'image/gif', 'image/webp'];

/** What came with a message: pictures are shown small, everything is downloaded with a click. */
export function MessageFiles({ attachments }: { readonly attachments: readonly AttachmentView[] }) {
  const { t, language } = useLanguage();
  const files = attachments.filter(({ isInline }) => !isInline);
  if (files.length === 0) return null;
  return (
    <ul className={classes.files} aria-label={t('write.attachments')}>
      {files.map(({ id, name, type, bytes }) => (
        <li key={id} data-testid="message-file">
          <a href={attachmentUrl(id)} target="_blank" rel="noreferrer" title={name}>
            {pictures.includes(type) ? (
              <img src={attachmentUrl(id)} alt="" loading="lazy" />
            ) : (
              <Download size={14} aria-hidden="true" />
            )}
            <span>{name}</span>
          </a>
          <small>{fileSize(bytes, language)}</small>
        </li>
      ))}
    </ul>
  );
}
