import { Menu } from '@mantine/core';
import { Copy, Ellipsis, Phone, Plus, Star, Trash2 } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { useLocation } from 'wouter';
import type { ClientCard, ContactPoint } from '../../server/contract/schemas.ts';
import { useDeskTools } from '../desk-context.ts';
import { useLanguage } from '../i18n/use-language.ts';
import { callPath } from '../routes.ts';
import classes from './card.module.css';
import { InPlaceText } from './in-place.tsx';
import { ConsentMark } from './messages/consent-mark.tsx';
import { MailTo, SmsTo } from './messages/write-to.tsx';
import { PointConflict, type PointTaken, usePointEdits } from './use-point-edits.tsx';

/** All numbers and addresses of a client. A click on a number calls it, a click on an address writes to it. */
export function ContactPoints({ card }: { readonly card: ClientCard }) {
  const { t } = useLanguage();
  const [adding, setAdding] = useState(false);
  return (
    <section>
      <h2>
        {t('card.contactPoints')}
        <span className={classes.marks}>
          <ConsentMark clientId={card.id} point={undefined} />
          <button
            type="button"
            className={classes.add}
            aria-label={t('card.addPoint')}
            title={t('card.addPoint')}
            aria-expanded={adding}
            onClick={() => setAdding(!adding)}
            data-testid="add-point"
          >
            <Plus size={16} aria-hidden="true" />
          </button>
        </span>
      </h2>
      <ul className={classes.points}>
        {card.contactPoints.map((point) => (
          <Point key={point.id} card={card} point={point} />
        ))}
      </ul>
      {adding ? <AddPoint card={card} onDone={() => setAdding(false)} /> : null}
    </section>
  );
}

function Point({ card, point }: { readonly card: ClientCard; readonly point: ContactPoint }) {
  const { t } = useLanguage();
  const { commands } = useDeskTools();
  const [, navigate] = useLocation();
  const edits = usePointEdits(card);
  const shown = point.display || point.value;
  async function dial(): Promise<void> {
    const made = await commands.dial(point.value, card.id);
    if (made !== undefined) navigate(callPath(made.id));
  }
  return (
    <li className={classes.point} data-testid="contact-point">
      {point.kind === 'phone' ? (
        <button
          type="button"
          className={classes.call}
          aria-label={t('card.callTo', { number: shown })}
          title={t('card.callTo', { number: shown })}
          onClick={() => void dial()}
          data-testid="call-point"
        >
          <Phone size={14} aria-hidden="true" />
          <span className="num">{shown}</span>
          {point.extension === '' ? null : <span className="num">({point.extension})</span>}
        </button>
      ) : (
        <MailTo clientId={card.id} point={point} />
      )}
      <span className={classes.pointLabel}>
        <InPlaceText
          label={t('card.pointLabel')}
          value={point.label}
          maxLength={60}
          testId="point-label"
          onSave={(label) => edits.change(point, { label })}
        />
      </span>
      <span className={classes.marks}>
        {point.isPrimary ? (
          <Star size={12} className={classes.primary} aria-label={t('card.primary')}>
            <title>{t('card.primary')}</title>
          </Star>
        ) : null}
        <ConsentMark clientId={card.id} point={point} />
        {point.kind === 'phone' ? <SmsTo clientId={card.id} point={point} /> : null}
      </span>
      <PointMenu point={point} edits={edits} />
    </li>
  );
}

interface PointMenuProps {
  readonly point: ContactPoint;
  readonly edits: ReturnType<typeof usePointEdits>;
}

function PointMenu({ point, edits }: PointMenuProps) {
  const { t } = useLanguage();
  const shown = point.display || point.value;
  const [asking, setAsking] = useState(false);
  return (
    <Menu
      position="bottom-end"
      shadow="md"
      withinPortal
      withInitialFocusPlaceholder={false}
      onClose={() => setAsking(false)}
      closeOnItemClick
    >
      <Menu.Target>
        <button type="button" className={classes.more} aria-label={t('card.pointMenu', { value: shown })}>
          <Ellipsis size={16} aria-hidden="true" />
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        {point.isPrimary ? null : (
          <Menu.Item
            leftSection={<Star size={14} aria-hidden="true" />}
            onClick={() => void edits.change(point, { isPrimary: true })}
          >
            {t('card.makePrimary')}
          </Menu.Item>
        )}
        <Menu.Item
          leftSection={<Copy size={14} aria-hidden="true" />}
          onClick={() => void navigator.clipboard?.writeText(point.value)}
        >
          {t('card.copy')}
        </Menu.Item>
        <Menu.Item
          color="red"
          leftSection={<Trash2 size={14} aria-hidden="true" />}
          closeMenuOnClick={asking}
          onClick={() => (asking ? void edits.remove(point) : setAsking(true))}
        >
          {asking ? t('card.removeSure', { value: shown }) : t('card.remove')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

function AddPoint({ card, onDone }: { readonly card: ClientCard; readonly onDone: () => void }) {
  const { t } = useLanguage();
  const edits = usePointEdits(card);
  const [value, setValue] = useState('');
  const [taken, setTaken] = useState<PointTaken>();
  const [busy, setBusy] = useState(false);
  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    const text = value.trim();
    if (text === '' || busy) return;
    setBusy(true);
    const result = await edits.add(text);
    setBusy(false);
    if (result === 'added') onDone();
    else if (result !== 'failed') setTaken(result);
  }
  return (
    <form className={classes.addForm} onSubmit={submit}>
      <input
        className={classes.input}
        // biome-ignore lint/a11y/noAutofocus: the person has just asked for this field
        autoFocus
        aria-label={t('card.addPoint')}
        placeholder={t('card.addPointPlaceholder')}
        value={value}
        maxLength={254}
        autoComplete="off"
        onChange={(event) => {
          setValue(event.currentTarget.value);
          setTaken(undefined);
        }}
        onKeyDown={(event) => {
          if (event.key === 'Escape') onDone();
        }}
        data-testid="add-point-input"
      />
      <button type="submit" disabled={busy || value.trim() === ''}>
        {t('card.add')}
      </button>
      <button type="button" onClick={onDone}>
        {t('card.cancel')}
      </button>
      {taken === undefined ? null : <PointConflict taken={taken} />}
    </form>
  );
}
