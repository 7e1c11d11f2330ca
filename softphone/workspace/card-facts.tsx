import { TagsInput } from '@mantine/core';
import type { ReactNode } from 'react';
import type { ClientCard } from '../../server/contract/schemas.ts';
import { dayMonth } from '../i18n/format.ts';
import type { MessageKey } from '../i18n/translate.ts';
import { useLanguage } from '../i18n/use-language.ts';
import { useWorkspaceStore } from '../state/stores.ts';
import classes from './card.module.css';
import { InPlaceSelect, InPlaceText } from './in-place.tsx';
import { useEditCard } from './use-card.ts';

const stages = ['lead', 'client', 'lost'] as const;
const kinds = ['person', 'company', 'unknown'] as const;

/** Zones of the two countries that most clients call from; the rest of the world follows in the same list. */
const nearZones = [
  'Europe/Kaliningrad',
  'Europe/Moscow',
  'Europe/Samara',
  'Asia/Yekaterinburg',
  'Asia/Omsk',
  'Asia/Novosibirsk',
  'Asia/Krasnoyarsk',
  'Asia/Irkutsk',
  'Asia/Yakutsk',
  'Asia/Vladivostok',
  'Asia/Kamchatka',
];
const zones = [...new Set([...nearZones, ...Intl.supportedValuesOf('timeZone')])];

/** Everything about the client that is a field. */
export function CardFacts({ card }: { readonly card: ClientCard }) {
  const { t, language } = useLanguage();
  const edit = useEditCard(card);
  return (
    <section>
      <h2>{t('card.facts')}</h2>
      <dl className={classes.facts}>
        <Fact label="card.field.warning">
          <InPlaceText
            label={t('card.field.warning')}
            value={card.warning}
            maxLength={500}
            tone={card.warning === '' ? undefined : 'danger'}
            testId="card-warning"
            onSave={(warning) => edit({ warning })}
          />
        </Fact>
        <Fact label="card.field.responsible">
          <Responsible card={card} />
        </Fact>
        <Fact label="card.field.stage">
          <InPlaceSelect
            label={t('card.field.stage')}
            value={card.stage}
            testId="card-stage"
            onSave={(value) => edit({ stage: stages.find((stage) => stage === value) ?? card.stage })}
          >
            {stages.map((stage) => (
              <option key={stage} value={stage}>
                {t(`stage.${stage}`)}
              </option>
            ))}
          </InPlaceSelect>
        </Fact>
        <Fact label="card.field.kind">
          <InPlaceSelect
            label={t('card.field.kind')}
            value={card.kind}
            testId="card-kind"
            onSave={(value) => edit({ kind: kinds.find((kind) => kind === value) ?? card.kind })}
          >
            {kinds.map((kind) => (
              <option key={kind} value={kind}>
                {t(`kind.${kind}`)}
              </option>
            ))}
          </InPlaceSelect>
        </Fact>
        <Fact label="card.field.source">
          <InPlaceText
            label={t('card.field.source')}
            value={card.source}
            maxLength={200}
            testId="card-source"
            onSave={(source) => edit({ source })}
          />
        </Fact>
        <Fact label="card.field.language">
          <InPlaceSelect
            label={t('card.field.language')}
            value={card.language}
            testId="card-language"
            onSave={(value) => edit({ language: value === 'ru' || value === 'en' ? value : '' })}
          >
            <option value="">{t('card.empty')}</option>
            <option value="ru">{t('language.ru')}</option>
            <option value="en">{t('language.en')}</option>
          </InPlaceSelect>
        </Fact>
        <Fact label="card.field.timeZone">
          <TimeZone card={card} />
        </Fact>
        <Fact label="card.field.tags">
          <Tags card={card} />
        </Fact>
      </dl>
      <p className={classes.since}>{t('card.since', { date: dayMonth(card.createdAt, Date.now(), language) })}</p>
    </section>
  );
}

function Fact({
  label,
  children,
}: {
  readonly label: MessageKey & `card.field.${string}`;
  readonly children: ReactNode;
}) {
  const { t } = useLanguage();
  return (
    <div>
      <dt>{t(label as 'card.field.name')}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Responsible({ card }: { readonly card: ClientCard }) {
  const { t } = useLanguage();
  const edit = useEditCard(card);
  const users = useWorkspaceStore((store) => store.state?.users) ?? [];
  const gone = card.responsible !== null && !users.some((user) => user.id === card.responsible?.id);
  return (
    <InPlaceSelect
      label={t('card.field.responsible')}
      value={String(card.responsible?.id ?? '')}
      testId="card-responsible"
      onSave={(value) => edit({ responsibleId: value === '' ? null : Number(value) })}
    >
      <option value="">{t('card.nobody')}</option>
      {gone ? <option value={card.responsible?.id}>{card.responsible?.name}</option> : null}
      {users.map((user) => (
        <option key={user.id} value={user.id}>
          {user.name}
        </option>
      ))}
    </InPlaceSelect>
  );
}

function TimeZone({ card }: { readonly card: ClientCard }) {
  const { t } = useLanguage();
  const edit = useEditCard(card);
  const known = card.timeZone === '' || zones.includes(card.timeZone);
  return (
    <InPlaceSelect
      label={t('card.field.timeZone')}
      value={card.timeZone}
      testId="card-time-zone"
      onSave={(timeZone) => edit({ timeZone })}
    >
      <option value="">{t('card.empty')}</option>
      {known ? null : <option value={card.timeZone}>{card.timeZone}</option>}
      {zones.map((zone) => (
        <option key={zone} value={zone}>
          {zone.replaceAll('_', ' ')}
        </option>
      ))}
    </InPlaceSelect>
  );
}

function Tags({ card }: { readonly card: ClientCard }) {
  const { t } = useLanguage();
  const edit = useEditCard(card);
  return (
    <TagsInput
      size="xs"
      variant="unstyled"
      aria-label={t('card.field.tags')}
      placeholder={card.tags.length === 0 ? t('card.tagsPlaceholder') : ''}
      value={card.tags}
      maxTags={50}
      onChange={(tags) => void edit({ tags: tags.map((tag) => tag.trim().slice(0, 50)).filter((tag) => tag !== '') })}
      className={classes.tags ?? ''}
      data-testid="card-tags"
    />
  );
}
