import {
  ClipboardPen,
  type LucideIcon,
  Pause,
  PhoneCall,
  PhoneIncoming,
  PhoneMissed,
  PhoneOutgoing,
} from 'lucide-react';
import { useMemo, useRef } from 'react';
import { Link } from 'wouter';
import type { InteractionView, OwedClient } from '../../server/contract/schemas.ts';
import { ago, phoneNumber } from '../i18n/format.ts';
import type { MessageKey } from '../i18n/translate.ts';
import { useLanguage } from '../i18n/use-language.ts';
import { useWorkspaceStore } from '../state/stores.ts';
import { Timer } from './timer.tsx';
import { useInteractionName } from './use-card.ts';
import { useNow } from './use-now.ts';
import type { Open } from './use-open.ts';
import { useStableOrder } from './use-stable-order.ts';
import { type WorkItem, workItems } from './work-items.ts';
import classes from './work-list.module.css';

const noItems: readonly WorkItem[] = [];

/** The left column: what is live, what rings, and whom we owe, always in this order. */
export function WorkList({ open }: { readonly open: Open }) {
  const { t } = useLanguage();
  const state = useWorkspaceStore((store) => store.state);
  const column = useRef<HTMLElement>(null);
  const fresh = useMemo(() => (state === null ? noItems : workItems(state)), [state]);
  const items = useStableOrder(fresh, column);
  const inSection = (section: WorkItem['section']) => items.filter((item) => item.section === section);
  const isOpen = (item: WorkItem): boolean =>
    item.section === 'owed' ? item.owed.client.id === open.clientId : item.interaction.id === open.interaction?.id;
  const rows = (section: WorkItem['section']) =>
    inSection(section).map((item) => <Row key={item.key} item={item} isOpen={isOpen(item)} />);
  const offered = rows('offered');
  return (
    <nav ref={column} className={classes.column} aria-label={t('work.label')}>
      <Section title="work.live" empty="work.live.none" rows={rows('live')} />
      {offered.length === 0 ? null : <Section title="work.offered" rows={offered} />}
      <Section title="work.waiting" empty="work.waiting.none" rows={[]} />
      <Section title="work.owed" empty="work.owed.none" rows={rows('owed')} count />
      <Section title="work.later" empty="work.later.none" rows={[]} />
    </nav>
  );
}

interface SectionProps {
  readonly title: MessageKey & `work.${string}`;
  readonly empty?: 'work.live.none' | 'work.waiting.none' | 'work.owed.none' | 'work.later.none';
  readonly rows: readonly React.ReactNode[];
  readonly count?: boolean;
}

function Section({ title, empty, rows, count = false }: SectionProps) {
  const { t } = useLanguage();
  const heading = title as 'work.live';
  return (
    <section className={classes.section} aria-label={t(heading)}>
      <h2>
        {t(heading)}
        {count && rows.length > 0 ? <span className="num">{rows.length}</span> : null}
      </h2>
      {rows.length > 0 ? <ul>{rows}</ul> : empty === undefined ? null : <p>{t(empty)}</p>}
    </section>
  );
}

function Row({ item, isOpen }: { readonly item: WorkItem; readonly isOpen: boolean }) {
  const testId = item.section === 'offered' ? `offer-${item.interaction.id}` : `work-${item.key}`;
  return (
    <li>
      <Link
        href={item.path}
        className={classes.row}
        data-section={item.section}
        aria-current={isOpen ? 'true' : undefined}
        data-testid={testId}
      >
        {item.section === 'owed' ? <OwedRow owed={item.owed} /> : <CallRow interaction={item.interaction} />}
      </Link>
    </li>
  );
}

const icons: Partial<Record<InteractionView['state'], LucideIcon>> = {
  offered: PhoneIncoming,
  dialing: PhoneOutgoing,
  active: PhoneCall,
  held: Pause,
  wrap_up: ClipboardPen,
};

function CallRow({ interaction }: { readonly interaction: InteractionView }) {
  const { t } = useLanguage();
  const now = useNow();
  const name = useInteractionName(interaction);
  const Icon = icons[interaction.state] ?? PhoneCall;
  const offer = interaction.state === 'offered' ? interaction.offer : null;
  const secondsLeft = offer === null ? 0 : Math.max(0, Math.ceil((Date.parse(offer.expiresAt) - now) / 1000));
  return (
    <>
      <Icon size={16} aria-hidden="true" className={classes.icon} data-state={interaction.state} />
      <span className={classes.name}>{name}</span>
      <span className={classes.time}>
        {interaction.state === 'wrap_up' && interaction.wrapUpUntil !== null ? (
          <Timer until={interaction.wrapUpUntil} />
        ) : offer === null ? (
          <Timer since={interaction.stateSince} />
        ) : null}
      </span>
      <span className={classes.detail}>
        {offer === null ? t(`state.${interaction.state}`) : t('work.secondsLeft', { seconds: secondsLeft })}
        {interaction.queue === null ? '' : ` · ${interaction.queue.name}`}
      </span>
    </>
  );
}

function OwedRow({ owed }: { readonly owed: OwedClient }) {
  const { t, language } = useLanguage();
  const now = useNow();
  return (
    <>
      <PhoneMissed size={16} aria-hidden="true" className={classes.icon} data-state="owed" />
      <span className={classes.name}>{owed.client.name || phoneNumber(owed.number)}</span>
      <span className={classes.detail}>
        {ago(owed.missedAt, now, language)} · {t('work.owed.times', { count: owed.times })}
      </span>
    </>
  );
}
