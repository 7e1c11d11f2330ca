import { Button } from '@mantine/core';
import { CalendarPlus } from 'lucide-react';
import { Link, useLocation } from 'wouter';
import type { Holiday } from '../../../server/contract/setup-schemas.ts';
import { useRights } from '../data/use-rights.ts';
import { weekdayOf } from '../parts/hours.ts';
import { dayText, periodsText, weekdayName } from '../parts/hours-text.ts';
import list from '../parts/list.module.css';
import { adminPath } from '../place.ts';
import { useWords } from '../words/use-words.ts';

interface HolidayListProps {
  readonly holidays: readonly Holiday[];
  readonly openId: unknown;
}

/** Days that differ for the whole company. */
export function HolidayList({ holidays, openId }: HolidayListProps) {
  const { say, language } = useWords();
  const { isAdmin } = useRights();
  const [, navigate] = useLocation();
  return (
    <>
      <div className={list.head}>
        <p className={list.text} style={{ margin: 0, marginRight: 'auto' }}>
          {say('holidays.text')}
        </p>
        {isAdmin ? (
          <Button
            size="xs"
            leftSection={<CalendarPlus size={15} aria-hidden="true" />}
            onClick={() => navigate(adminPath('shifts', 'holiday-new'))}
            data-testid="add"
          >
            {say('holidays.add')}
          </Button>
        ) : null}
      </div>
      {holidays.length === 0 ? (
        <p className={list.empty}>{say('holidays.none')}</p>
      ) : (
        <table className={list.table}>
          <thead>
            <tr>
              <th scope="col">{say('holiday.day')}</th>
              <th scope="col">{say('holiday.name')}</th>
              <th scope="col">{say('holiday.periods')}</th>
              <th scope="col">{say('holiday.closesQueues')}</th>
            </tr>
          </thead>
          <tbody>
            {holidays.map((holiday) => (
              <tr key={holiday.id} data-open={holiday.id === openId}>
                <th scope="row">
                  <Link href={adminPath('shifts', `holiday-${holiday.id}`)}>
                    {weekdayName(weekdayOf(holiday.day), language)}, {dayText(holiday.day, language)}
                  </Link>
                </th>
                <td>{holiday.name}</td>
                <td>
                  {holiday.periods.length === 0
                    ? say('holiday.nobody')
                    : periodsText(holiday.periods, { say, language })}
                </td>
                <td>{say(holiday.closesQueues ? 'value.yes' : 'value.no')}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </>
  );
}
