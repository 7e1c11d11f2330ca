import { FileText, Image, X } from 'lucide-react';
import type { AttachmentView } from '../../../server/contract/messages-schemas.ts';
import { fileSize } from '../../i18n/format.ts';
import { useLanguage } from '../../i18n/use-language.ts';
import { attachmentUrl } from '../../net/api.ts';
import type { ComposerTab, Composition } from '../../state/composition.ts';
import { dropUpload, useUploads } from '../../state/uploads.ts';
import classes from './messages.module.css';

interface AttachmentLinesProps {
  readonly clientId: number;
  readonly tab: ComposerTab;
  readonly attachments: readonly AttachmentView[];
  readonly onEdit: (change: Partial<Composition>) => void;
}

/** What hangs on the message that is being written, and what is on its way to it. */
export function AttachmentLines({ clientId, tab, attachments, onEdit }: AttachmentLinesProps) {
  const { t, language } = useLanguage();
  const all = useUploads((store) => store.uploads);
  const uploads = all.filter((each) => each.clientId === clientId && each.tab === tab);
  if (attachments.length === 0 && uploads.length === 0) return null;
  return (
    <ul className={classes.attachments} aria-label={t('write.attachments')}>
      {attachments.map(({ id, name, type, bytes }) => (
        <li key={id} data-testid="attached">
          {type.startsWith('image/') ? (
            <Image size={14} aria-hidden="true" />
          ) : (
            <FileText size={14} aria-hidden="true" />
          )}
          <a href={attachmentUrl(id)} target="_blank" rel="noreferrer">
            {name}
          </a>
          <small>{fileSize(bytes, language)}</small>
          <RemoveButton
            label={t('write.remove', { name })}
            onRemove={() => onEdit({ attachments: attachments.filter((each) => each.id !== id) })}
          />
        </li>
      ))}
      {uploads.map(({ key, name, bytes, share, failure }) => (
        <li key={key} data-failed={failure !== null} data-testid="uploading">
          <span>{name}</span>
          {failure === null ? (
            <>
              <progress value={share} aria-label={t('write.uploading', { name })} />
              <small>{fileSize(bytes, language)}</small>
            </>
          ) : (
            <>
              <small role="alert">{failure === 'too_large' ? t('write.tooLarge') : t(`failure.${failure}`)}</small>
              <RemoveButton label={t('write.remove', { name })} onRemove={() => dropUpload(key)} />
            </>
          )}
        </li>
      ))}
    </ul>
  );
}

function RemoveButton({ label, onRemove }: { readonly label: string; readonly onRemove: () => void }) {
  return (
    <button type="button" aria-label={label} title={label} onClick={onRemove}>
      <X size={13} aria-hidden="true" />
    </button>
  );
}
