import { Popover } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Check, CircleHelp, Minus } from 'lucide-react';
import { useState } from 'react';
import type { OfferView } from '../../server/contract/schemas.ts';
import { clockTime } from '../i18n/format.ts';
import { useLanguage } from '../i18n/use-language.ts';
import { call } from '../net/api.ts';
import { keepFocus } from './strip-button.tsx';
import { useReasons } from './use-reasons.ts';
import classes from './why-me.module.css';
import { candidateText } from './wording.ts';

/** All candidates of the routing decision with one reason each. */
export function WhyMe({ interactionId }: { readonly interactionId: string }) {
  const { t } = useLanguage();
  const [opened, setOpened] = useState(false);
  return (
    <Popover opened={opened} onChange={setOpened} width={360} position="bottom-end" shadow="md" withinPortal>
      <Popover.Target>
        <button
          type="button"
          className={classes.button}
          onMouseDown={keepFocus}
          onClick={() => setOpened(!opened)}
          data-testid="why-me"
        >
          <CircleHelp size={14} aria-hidden="true" />
          {t('strip.why')}
        </button>
      </Popover.Target>
      <Popover.Dropdown p={12} data-testid="why-me-panel">
        {opened ? <Offers interactionId={interactionId} /> : null}
      </Popover.Dropdown>
    </Popover>
  );
}

function Offers({ interactionId }: { readonly interactionId: string }) {
  const { t } = useLanguage();
  const offers = useQuery({
    queryKey: ['offers', interactionId],
    queryFn: () => call('GET /api/v1/interactions/:id/offers', { params: { id: interactionId } }),
    staleTime: 0,
  });
  const items = offers.data?.items.toSorted((left, right) => right.offeredAt.localeCompare(left.offeredAt)) ?? [];
  return (
    <div className={classes.panel}>
      <h3>{t('why.title')}</h3>
      {offers.isSuccess && items.length === 0 ? <p>{t('why.none')}</p> : null}
      {items.map((offer, index) => (
        <OfferList key={offer.id} offer={offer} number={items.length - index} only={items.length === 1} />
      ))}
    </div>
  );
}

function OfferList(props: { readonly offer: OfferView; readonly number: number; readonly only: boolean }) {
  const { offer, number, only } = props;
  const { t, language } = useLanguage();
  const { nameOf } = useReasons();
  return (
    <section>
      {only ? null : (
        <h4>
          {t('why.offer', { number, time: clockTime(offer.offeredAt, language) })}: {offer.user.name}
          {offer.result === null ? '' : `, ${t(`offerResult.${offer.result}`)}`}
        </h4>
      )}
      <ul className={classes.list}>
        {offer.candidates.map((candidate) => {
          const chosen = candidate.user.id === offer.user.id;
          const Icon = chosen ? Check : Minus;
          return (
            <li key={candidate.user.id} data-chosen={chosen}>
              <Icon
                size={14}
                aria-label={chosen ? t('why.chosen') : undefined}
                aria-hidden={chosen ? undefined : true}
              />
              <span>{candidate.user.name}</span>
              <span className={classes.reason}>{candidateText(candidate, { t, language, nameOf })}</span>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
