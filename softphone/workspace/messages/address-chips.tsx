import { X } from 'lucide-react';
import { type ClipboardEvent, type KeyboardEvent, useId, useRef, useState } from 'react';
import type { MailAddress } from '../../../server/contract/messages-schemas.ts';
import { useLanguage } from '../../i18n/use-language.ts';
import { parseAddresses, withAddresses } from '../../state/composition.ts';
import classes from './messages.module.css';

interface AddressChipsProps {
  readonly label: string;
  readonly list: readonly MailAddress[];
  /** Addresses of the client that are offered. */
  readonly suggestions: readonly string[];
  readonly testId: string;
  readonly onChange: (list: MailAddress[]) => void;
}

/** Recipients as chips. Enter, a comma or leaving the field makes one; Backspace in the empty field takes the last away. */
export function AddressChips({ label, list, suggestions, testId, onChange }: AddressChipsProps) {
  const { t } = useLanguage();
  const listId = useId();
  const field = useRef<HTMLInputElement>(null);
  const [text, setText] = useState('');
  const [wrong, setWrong] = useState(false);

  function take(typed: string): void {
    const { addresses, rest } = parseAddresses(typed);
    if (addresses.length > 0) onChange(withAddresses(list, addresses));
    setText(rest);
    setWrong(rest !== '');
  }
  function onKeyDown(event: KeyboardEvent<HTMLInputElement>): void {
    if (event.key === 'Escape') event.currentTarget.blur();
    if (event.key === 'Backspace' && text === '' && list.length > 0) onChange(list.slice(0, -1));
    if ((event.key !== 'Enter' && event.key !== ',' && event.key !== ';') || event.ctrlKey || text.trim() === '')
      return;
    event.preventDefault();
    take(text);
  }
  function onPaste(event: ClipboardEvent<HTMLInputElement>): void {
    const pasted = event.clipboardData.getData('text');
    if (!pasted.includes('@')) return;
    event.preventDefault();
    take(`${text}${pasted}`);
  }
  const offered = suggestions.filter((each) => !list.some(({ address }) => address === each));
  return (
    <div className={classes.chips} data-testid={testId}>
      <span id={`${listId}-label`}>{label}</span>
      <ul aria-labelledby={`${listId}-label`}>
        {list.map(({ address, name }) => (
          <li key={address} title={address}>
            <span>{name || address}</span>
            <button
              type="button"
              aria-label={t('write.remove', { name: address })}
              onClick={() => {
                onChange(list.filter((each) => each.address !== address));
                field.current?.focus();
              }}
            >
              <X size={12} aria-hidden="true" />
            </button>
          </li>
        ))}
      </ul>
      <input
        ref={field}
        value={text}
        list={listId}
        type="text"
        inputMode="email"
        autoComplete="off"
        spellCheck={false}
        aria-label={label}
        aria-invalid={wrong}
        title={wrong ? t('failure.invalid_email') : undefined}
        onChange={(event) => {
          setWrong(false);
          setText(event.currentTarget.value);
        }}
        onBlur={() => take(text)}
        onKeyDown={onKeyDown}
        onPaste={onPaste}
        data-testid={`${testId}-field`}
      />
      <datalist id={listId}>
        {offered.map((each) => (
          <option key={each} value={each} />
        ))}
      </datalist>
    </div>
  );
}
