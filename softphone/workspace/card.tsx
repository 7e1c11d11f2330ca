import { Star } from 'lucide-react';
import type { ClientCard } from '../../server/contract/schemas.ts';
import { useLanguage } from '../i18n/use-language.ts';
import { useWorkspaceStore } from '../state/stores.ts';
import classes from './card.module.css';
import { CardFacts } from './card-facts.tsx';
import { ContactPoints } from './contact-points.tsx';
import { InPlaceText } from './in-place.tsx';
import { Planned } from './planned.tsx';
import { owedText, timeLeft } from './time-words.ts';
import { useCard, useEditCard } from './use-card.ts';
import { useNow } from './use-now.ts';

const MINUTE_MS = 60_000;

/** The right column: who the client is, changed where it stands. */
export function Card({ clientId }: { readonly clientId: number | undefined }) {
  const { t } = useLanguage();
  const card = useCard(clientId);
  return (
    <aside className={classes.column} aria-label={t('card.label')} data-testid="card">
      {clientId === undefined ? <p className={classes.none}>{t('card.none')}</p> : null}
      {card.isError ? <p className={classes.none}>{t('card.failed')}</p> : null}
      {card.data === undefined ? null : <Loaded card={card.data} />}
    </aside>
  );
}

function Loaded({ card }: { readonly card: ClientCard }) {
  return (
    <>
      <Identity card={card} />
      <ContactPoints card={card} />
      <OpenThings card={card} />
      <CardFacts card={card} />
    </>
  );
}

function Identity({ card }: { readonly card: ClientCard }) {
  const { t } = useLanguage();
  const edit = useEditCard(card);
  return (
    <section className={classes.identity}>
      <div className={classes.nameRow}>
        <InPlaceText
          label={t('card.field.name')}
          value={card.name}
          maxLength={200}
          required
          tone="title"
          testId="card-name"
          onSave={(name) => edit(card.kind === 'unknown' ? { name, kind: 'person' } : { name })}
        />
        <button
          type="button"
          className={classes.vip}
          aria-pressed={card.vip}
          title={t('card.field.vip')}
          onClick={() => void edit({ vip: !card.vip })}
          data-testid="card-vip"
        >
          <Star size={16} fill={card.vip ? 'currentColor' : 'none'} aria-hidden="true" />
          {t('card.field.vip')}
        </button>
      </div>
      <div className={classes.pair}>
        <InPlaceText
          label={t('card.field.company')}
          value={card.company}
          maxLength={200}
          testId="card-company"
          onSave={(company) => edit({ company })}
        />
        <InPlaceText
          label={t('card.field.position')}
          value={card.position}
          maxLength={200}
          testId="card-position"
          onSave={(position) => edit({ position })}
        />
      </div>
    </section>
  );
}

/** What we owe and what is planned. */
function OpenThings({ card }: { readonly card: ClientCard }) {
  const { t } = useLanguage();
  const owed = useWorkspaceStore((store) => store.state?.owed.find((entry) => entry.client.id === card.id));
  // by whole minutes, as in the pop
  const now = Math.floor(useNow() / MINUTE_MS) * MINUTE_MS;
  const left = owed?.dueAt === undefined ? '' : `, ${timeLeft(owed.dueAt, now, t).text}`;
  return (
    <section>
      <h2>{t('card.openThings')}</h2>
      {owed === undefined ? null : (
        <p className={classes.open} data-owed="true">
          {owedText(owed, t) + left}
        </p>
      )}
      <Planned
        client={card}
        nothing={owed === undefined ? <p className={classes.open}>{t('card.openThings.none')}</p> : null}
      />
    </section>
  );
}
