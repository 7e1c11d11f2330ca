import { limits } from '../limits.ts';

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/** Minutes east of UTC. RFC 5322 section 4.3 and the names that mail programs of our neighbours write. */
const zones: Readonly<Record<string, number>> = {
  ...{ ut: 0, utc: 0, gmt: 0, z: 0 },
  ...{ est: -300, edt: -240, cst: -360, cdt: -300, mst: -420, mdt: -360, pst: -480, pdt: -420 },
  ...{ bst: 60, cet: 60, cest: 120, eet: 120, eest: 180, ist: 330, jst: 540 },
  ...{ msk: 180, msd: 240, samt: 240, yekt: 300, novt: 420, krat: 420, irkt: 480, vlat: 600 },
};

const dateTime =
  /(\d{1,2})[ -]+([a-z]{3})[a-z]{0,6}[ -]+(\d{2,4})[ ,]+(\d{1,2}):(\d{2})(?::(\d{2}))?(?:\.\d{1,9})? ?((?:gmt|utc)?[+-]\d{1,2}:?\d{2}|[a-z]{1,5})?/i;
const iso = /^\d{4}-\d\d-\d\dt\d\d:\d\d/i;

/** Section 4.3: two digits from 00 to 49 are of this century, three digits count from 1900. */
function fullYear(digits: string): number {
  const year = Number(digits);
  if (digits.length > 3) return year;
  return digits.length === 2 && year < 50 ? year + 2000 : year + 1900;
}

/** Unknown names count as UTC (section 4.3). */
function zoneMinutes(zone: string): number {
  const offset = /([+-])(\d{1,2}):?(\d{2})$/.exec(zone);
  if (!offset) return zones[zone.toLowerCase()] ?? 0;
  const minutes = Number(offset[2]) * 60 + Number(offset[3]);
  return offset[1] === '-' ? -minutes : minutes;
}

function isoDate(text: string): Date | null {
  const date = new Date(text);
  return Number.isNaN(date.getTime()) ? null : date;
}

/** A Date field (RFC 5322 section 3.3, obsolete forms of 4.3). Null when it is none: never now, which would hide the fault. */
export function readDate(raw: string | null): Date | null {
  const text = (raw ?? '')
    .slice(0, limits.dateLength)
    .replace(/\([^()]*\)/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  if (iso.test(text)) return isoDate(text);
  const match = dateTime.exec(text);
  if (!match) return null;
  const [, day, name = '', year = '', hour, minute, second = '0', zone = ''] = match;
  const month = months.indexOf(name.toLowerCase());
  if (month < 0 || Number(day) < 1 || Number(day) > 31 || Number(hour) > 23 || Number(minute) > 59) return null;
  // a leap second is read as the second before it
  const seconds = Math.min(59, Number(second));
  const asUtc = Date.UTC(fullYear(year), month, Number(day), Number(hour), Number(minute), seconds);
  return new Date(asUtc - zoneMinutes(zone) * 60_000);
}
