import { company, holidays } from '../../../db/schema/index.ts';
import type { Period } from '../../routing/work-schedule.ts';
import { checkDay, checkTimeZone } from '../checks.ts';
import { checkRegion } from './lines.ts';
import { requireFree, rowSubject } from './row.ts';

/** Id of the one row. */
export const companyId = 1;

export interface CompanyData {
  readonly name: string;
  readonly region: string;
  readonly timeZone: string;
  readonly language: 'ru' | 'en';
}

/** Settings of the whole company. */
export const companySubject = rowSubject({
  kind: 'company',
  table: company,
  nameOf: ({ name }: CompanyData) => name,
  toData: ({ name, region, timeZone, language }): CompanyData => ({ name, region, timeZone, language }),
  toRow: (data) => data,
  async check(data) {
    checkTimeZone('timeZone', data.timeZone);
    checkRegion('region', data.region);
  },
});

export interface HolidayData {
  readonly day: string;
  readonly name: string;
  readonly periods: readonly Period[];
  readonly closesQueues: boolean;
}

/** Days that differ for everybody. */
export const holidaySubject = rowSubject({
  kind: 'holiday',
  table: holidays,
  nameOf: ({ name }: HolidayData) => name,
  toData: ({ day, name, periods, closesQueues }): HolidayData => ({ day, name, periods, closesQueues }),
  toRow: (data) => data,
  async check(data, { tx, before }) {
    checkDay('day', data.day);
    const wanted = { table: holidays, column: holidays.day, value: data.day };
    await requireFree(tx, wanted, { id: before?.id, field: 'day', label: holidays.name });
  },
});
