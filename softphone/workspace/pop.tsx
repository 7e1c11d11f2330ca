import {
  CircleAlert,
  History,
  Info,
  PhoneIncoming,
  PhoneMissed,
  PhoneOutgoing,
  Search,
  Star,
  TriangleAlert,
} from 'lucide-react';
import { type ReactNode, useEffect, useState } from 'react';
import type { ClientCard, InteractionView, PopView, TimelineEntry } from '../../server/contract/schemas.ts';
import { useLanguage } from '../i18n/use-language.ts';
import { loadPop } from '../state/desk.ts';
import { rememberCard } from '../state/settings.ts';
import { useWorkspaceStore } from '../state/stores.ts';
import { useConsents } from './messages/queries.ts';
import { refusalTexts } from './messages/refusal-words.ts';
import { peerNumber } from './names.ts';
import classes from './pop.module.css';
import { lastLine, openLine, placeLine, type Reader, warningText, whyLine } from './pop-lines.ts';
import { UnknownCaller } from './unknown-caller.tsx';
import { useCard } from './use-card.ts';
import { useNow } from './use-now.ts';
import { useOfferSeen } from './use-offer-seen.ts';
import { useTimelineHead } from './use-timeline.ts';

const MINUTE_MS = 60_000;

function useReader(): Reader {
  const { t, language } = useLanguage();
  const userId = useWorkspaceStore((store) => store.state?.me.id ?? 0);
  // sentences speak of minutes and days: they need no redraw each second
  const now = Math.floor(useNow() / MINUTE_MS) * MINUTE_MS;
  return { t, language, userId, now };
}

/** Who calls and why, in five lines of a fixed height: readable in three seconds. */
export function InteractionPop({ interaction }: { readonly interaction: InteractionView }) {
  const reader = useReader();
  const pop = useWorkspaceStore((store) => store.state?.pops[interaction.id]);
  const card = useCard(interaction.client.id).data ?? pop?.card;
  // the fields of a new caller stay where they are while they are being filled
  const [wasUnknown, setWasUnknown] = useState(card?.kind === 'unknown');
  usePopLoad(interaction, pop);
  useOfferSeen(interaction);
  useRecent(card);
  useEffect(() => {
    if (card?.kind === 'unknown') setWasUnknown(true);
  }, [card?.kind]);

  if (card === undefined || pop === undefined) return <Frame name={<strong>{interaction.client.name}</strong>} />;
  const Icon = pop.why.direction === 'in' ? PhoneIncoming : PhoneOutgoing;
  const why = (
    <Line icon={<Icon size={15} />} testId="pop-why">
      {whyLine(pop, reader)}
    </Line>
  );
  if (wasUnknown) {
    return (
      <section className={classes.pop} aria-label={reader.t('pop.label')} data-testid="pop">
        <div className={classes.title} data-testid="pop-name">
          <strong className="num">{peerNumber(interaction, reader.t) || card.name}</strong>
          <span className={classes.new}>{reader.t('pop.newCard')}</span>
          <span className={classes.place}>{placeLine(card, reader)}</span>
        </div>
        {why}
        <UnknownCaller card={card} />
        <Warnings warnings={pop.warnings} card={card} />
      </section>
    );
  }
  return (
    <Frame
      name={<Title card={card} reader={reader} />}
      why={why}
      open={<OpenLine open={pop.open} reader={reader} />}
      last={<LastLine entry={pop.lastContact} reader={reader} />}
      warnings={<Warnings warnings={pop.warnings} card={card} />}
    />
  );
}

/** The same five lines for a card that was opened by hand. */
export function CardPop({ clientId }: { readonly clientId: number }) {
  const reader = useReader();
  const card = useCard(clientId);
  const head = useTimelineHead(clientId);
  const owed = useWorkspaceStore((store) => store.state?.owed.find((entry) => entry.client.id === clientId));
  useRecent(card.data);
  if (card.isError) return <Frame name={<strong>{reader.t('card.failed')}</strong>} />;
  if (card.data === undefined) return <Frame />;
  const { responsible, source } = card.data;
  const owner =
    responsible === null
      ? reader.t('pop.nobodys')
      : responsible.id === reader.userId
        ? reader.t('pop.yourClient')
        : reader.t('pop.clientOf', { name: responsible.name });
  return (
    <Frame
      byHand
      name={<Title card={card.data} reader={reader} />}
      why={
        <Line icon={<Search size={15} />} testId="pop-why">
          {[reader.t('pop.opened'), owner, source].filter((part) => part !== '').join(' · ')}
        </Line>
      }
      open={<OpenLine open={{ missedCalls: owed?.times ?? 0, lastMissedAt: owed?.missedAt ?? null }} reader={reader} />}
      last={head === undefined ? null : <LastLine entry={head} reader={reader} />}
      warnings={<Warnings warnings={[]} card={card.data} />}
    />
  );
}

