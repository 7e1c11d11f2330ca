import { Button } from '@mantine/core';
import { Paperclip } from 'lucide-react';
import { type ReactNode, useRef } from 'react';
import type { MessageChannelName } from '../../../server/contract/messages-words.ts';
import { messagePurposes } from '../../../server/contract/messages-words.ts';
import { useLanguage } from '../../i18n/use-language.ts';
import type { Composition, DraftState } from '../../state/composition.ts';
import { forgetDraft } from '../../state/message-drafts.ts';
import classes from './messages.module.css';

interface FormFootProps {
  readonly clientId: number;
  readonly channel: MessageChannelName;
  readonly purpose: Composition['purpose'];
  readonly canSend: boolean;
  readonly busy: boolean;
  /** There are warnings, and the next press sends all the same. */
  readonly sure: boolean;
  /** Where the gate's answer stands. */
  readonly gateId: string;
  readonly draft: DraftState | undefined;
  readonly onEdit: (change: Partial<Composition>) => void;
  readonly onSend: () => void;
  readonly onFiles: (files: readonly File[]) => void;
  readonly onTemplates: () => void;
  readonly children: ReactNode;
}

/** The row under the text: send, files, templates, what it is for, and what it costs. */
export function FormFoot(props: FormFootProps) {
  const { t } = useLanguage();
  const files = useRef<HTMLInputElement>(null);
  const { clientId, channel, purpose, draft, onEdit } = props;
  return (
    <div className={classes.foot}>
      <Button
        size="compact-sm"
        disabled={!props.canSend}
        loading={props.busy}
        aria-describedby={props.gateId}
        onClick={props.onSend}
        title="Ctrl Enter"
        data-testid="message-send"
      >
        {props.sure ? t('write.sendAnyway') : t('write.send')}
      </Button>
      <button
        type="button"
        className={classes.tool}
        title={t('write.attach')}
        aria-label={t('write.attach')}
        onClick={() => files.current?.click()}
      >
        <Paperclip size={15} aria-hidden="true" />
      </button>
      <input
        ref={files}
        type="file"
        multiple
        hidden
        onChange={(event) => {
          props.onFiles([...(event.currentTarget.files ?? [])]);
          event.currentTarget.value = '';
        }}
        data-testid="message-files"
      />
      <button
        type="button"
        className={classes.tool}
        title={t('write.templates')}
        aria-label={t('write.templates')}
        onClick={props.onTemplates}
        data-testid="message-templates"
      >
        ::
      </button>
      <select
        className={classes.purpose}
        aria-label={t('write.purpose')}
        title={t('write.purpose')}
        value={purpose}
        onChange={(event) => {
          const chosen = messagePurposes.find((each) => each === event.currentTarget.value);
          if (chosen !== undefined) onEdit({ purpose: chosen });
        }}
        data-testid="message-purpose"
      >
        {messagePurposes.map((each) => (
          <option key={each} value={each}>
            {t(`purpose.${each}`)}
          </option>
        ))}
      </select>
      {props.children}
      <span className={classes.draft}>
        <span data-testid="draft-state" data-state={draft}>
          {draft === undefined ? '' : t(`write.draft.${draft}`)}
        </span>
        {draft === undefined ? null : (
          <button
            type="button"
            className={classes.link}
            onClick={() => forgetDraft(clientId, channel)}
            data-testid="message-discard"
          >
            {t('write.discard')}
          </button>
        )}
      </span>
    </div>
  );
}
