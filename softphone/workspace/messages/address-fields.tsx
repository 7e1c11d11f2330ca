import { X } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import type { AddressRef, ConversationView, MailAddress } from '../../../server/contract/messages-schemas.ts';
import type { MessageChannelName } from '../../../server/contract/messages-words.ts';
import { phoneNumber } from '../../i18n/format.ts';
import { useLanguage } from '../../i18n/use-language.ts';
import type { Composition } from '../../state/composition.ts';
import { AddressChips } from './address-chips.tsx';
import classes from './messages.module.css';
import { useAddresses } from './queries.ts';

interface AddressFieldsProps {
  readonly channel: MessageChannelName;
  /** As it will be sent. */
  readonly message: Composition;
  /** Addresses on the card. */
  readonly points: readonly string[];
  readonly conversation: ConversationView | undefined;
  /** Ours that it goes out from when nobody chooses. */
  readonly from: AddressRef | null;
  readonly onEdit: (change: Partial<Composition>) => void;
}

/** From which address of ours, to whom, and what it answers. */
export function AddressFields(props: AddressFieldsProps) {
  const { t } = useLanguage();
  const { channel, message, points, onEdit } = props;
  const [withCopy, setWithCopy] = useState(false);
  if (channel === 'chat') return null;
  if (channel === 'sms') {
    return (
      <div className={classes.addresses}>
        <Labelled label={t('write.to')}>
          <NumberChoice points={points} message={message} conversation={props.conversation} onEdit={onEdit} />
        </Labelled>
        <FromChoice {...props} />
      </div>
    );
  }
  const copies = withCopy || message.cc.length > 0;
  return (
    <>
      <div className={classes.addresses}>
        <ModeMark message={message} onEdit={onEdit} />
        <AddressChips
          label={t('write.to')}
          list={message.to}
          suggestions={points}
          testId="message-to"
          onChange={(to) => onEdit({ to })}
        />
        {copies ? null : (
          <button type="button" className={classes.link} onClick={() => setWithCopy(true)} data-testid="add-copy">
            {t('write.addCopy')}
          </button>
        )}
        <FromChoice {...props} />
      </div>
      {copies ? (
        <AddressChips
          label={t('write.copy')}
          list={message.cc}
          suggestions={points}
          testId="message-cc"
          onChange={(cc) => onEdit({ cc })}
        />
      ) : null}
    </>
  );
}

function Labelled({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: the control is the child
    <label className={classes.labelled}>
      <span>{label}</span>
      {children}
    </label>
  );
}

interface NumberChoiceProps {
  readonly points: readonly string[];
  readonly message: Composition;
  readonly conversation: ConversationView | undefined;
  readonly onEdit: (change: { to: MailAddress[]; conversationId?: undefined }) => void;
}

function NumberChoice({ points, message, conversation, onEdit }: NumberChoiceProps) {
  const { t } = useLanguage();
  const chosen = message.to[0]?.address ?? '';
  const all = new Set([...(conversation === undefined ? [] : [conversation.peer]), ...points, chosen]);
  const numbers = [...all].filter((number) => number !== '');
  if (numbers.length === 0) return <span className={classes.none}>{t('write.noNumber')}</span>;
  return (
    <select
      value={chosen}
      onChange={(event) => {
        onEdit({ to: [{ address: event.currentTarget.value, name: '' }], conversationId: undefined });
      }}
      data-testid="message-number"
    >
      {numbers.map((number) => (
        <option key={number} value={number}>
          {phoneNumber(number)}
        </option>
      ))}
    </select>
  );
}

/** Our address; one that is down says so. */
function FromChoice({ channel, message, from, onEdit }: AddressFieldsProps) {
  const { t } = useLanguage();
  const addresses = useAddresses().filter((address) => address.channel === channel);
  if (addresses.length === 0) return null;
  const chosen = message.addressId ?? from?.id ?? addresses.find(({ isDefault }) => isDefault)?.id ?? addresses[0]?.id;
  return (
    <Labelled label={t('write.from')}>
      <select
        value={chosen}
        onChange={(event) => onEdit({ addressId: Number(event.currentTarget.value) })}
        data-testid="message-from"
      >
        {addresses.map(({ id, value, name, up }) => (
          <option key={id} value={id}>
            {[
              name === '' || name === value ? phoneNumber(value) : `${name} · ${phoneNumber(value)}`,
              up ? '' : t('write.down'),
            ]
              .filter((part) => part !== '')
              .join(' · ')}
          </option>
        ))}
      </select>
    </Labelled>
  );
}

/** That this is a reply or a forward, and the way out of it. */
function ModeMark({ message, onEdit }: Pick<AddressFieldsProps, 'message' | 'onEdit'>) {
  const { t } = useLanguage();
  if (message.mode === 'new') return null;
  return (
    <span className={classes.mode} data-testid="message-mode" data-mode={message.mode}>
      {t(`write.mode.${message.mode}`)}
      <button
        type="button"
        className={classes.link}
        aria-label={t('write.mode.leave')}
        title={t('write.mode.leave')}
        onClick={() => onEdit({ mode: 'new', answersId: undefined, conversationId: undefined })}
      >
        <X size={13} aria-hidden="true" />
      </button>
    </span>
  );
}
