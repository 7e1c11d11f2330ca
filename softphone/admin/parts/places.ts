import type { Language } from '../../i18n/translate.ts';
import type { Option } from './field.tsx';

/** Countries that most of the lines are in come first. */
const nearRegions = ['RU', 'KZ', 'BY', 'UZ', 'AM', 'GE', 'KG'];
/** ISO 3166-1 countries with a telephone plan of their own. */
const regions =
  'AD AE AF AG AI AL AM AO AR AS AT AU AW AZ BA BB BD BE BF BG BH BI BJ BM BN BO BR BS BT BW BY BZ CA CD CF CG CH CI CL CM CN CO CR CU CV CY CZ DE DJ DK DM DO DZ EC EE EG ER ES ET FI FJ FR GA GB GD GE GF GH GI GL GM GN GP GQ GR GT GU GW GY HK HN HR HT HU ID IE IL IN IQ IR IS IT JM JO JP KE KG KH KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MG MK ML MM MN MO MQ MR MS MT MU MV MW MX MY MZ NA NC NE NG NI NL NO NP NZ OM PA PE PF PG PH PK PL PR PS PT PY QA RE RO RS RU RW SA SC SD SE SG SI SK SL SM SN SO SR SS SV SY SZ TC TD TG TH TJ TL TM TN TO TR TT TW TZ UA UG US UY UZ VC VE VG VI VN VU WS YE ZA ZM ZW'.split(
    ' ',
  );

/** Zones of the two countries that most companies here are in; the rest of the world follows in the same list. */
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

/** Countries by name; one that is not in the list (a value from elsewhere) is added. */
export function regionOptions(language: Language, present: string): readonly Option<string>[] {
  const names = new Intl.DisplayNames([language], { type: 'region' });
  const label = (code: string): string => `${names.of(code) ?? code} (${code})`;
  const rest = regions
    .filter((code) => !nearRegions.includes(code))
    .toSorted((a, b) => label(a).localeCompare(label(b), language));
  const codes = new Set([...nearRegions, ...rest, ...(/^[A-Z]{2}$/.test(present) ? [present] : [])]);
  return [...codes].map((code) => ({ value: code, label: label(code) }));
}

export const regionName = (code: string, language: Language): string =>
  new Intl.DisplayNames([language], { type: 'region' }).of(code) ?? code;

/** Time zones with their present distance from UTC. */
export function zoneOptions(present: string): readonly Option<string>[] {
  const zones = new Set([...nearZones, ...Intl.supportedValuesOf('timeZone'), ...(present === '' ? [] : [present])]);
  return [...zones].map((zone) => ({ value: zone, label: zoneText(zone) }));
}

/** `Europe/Moscow (UTC+3)`. */
export function zoneText(zone: string): string {
  try {
    const parts = new Intl.DateTimeFormat('en', { timeZone: zone, timeZoneName: 'shortOffset' }).formatToParts();
    const offset = parts.find(({ type }) => type === 'timeZoneName')?.value ?? '';
    return `${zone} (${offset.replace('GMT', 'UTC')})`;
  } catch {
    // a zone that this browser does not know is shown by its name
    return zone;
  }
}
