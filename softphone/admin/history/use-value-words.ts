import type { SetupKind } from '../../../server/contract/setup-words.ts';
import { queueExits, trunkTransports, wrapUpModes } from '../../../server/contract/setup-words.ts';
import { roles, seesWords } from '../../../server/contract/words.ts';
import { useSetup } from '../data/queries.ts';
import { secondsText } from '../parts/hours-text.ts';
import { valueText } from '../parts/value-text.ts';
import { useWords } from '../words/use-words.ts';
import { idFields } from './field-names.ts';

type Named = { readonly id: number; readonly name: string };

interface AddressValue {
  readonly value: string;
  readonly queueId: number;
}

/** Settings of a channel are named as it names them. */
function settingsText(value: object): string {
  return Object.entries(value)
    .filter(([, inner]) => inner !== null && inner !== '')
    .map(([name, inner]) => {
      if (Array.isArray(inner)) return `${name}: ${inner.join(' ')}`;
      return typeof inner === 'object' ? `${name}: (${settingsText(inner)})` : `${name}: ${inner}`;
    })
    .join(', ');
}

/** Writes the values of changed fields in words: names for ids, sentences for modes, hours as people say them. */
export function useValueWords(): (kind: SetupKind, field: string, value: unknown) => string {
  const { say, t, language } = useWords();
  const lists: Readonly<Record<string, readonly Named[] | undefined>> = {
    user: useSetup('GET /api/v1/setup/users').data?.items,
    team: useSetup('GET /api/v1/setup/teams').data?.items,
    trunk: useSetup('GET /api/v1/setup/trunks').data?.items,
    queue: useSetup('GET /api/v1/setup/queues').data?.items,
    sound: useSetup('GET /api/v1/setup/sounds').data?.items,
  };
  const nameOf = (kind: string, id: unknown): string => lists[kind]?.find((one) => one.id === id)?.name ?? `№ ${id}`;
  return (kind, field, value) => {
    const idKind = idFields[field];
    if (idKind !== undefined && typeof value === 'number') return nameOf(idKind, value);
    if (idKind !== undefined && Array.isArray(value) && value.length > 0)
      return value.map((id) => nameOf(idKind, id)).join(', ');
    if (kind === 'channel_account' && field === 'addresses' && Array.isArray(value))
      return value.map((address: AddressValue) => `${address.value} → ${nameOf('queue', address.queueId)}`).join(', ');
    if (field === 'settings' && typeof value === 'object' && value !== null) return settingsText(value);
    if (field.endsWith('Seconds') && typeof value === 'number') return secondsText(value, language);
    if (field === 'hours' && value === null) return say('value.always');
    const role = roles.find((one) => field === 'role' && one === value);
    if (role !== undefined) return t(`role.${role}`);
    const sees = seesWords.find((one) => field === 'sees' && one === value);
    if (sees !== undefined) return say(`people.sees.${sees}`);
    const mode = wrapUpModes.find((one) => field === 'wrapUpMode' && one === value);
    if (mode !== undefined) return say(`wrapUp.${mode}`);
    const exit = queueExits.find((one) => /^(afterMaxWait|outOfHours)$/.test(field) && one === value);
    if (exit !== undefined) return say(`exit.${exit}`);
    const transport = trunkTransports.find((one) => field === 'transport' && one === value);
    return transport?.toUpperCase() ?? valueText(value, { say, language });
  };
}
