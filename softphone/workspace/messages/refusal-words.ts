import type { Output } from '../../../server/contract/api.ts';
import { phoneNumber } from '../../i18n/format.ts';
import type { Translate } from '../../i18n/translate.ts';
import { standingRefusals } from '../../state/refusals.ts';
import { scopeText } from './gate-words.ts';

/** What a client refuses now, and which addresses of his take nothing, for the line of warnings. Pure. */
export function refusalTexts(
  { items, suppressions }: Output<'GET /api/v1/clients/:id/consents'>,
  t: Translate,
): string[] {
  const refused = standingRefusals(items).map((word) => {
    const what = scopeText(word, t) || t('consent.everything');
    const address = word.kind === 'phone' || word.kind === 'email' ? ` (${phoneNumber(word.value)})` : '';
    return t('warning.refused', { what: what + address });
  });
  const closed = suppressions.map(({ reason, value }) =>
    t('warning.suppressed', { reason: t(`consent.suppressed.${reason}`), address: phoneNumber(value) }),
  );
  return [...refused, ...closed];
}
