import { Button, TextInput } from '@mantine/core';
import { Phone } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { useLocation } from 'wouter';
import { useDeskTools } from '../desk-context.ts';
import { useLanguage } from '../i18n/use-language.ts';
import { callPath } from '../routes.ts';
import classes from './contact-strip.module.css';
import { isDialable } from './names.ts';

/** A number typed or pasted as people write it. */
export function DialBox() {
  const { commands } = useDeskTools();
  const { t } = useLanguage();
  const [, navigate] = useLocation();
  const [number, setNumber] = useState('');
  const [busy, setBusy] = useState(false);

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    if (!isDialable(number) || busy) return;
    setBusy(true);
    const made = await commands.dial(number.trim());
    setBusy(false);
    if (made === undefined) return;
    setNumber('');
    navigate(callPath(made.id));
  }

  return (
    <form className={classes.dial} onSubmit={submit}>
      <TextInput
        type="tel"
        size="sm"
        w={150}
        aria-label={t('strip.dial')}
        placeholder={t('strip.dialPlaceholder')}
        value={number}
        maxLength={64}
        autoComplete="off"
        onChange={(event) => setNumber(event.currentTarget.value)}
        data-testid="dial"
      />
      <Button
        type="submit"
        size="sm"
        loading={busy}
        disabled={!isDialable(number)}
        leftSection={<Phone size={15} aria-hidden="true" />}
        data-testid="call-button"
      >
        {t('strip.call')}
      </Button>
    </form>
  );
}
