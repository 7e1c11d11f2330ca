import { TextInput } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import type { ClientCard } from '../../server/contract/schemas.ts';
import { useLanguage } from '../i18n/use-language.ts';
import { type CallerFields, type CardEdit, unknownCallerEdit } from '../state/card-change.ts';
import classes from './pop.module.css';
import { useEditCard } from './use-card.ts';

const SAVE_DELAY_MS = 900;

/** Three fields in the order in which one asks; whatever is typed is saved by itself. */
export function UnknownCaller({ card }: { readonly card: ClientCard }) {
  const { t } = useLanguage();
  const edit = useEditCard(card);
  const [fields, setFields] = useState<CallerFields>({
    name: card.kind === 'unknown' ? '' : card.name,
    company: card.company,
    source: card.source,
  });
  const [state, setState] = useState<'' | 'saving' | 'saved'>('');
  const latest = useRef({ card, fields, edit });
  latest.current = { card, fields, edit };

  useEffect(() => {
    if (unknownCallerEdit(latest.current.card, fields) === undefined) return undefined;
    setState('saving');
    const timer = setTimeout(() => void save(latest.current).then((ok) => setState(ok ? 'saved' : '')), SAVE_DELAY_MS);
    return () => clearTimeout(timer);
  }, [fields]);
  // leaving the card must not lose the last word
  useEffect(() => () => void save(latest.current), []);

  const field = (name: keyof CallerFields, label: string) => (
    <TextInput
      size="sm"
      aria-label={label}
      placeholder={label}
      value={fields[name]}
      maxLength={200}
      autoComplete="off"
      onChange={(event) => setFields({ ...fields, [name]: event.currentTarget.value })}
      data-testid={`pop-field-${name}`}
    />
  );
  return (
    <div className={classes.fields}>
      {field('name', t('pop.name'))}
      {field('company', t('pop.company'))}
      {field('source', t('pop.source'))}
      <span className={classes.saved}>{state === '' ? '' : t(`pop.${state}`)}</span>
    </div>
  );
}

interface Draft {
  readonly card: ClientCard;
  readonly fields: CallerFields;
  readonly edit: (edit: CardEdit) => Promise<boolean>;
}

async function save({ card, fields, edit }: Draft): Promise<boolean> {
  const change = unknownCallerEdit(card, fields);
  return change === undefined ? true : edit(change);
}
