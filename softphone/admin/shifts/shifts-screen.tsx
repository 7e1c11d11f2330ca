import { Link } from 'wouter';
import type { CompanySettings, Holiday, SetupTeam, UserSchedule } from '../../../server/contract/setup-schemas.ts';
import { useSetup } from '../data/queries.ts';
import list from '../parts/list.module.css';
import { WhenLoaded } from '../parts/when-loaded.tsx';
import { adminPath, idOf, type ScreenProps } from '../place.ts';
import { useWords } from '../words/use-words.ts';
import { CoveragePicture } from './coverage-picture.tsx';
import { HolidayList } from './holiday-list.tsx';
import { HolidayPanel } from './holiday-panel.tsx';
import { SchedulePanel } from './schedule-panel.tsx';
import { WeekGrid } from './week-grid.tsx';

/** Who works when: patterns, days that differ, and what is left uncovered. */
export function ShiftsScreen({ item }: ScreenProps) {
  const schedules = useSetup('GET /api/v1/setup/schedules');
  const holidays = useSetup('GET /api/v1/setup/holidays');
  const teams = useSetup('GET /api/v1/setup/teams');
  const company = useSetup('GET /api/v1/setup/company');
  return (
    <WhenLoaded queries={{ schedules, holidays, teams, company }}>
      {(data) => (
        <Shifts
          item={item}
          schedules={data.schedules.items}
          holidays={data.holidays.items}
          teams={data.teams.items}
          company={data.company}
        />
      )}
    </WhenLoaded>
  );
}

interface ShiftsProps {
  readonly item: string | undefined;
  readonly schedules: readonly UserSchedule[];
  readonly holidays: readonly Holiday[];
  readonly teams: readonly SetupTeam[];
  readonly company: CompanySettings;
}

type Tab = 'week' | 'coverage' | 'holidays';

function tabOf(item: string | undefined): Tab {
  if (item === 'coverage') return 'coverage';
  return item === 'holidays' || item?.startsWith('holiday-') === true ? 'holidays' : 'week';
}

/** `user-3` or `user-3@2026-01-12`: a person, and the day of his that was pointed at. */
function chosen(item: string | undefined): { readonly userId: number | undefined; readonly day: string | undefined } {
  const [user, day] = item?.split('@') ?? [];
  const userId = idOf(user, 'user-');
  return { userId: typeof userId === 'number' ? userId : undefined, day };
}

function Shifts({ item, schedules, holidays, teams, company }: ShiftsProps) {
  const { say } = useWords();
  const tab = tabOf(item);
  const { userId, day } = chosen(item);
  const schedule = schedules.find(({ user }) => user.id === userId);
  const holidayId = idOf(item, 'holiday-');
  const holiday = holidays.find(({ id }) => id === holidayId);
  const tabs: readonly (readonly [Tab, string])[] = [
    ['week', adminPath('shifts')],
    ['coverage', adminPath('shifts', 'coverage')],
    ['holidays', adminPath('shifts', 'holidays')],
  ];
  return (
    <div className={list.screen}>
      <div className={list.main}>
        <header className={list.head}>
          <h1>{say('screen.shifts')}</h1>
        </header>
        <p className={list.text}>{say('shifts.text')}</p>
        <nav className={list.tabs} aria-label={say('screen.shifts')}>
          {tabs.map(([name, path]) => (
            <Link key={name} href={path} aria-current={tab === name ? 'page' : undefined}>
              {say(`shifts.${name}`)}
            </Link>
          ))}
        </nav>
        {tab === 'week' ? <WeekGrid {...{ schedules, holidays, teams, company }} openId={userId} /> : null}
        {tab === 'coverage' ? <CoveragePicture timeZone={company.timeZone} /> : null}
        {tab === 'holidays' ? <HolidayList holidays={holidays} openId={holidayId} /> : null}
      </div>
      {schedule === undefined ? null : (
        <SchedulePanel
          key={`schedule-${schedule.user.id}`}
          schedule={schedule}
          schedules={schedules}
          company={company}
          day={day}
        />
      )}
      {holiday !== undefined || holidayId === 'new' ? (
        <HolidayPanel key={`holiday-${holidayId}`} holiday={holiday} />
      ) : null}
    </div>
  );
}
