import { Button } from '@mantine/core';
import { UserPlus, Users } from 'lucide-react';
import { useDeferredValue, useState } from 'react';
import { Link, useLocation } from 'wouter';
import type { SetupTeam, SetupUser } from '../../../server/contract/setup-schemas.ts';
import { useSetup } from '../data/queries.ts';
import { useRights } from '../data/use-rights.ts';
import { CheckField } from '../parts/field.tsx';
import form from '../parts/form.module.css';
import list from '../parts/list.module.css';
import { Mark } from '../parts/mark.tsx';
import { WhenLoaded } from '../parts/when-loaded.tsx';
import { adminPath, idOf, type ScreenProps } from '../place.ts';
import { useWords } from '../words/use-words.ts';
import { matches } from './match.ts';
import { TeamPanel } from './team-panel.tsx';
import { UserPanel } from './user-panel.tsx';

/** More rows than anybody reads; the search is for the rest. */
const ROWS_SHOWN = 200;

/** Everybody who can sign in, and the teams they are in. */
export function PeopleScreen({ item }: ScreenProps) {
  const users = useSetup('GET /api/v1/setup/users');
  const teams = useSetup('GET /api/v1/setup/teams');
  return (
    <WhenLoaded queries={{ users, teams }}>
      {(data) => <People item={item} users={data.users.items} teams={data.teams.items} />}
    </WhenLoaded>
  );
}

interface PeopleProps {
  readonly item: string | undefined;
  readonly users: readonly SetupUser[];
  readonly teams: readonly SetupTeam[];
}

function People({ item, users, teams }: PeopleProps) {
  const { say } = useWords();
  const isTeams = item === 'teams' || item?.startsWith('team-') === true;
  const userId = idOf(item);
  const teamId = idOf(item, 'team-');
  const user = users.find(({ id }) => id === userId);
  const team = teams.find(({ id }) => id === teamId);
  return (
    <div className={list.screen}>
      <div className={list.main}>
        <Head isTeams={isTeams} />
        <p className={list.text}>{say('people.text')}</p>
        <nav className={list.tabs} aria-label={say('screen.people')}>
          <Link href={adminPath('people')} aria-current={isTeams ? undefined : 'page'}>
            {say('people.people')}
          </Link>
          <Link href={adminPath('people', 'teams')} aria-current={isTeams ? 'page' : undefined}>
            {say('people.teams')}
          </Link>
        </nav>
        {isTeams ? (
          <TeamTable teams={teams} openId={teamId} />
        ) : (
          <UserTable users={users} teams={teams} openId={userId} />
        )}
      </div>
      {userId === 'new' || user !== undefined ? <UserPanel key={`user-${userId}`} user={user} teams={teams} /> : null}
      {teamId === 'new' || team !== undefined ? <TeamPanel key={`team-${teamId}`} team={team} users={users} /> : null}
    </div>
  );
}

function Head({ isTeams }: { readonly isTeams: boolean }) {
  const { say } = useWords();
  const { isAdmin } = useRights();
  const [, navigate] = useLocation();
  return (
    <header className={list.head}>
      <h1>{say('screen.people')}</h1>
      {isAdmin ? (
        <Button
          size="xs"
          leftSection={isTeams ? <Users size={15} aria-hidden="true" /> : <UserPlus size={15} aria-hidden="true" />}
          onClick={() => navigate(adminPath('people', isTeams ? 'team-new' : 'new'))}
          data-testid="add"
        >
          {say(isTeams ? 'people.addTeam' : 'people.add')}
        </Button>
      ) : null}
    </header>
  );
}

interface UserTableProps {
  readonly users: readonly SetupUser[];
  readonly teams: readonly SetupTeam[];
  readonly openId: number | 'new' | undefined;
}

