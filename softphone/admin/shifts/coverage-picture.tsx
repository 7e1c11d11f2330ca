import { useState } from 'react';
import { Link } from 'wouter';
import type { Shifts } from '../../../server/contract/setup-schemas.ts';
import { useSetup } from '../data/queries.ts';
import { addDays, daysBetween, weekdayOf } from '../parts/hours.ts';
import { dayText, hoursText, spanText, weekdayName } from '../parts/hours-text.ts';
import list from '../parts/list.module.css';
import { Mark } from '../parts/mark.tsx';
import { zoneText } from '../parts/places.ts';
import { localDay, midnightOf, splitByDay } from '../parts/wall-time.ts';
import { WhenLoaded } from '../parts/when-loaded.tsx';
import { adminPath } from '../place.ts';
import { useWords } from '../words/use-words.ts';
import { type CoverageStretch, coverageOf } from './coverage.ts';
import classes from './shifts.module.css';

const DAYS = 14;
const DAY_MS = 86_400_000;
const DAY_MINUTES = 1440;
const MINUTE_MS = 60_000;
const marks = ['00', '06', '12', '18', '24'] as const;

/** A drawing of the next fortnight per queue, with every hole marked and listed. */
export function CoveragePicture({ timeZone }: { readonly timeZone: string }) {
  const { say } = useWords();
  // asked for whole days, so that the question stays the same while the page is open
  const [from] = useState(() => midnightOf(Date.now(), timeZone));
  const shifts = useSetup('GET /api/v1/setup/shifts', {
    from: new Date(from).toISOString(),
    to: new Date(from + DAYS * DAY_MS).toISOString(),
  });
  return (
    <WhenLoaded queries={{ shifts }}>
      {(data) => (
        <>
          <p className={list.text}>{say('coverage.text')}</p>
          <ul className={classes.legend}>
            <li>{say('coverage.title', { zone: zoneText(timeZone) })}</li>
            {(['covered', 'hole', 'closed'] as const).map((kind) => (
              <li key={kind}>
                <i className={classes[kind]} />
                {say(`coverage.${kind}`)}
              </li>
            ))}
          </ul>
          {data.shifts.queues.length === 0 ? <p className={list.empty}>{say('coverage.noQueues')}</p> : null}
          {data.shifts.queues.map(({ queue }) => (
            <QueueCoverage key={queue.id} shifts={data.shifts} queue={queue} from={from} timeZone={timeZone} />
          ))}
        </>
      )}
    </WhenLoaded>
  );
}

interface QueueCoverageProps {
  readonly shifts: Shifts;
  readonly queue: { readonly id: number; readonly name: string };
  readonly from: number;
  readonly timeZone: string;
}

function QueueCoverage({ shifts, queue, from, timeZone }: QueueCoverageProps) {
  const { say, language } = useWords();
  const stretches = coverageOf(shifts, queue.id);
  const pieces = stretches.flatMap((stretch) => splitByDay(stretch, timeZone));
  const holes = stretches.filter(({ people }) => people === 0);
  const minutes = holes.reduce((sum, { startsAt, endsAt }) => sum + (endsAt - startsAt) / MINUTE_MS, 0);
  const first = localDay(from, timeZone);
  return (
    <section className={classes.queue} data-testid={`coverage-${queue.id}`}>
      <div className={classes.queueHead}>
        <h2>{queue.name}</h2>
        {holes.length === 0 ? (
          <Mark tone="good">{say('coverage.noHoles')}</Mark>
        ) : (
          <Mark tone="bad">{say('coverage.holes', { count: holes.length, hours: hoursText(minutes, language) })}</Mark>
        )}
        <Link href={adminPath('queues', queue.id)}>{say('coverage.toQueue')}</Link>
      </div>
      <div className={classes.picture} role="img" aria-label={say('coverage.picture', { queue: queue.name })}>
        <div className={classes.hours}>
          {marks.map((mark) => (
            <span key={mark}>{mark}</span>
          ))}
        </div>
        {daysBetween(first, addDays(first, DAYS - 1)).map((day) => (
          <div key={day} className={classes.dayRow} data-weekend={weekdayOf(day) > 5}>
            <span>
              {weekdayName(weekdayOf(day), language)}, {dayText(day, language, 'short')}
            </span>
            <DayBar pieces={pieces.filter((piece) => piece.day === day)} />
          </div>
        ))}
      </div>
      {holes.length === 0 ? null : <Holes holes={holes} timeZone={timeZone} />}
    </section>
  );
}

type Piece = ReturnType<typeof splitByDay<CoverageStretch>>[number];

function DayBar({ pieces }: { readonly pieces: readonly Piece[] }) {
  const { say } = useWords();
  return (
    <div className={classes.bar}>
      {pieces.map(({ startsAt, fromMinute, toMinute, people }) => (
        <i
          key={startsAt}
          className={people === 0 ? classes.hole : classes.covered}
          title={people === 0 ? say('coverage.hole') : say('coverage.people', { count: people })}
          style={{
            left: `${(fromMinute / DAY_MINUTES) * 100}%`,
            width: `${((toMinute - fromMinute) / DAY_MINUTES) * 100}%`,
          }}
        >
          {people === 0 ? '' : people}
        </i>
      ))}
    </div>
  );
}

interface HolesProps {
  readonly holes: readonly CoverageStretch[];
  readonly timeZone: string;
}

/** The same in words, for those who do not see the drawing and those who mend it. */
function Holes({ holes, timeZone }: HolesProps) {
  const { language } = useWords();
  return (
    <ul className={classes.holes}>
      {holes.map(({ startsAt, endsAt }) => (
        <li key={startsAt}>{spanText(startsAt, endsAt, timeZone, language)}</li>
      ))}
    </ul>
  );
}
