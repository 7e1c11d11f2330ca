import { VisuallyHidden } from '@mantine/core';
import { ChevronLeft, ChevronRight } from 'lucide-react';
import { useState } from 'react';
import { Link } from 'wouter';
import type { CompanySettings, Holiday, SetupTeam, UserSchedule } from '../../../server/contract/setup-schemas.ts';
import { SelectField } from '../parts/field.tsx';
import form from '../parts/form.module.css';
import { addDays, mondayOf, weekdays } from '../parts/hours.ts';
import { compactPeriods, dayText, periodsText, weekdayName } from '../parts/hours-text.ts';
import list from '../parts/list.module.css';
import { localDay } from '../parts/wall-time.ts';
import { adminPath } from '../place.ts';
import { useWords } from '../words/use-words.ts';
import { plannedDay } from './planned-day.ts';
import classes from './shifts.module.css';

interface WeekGridProps {
  readonly schedules: readonly UserSchedule[];
  readonly holidays: readonly Holiday[];
  readonly teams: readonly SetupTeam[];
  readonly company: CompanySettings;
  readonly openId: number | undefined;
}

/** One week of everybody: a row per person, a column per day. */
export function WeekGrid({ schedules, holidays, teams, company, openId }: WeekGridProps) {
  const { say, language } = useWords();
  const today = localDay(Date.now(), company.timeZone);
  const [monday, setMonday] = useState(mondayOf(today));
  const [teamId, setTeamId] = useState<number | null>(0);
  const days = weekdays.map((weekday) => ({ weekday, day: addDays(monday, weekday - 1) }));
  const shown = schedules.filter((schedule) => teamId === 0 || schedule.teamId === teamId);
  const short = (day: string): string => dayText(day, language, 'short');
  return (
    <>
      <div className={classes.tools}>
        <button
          type="button"
          className={form.icon}
          aria-label={say('shifts.previous')}
          onClick={() => setMonday(addDays(monday, -7))}
        >
          <ChevronLeft size={18} aria-hidden="true" />
        </button>
        <b aria-live="polite">{say('shifts.range', { from: short(monday), to: short(addDays(monday, 6)) })}</b>
        <button
          type="button"
          className={form.icon}
          aria-label={say('shifts.next')}
          onClick={() => setMonday(addDays(monday, 7))}
        >
          <ChevronRight size={18} aria-hidden="true" />
        </button>
        <button
          type="button"
          className={form.quiet}
          disabled={monday === mondayOf(today)}
          onClick={() => setMonday(mondayOf(today))}
        >
          {say('shifts.thisWeek')}
        </button>
        <span className={classes.space} />
        {teams.length > 1 ? (
          <SelectField
            label={say('shifts.team')}
            value={teamId}
            options={[
              { value: 0, label: say('shifts.allTeams') },
              ...teams.map(({ id, name }) => ({ value: id, label: name })),
              { value: null, label: say('shifts.noTeam') },
            ]}
            onChange={setTeamId}
          />
        ) : null}
      </div>
      <table className={`${list.table} ${classes.week}`}>
        <thead>
          <tr>
            <th scope="col">{say('shifts.person')}</th>
            {days.map(({ weekday, day }) => (
              <th key={day} scope="col" data-today={day === today}>
                {weekdayName(weekday, language)}, {short(day)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map((schedule) => (
            <tr key={schedule.user.id} data-open={schedule.user.id === openId}>
              <th scope="row">
                <Link href={adminPath('shifts', `user-${schedule.user.id}`)}>{schedule.user.name}</Link>
                <small>
                  {schedule.version === 0 ? <> {say('shifts.none')}</> : null}
                  {schedule.timeZone === company.timeZone ? null : (
                    <> {say('shifts.zoneDiffers', { zone: schedule.timeZone })}</>
                  )}
                </small>
              </th>
              {days.map(({ day }) => (
                <DayCell key={day} schedule={schedule} holidays={holidays} day={day} isToday={day === today} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

interface DayCellProps {
  readonly schedule: UserSchedule;
  readonly holidays: readonly Holiday[];
  readonly day: string;
  readonly isToday: boolean;
}

function DayCell({ schedule, holidays, day, isToday }: DayCellProps) {
  const { say, language } = useWords();
  const { periods, reason, note, holiday } = plannedDay(schedule, holidays, day);
  const why = reason !== null ? say(`dayReason.${reason}`) : (holiday?.name ?? '');
  return (
    <td data-today={isToday} data-off={periods.length === 0} data-special={why !== ''}>
      <Link
        href={adminPath('shifts', `user-${schedule.user.id}@${day}`)}
        title={[periodsText(periods, { say, language }), why, note].filter(Boolean).join(', ')}
      >
        <VisuallyHidden>
          {schedule.user.name}, {dayText(day, language)}:
        </VisuallyHidden>
        {compactPeriods(periods, { say, language })}
        {why === '' ? null : <small>{why}</small>}
      </Link>
    </td>
  );
}