function UserTable({ users, teams, openId }: UserTableProps) {
  const { say } = useWords();
  const [search, setSearch] = useState('');
  const [withDisabled, setWithDisabled] = useState(false);
  const query = useDeferredValue(search);
  const teamName = (id: number | null): string => teams.find((team) => team.id === id)?.name ?? '';
  const found = users.filter(
    (user) =>
      (withDisabled || user.disabledAt === null || user.id === openId) &&
      matches(query, [user.name, user.login, teamName(user.teamId), ...user.queues.map(({ name }) => name)]),
  );
  const shown = found.slice(0, ROWS_SHOWN);
  return (
    <>
      <div className={form.actions}>
        <input
          type="search"
          className={`${form.input} ${list.search}`}
          aria-label={say('list.search')}
          placeholder={say('list.search')}
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
          data-testid="search-people"
        />
        <CheckField label={say('people.showDisabled')} value={withDisabled} onChange={setWithDisabled} />
      </div>
      {shown.length === 0 ? (
        <p className={list.empty}>{say('list.nothing')}</p>
      ) : (
        <table className={list.table}>
          <thead>
            <tr>
              <th scope="col">{say('people.name')}</th>
              <th scope="col">{say('people.role')}</th>
              <th scope="col">{say('people.team')}</th>
              <th scope="col" className={list.minor}>
                {say('people.queues')}
              </th>
              <th scope="col" className={list.minor}>
                {say('people.shifts')}
              </th>
            </tr>
          </thead>
          <tbody>
            {shown.map((user) => (
              <UserRow key={user.id} user={user} teamName={teamName(user.teamId)} isOpen={user.id === openId} />
            ))}
          </tbody>
        </table>
      )}
      {found.length > shown.length ? (
        <p className={form.text}>{say('list.more', { count: found.length - shown.length })}</p>
      ) : null}
    </>
  );
}

interface UserRowProps {
  readonly user: SetupUser;
  readonly teamName: string;
  readonly isOpen: boolean;
}

function UserRow({ user, teamName, isOpen }: UserRowProps) {
  const { say, t } = useWords();
  const isAgent = user.role === 'agent' && user.disabledAt === null;
  return (
    <tr data-open={isOpen} data-faded={user.disabledAt !== null} data-testid={`user-${user.id}`}>
      <th scope="row">
        <Link href={adminPath('people', user.id)}>{user.name}</Link>
        <br />
        <small>
          {user.login}
          {user.disabledAt === null ? '' : `, ${say('people.disabled')}`}
          {user.passwordSetAt === null ? `, ${say('people.firstPassword')}` : ''}
        </small>
      </th>
      <td>{t(`role.${user.role}`)}</td>
      <td>{teamName === '' ? say('people.noTeam') : teamName}</td>
      <td className={list.minor}>
        {user.queues.length > 0 ? (
          user.queues.map(({ name }) => name).join(', ')
        ) : isAgent ? (
          <Mark tone="warn">{say('people.noQueues')}</Mark>
        ) : null}
      </td>
      <td className={list.minor}>
        {user.hasSchedule ? (
          say('people.hasShifts')
        ) : isAgent ? (
          <Mark tone="warn">{say('people.noShifts')}</Mark>
        ) : null}
      </td>
    </tr>
  );
}

interface TeamTableProps {
  readonly teams: readonly SetupTeam[];
  readonly openId: number | 'new' | undefined;
}

function TeamTable({ teams, openId }: TeamTableProps) {
  const { say } = useWords();
  if (teams.length === 0) return <p className={list.empty}>{say('team.none')}</p>;
  return (
    <table className={list.table}>
      <thead>
        <tr>
          <th scope="col">{say('team.name')}</th>
          <th scope="col">{say('team.members')}</th>
          <th scope="col">{say('team.supervisors')}</th>
        </tr>
      </thead>
      <tbody>
        {teams.map((team) => (
          <tr key={team.id} data-open={team.id === openId}>
            <th scope="row">
              <Link href={adminPath('people', `team-${team.id}`)}>{team.name}</Link>
              <br />
              <small>{say('team.people', { count: team.members.length })}</small>
            </th>
            <td>{team.members.map(({ name }) => name).join(', ')}</td>
            <td>{team.supervisors.map(({ name }) => name).join(', ')}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
