import { regionOf } from './phone-number.ts';

/** Countries with one clock, by zone. Countries with several are below by area, or not guessed. */
const zonesByCountry: Readonly<Record<string, string>> = {
  AE: 'Asia/Dubai',
  AM: 'Asia/Yerevan',
  AT: 'Europe/Vienna',
  AZ: 'Asia/Baku',
  BA: 'Europe/Sarajevo',
  BD: 'Asia/Dhaka',
  BE: 'Europe/Brussels',
  BG: 'Europe/Sofia',
  BY: 'Europe/Minsk',
  CH: 'Europe/Zurich',
  CN: 'Asia/Shanghai',
  CO: 'America/Bogota',
  CY: 'Asia/Nicosia',
  CZ: 'Europe/Prague',
  DE: 'Europe/Berlin',
  DK: 'Europe/Copenhagen',
  EE: 'Europe/Tallinn',
  EG: 'Africa/Cairo',
  FI: 'Europe/Helsinki',
  FR: 'Europe/Paris',
  GB: 'Europe/London',
  GE: 'Asia/Tbilisi',
  GR: 'Europe/Athens',
  HK: 'Asia/Hong_Kong',
  HR: 'Europe/Zagreb',
  HU: 'Europe/Budapest',
  IE: 'Europe/Dublin',
  IL: 'Asia/Jerusalem',
  IN: 'Asia/Kolkata',
  IQ: 'Asia/Baghdad',
  IR: 'Asia/Tehran',
  IS: 'Atlantic/Reykjavik',
  IT: 'Europe/Rome',
  JP: 'Asia/Tokyo',
  KG: 'Asia/Bishkek',
  KR: 'Asia/Seoul',
  KZ: 'Asia/Almaty',
  LK: 'Asia/Colombo',
  LT: 'Europe/Vilnius',
  LU: 'Europe/Luxembourg',
  LV: 'Europe/Riga',
  MA: 'Africa/Casablanca',
  MD: 'Europe/Chisinau',
  ME: 'Europe/Podgorica',
  MK: 'Europe/Skopje',
  MT: 'Europe/Malta',
  MY: 'Asia/Kuala_Lumpur',
  NG: 'Africa/Lagos',
  NL: 'Europe/Amsterdam',
  NO: 'Europe/Oslo',
  PE: 'America/Lima',
  PH: 'Asia/Manila',
  PK: 'Asia/Karachi',
  PL: 'Europe/Warsaw',
  QA: 'Asia/Qatar',
  RO: 'Europe/Bucharest',
  RS: 'Europe/Belgrade',
  SA: 'Asia/Riyadh',
  SE: 'Europe/Stockholm',
  SG: 'Asia/Singapore',
  SI: 'Europe/Ljubljana',
  SK: 'Europe/Bratislava',
  TH: 'Asia/Bangkok',
  TJ: 'Asia/Dushanbe',
  TM: 'Asia/Ashgabat',
  TN: 'Africa/Tunis',
  TR: 'Europe/Istanbul',
  TW: 'Asia/Taipei',
  UA: 'Europe/Kyiv',
  UZ: 'Asia/Tashkent',
  VN: 'Asia/Ho_Chi_Minh',
  ZA: 'Africa/Johannesburg',
};

/** Russian geographic codes by zone; a code missing here is Moscow's when it starts with 47-49, 81-83, 86 or 87. */
const russianAreas: Readonly<Record<string, string>> = {
  'Europe/Kaliningrad': '401',
  'Europe/Simferopol': '365 869',
  'Europe/Ulyanovsk': '842',
  'Europe/Volgograd': '844',
  'Europe/Saratov': '845',
  'Europe/Astrakhan': '851',
  'Europe/Samara': '341 846 848',
  'Europe/Moscow': '834 835 836 841 843 847 855',
  'Asia/Yekaterinburg': '342 343 345 346 347 349 351 352 353',
  'Asia/Omsk': '381',
  'Asia/Tomsk': '382',
  'Asia/Novosibirsk': '383',
  'Asia/Novokuznetsk': '384',
  'Asia/Barnaul': '385 388',
  'Asia/Krasnoyarsk': '390 391 394',
  'Asia/Irkutsk': '301 395',
  'Asia/Chita': '302',
  'Asia/Yakutsk': '411 416',
  'Asia/Vladivostok': '421 423 426',
  'Asia/Sakhalin': '424',
  'Asia/Magadan': '413',
  'Asia/Kamchatka': '415',
  'Asia/Anadyr': '427',
};
const zonesByRussianArea = new Map(
  Object.entries(russianAreas).flatMap(([zone, areas]) => areas.split(' ').map((area) => [area, zone] as const)),
);

function russianZone(area: string): string {
  const zone = zonesByRussianArea.get(area);
  return zone ?? (/^(?:4[789]|8[1-3]|8[67])/.test(area) ? 'Europe/Moscow' : '');
}

/**
 * The IANA zone where a number most likely rings, or empty when it may be one of several: a Russian mobile, most of
 * North America. A guess for the eye; never a reason to act.
 */
export function timeZoneOf(e164: string): string {
  const region = regionOf(e164);
  return region === 'RU' ? russianZone(e164.slice(2, 5)) : (zonesByCountry[region] ?? '');
}