interface FrameProps {
  readonly name?: ReactNode;
  readonly why?: ReactNode;
  readonly open?: ReactNode;
  readonly last?: ReactNode;
  readonly warnings?: ReactNode;
  /** No call brought it: its lines may leave room. */
  readonly byHand?: boolean;
}

function Frame({ name, why, open, last, warnings, byHand = false }: FrameProps) {
  const { t } = useLanguage();
  return (
    <section className={classes.pop} aria-label={t('pop.label')} data-by-hand={byHand} data-testid="pop">
      <div className={classes.title} data-testid="pop-name">
        {name}
      </div>
      {why}
      {open}
      {last}
      {warnings}
    </section>
  );
}

function Title({ card, reader }: { readonly card: ClientCard; readonly reader: Reader }) {
  const { t } = reader;
  return (
    <>
      <strong>{card.name || t('pop.noName')}</strong>
      {card.company === '' ? null : <span className={classes.company}>{card.company}</span>}
      {card.position === '' ? null : <span className={classes.company}>{card.position}</span>}
      {card.vip ? (
        <span className={classes.vip}>
          <Star size={12} fill="currentColor" aria-hidden="true" />
          {t('pop.vip')}
        </span>
      ) : null}
      <span className={classes.stage} data-stage={card.stage}>
        {t(`stage.${card.stage}`)}
      </span>
      <span className={classes.place}>
        {[
          card.language === 'ru' || card.language === 'en' ? t(`language.${card.language}`) : '',
          placeLine(card, reader),
        ]
          .filter((part) => part !== '')
          .join(', ')}
      </span>
    </>
  );
}

interface LineProps {
  readonly icon: ReactNode;
  readonly testId: string;
  readonly children: string;
  readonly tone?: 'owed' | 'danger' | 'dim' | undefined;
}

function Line({ icon, testId, children, tone }: LineProps) {
  return (
    <p className={classes.line} data-tone={tone} data-testid={testId} title={children}>
      <span aria-hidden="true">{icon}</span>
      <span>{children}</span>
    </p>
  );
}

function OpenLine({ open, reader }: { readonly open: PopView['open']; readonly reader: Reader }) {
  const owed = open.missedCalls > 0;
  return (
    <Line
      icon={owed ? <PhoneMissed size={15} /> : <CircleAlert size={15} />}
      testId="pop-open"
      tone={owed ? 'owed' : 'dim'}
    >
      {openLine(open, reader)}
    </Line>
  );
}

function LastLine({ entry, reader }: { readonly entry: TimelineEntry | null; readonly reader: Reader }) {
  return (
    <Line icon={<History size={15} />} testId="pop-last">
      {lastLine(entry, reader)}
    </Line>
  );
}

function Warnings(props: { readonly warnings: PopView['warnings']; readonly card: ClientCard }) {
  const { t } = useLanguage();
  const consents = useConsents(props.card.id).data;
  const told = props.warnings.map((warning) => warningText(warning, t));
  const refused = consents === undefined ? [] : refusalTexts(consents, t);
  const texts = [...new Set([props.card.warning, ...told, ...refused])].filter((text) => text !== '');
  const has = texts.length > 0;
  return (
    <Line
      icon={has ? <TriangleAlert size={15} /> : <Info size={15} />}
      testId="pop-warnings"
      tone={has ? 'danger' : 'dim'}
    >
      {has ? texts.join(' · ') : t('pop.warnings.none')}
    </Line>
  );
}

/** A call that I made has no pushed pop. */
function usePopLoad(interaction: InteractionView, pop: PopView | undefined): void {
  const missing = pop === undefined;
  useEffect(() => {
    // without it the five lines stay empty; the call itself is not disturbed
    if (missing) loadPop(interaction.id).catch(() => undefined);
  }, [interaction.id, missing]);
}

function useRecent(card: ClientCard | undefined): void {
  useEffect(() => {
    if (card !== undefined) rememberCard({ id: card.id, name: card.name, company: card.company });
  }, [card]);
}
