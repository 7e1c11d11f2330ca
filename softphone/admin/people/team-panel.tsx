import { useLocation } from 'wouter';
import type { SetupTeam, SetupUser } from '../../../server/contract/setup-schemas.ts';
import { call } from '../../net/api.ts';
import { recordChange } from '../data/last-change.ts';
import { openMade } from '../data/open-made.ts';
import { refreshSetup } from '../data/queries.ts';
import { useEditor } from '../data/use-editor.ts';
import { useRights } from '../data/use-rights.ts';
import { ConfirmButton } from '../parts/confirm.tsx';
import { EditorForm, SidePanel } from '../parts/editor-panel.tsx';
import { TextField } from '../parts/field.tsx';
import form from '../parts/form.module.css';
import { PeopleChoice } from '../parts/people-choice.tsx';
import { adminPath } from '../place.ts';
import { useWords } from '../words/use-words.ts';

interface TeamFields {
  readonly name: string;
  readonly memberIds: readonly number[];
  readonly supervisorIds: readonly number[];
}

const labels = { name: 'team.name', memberIds: 'team.members', supervisorIds: 'team.supervisors' } as const;

interface TeamPanelProps {
  /** undefined: a new one. */
  readonly team: SetupTeam | undefined;
  readonly users: readonly SetupUser[];
}

/** One team: its people, and who leads it. */
export function TeamPanel({ team, users }: TeamPanelProps) {
  const { say } = useWords();
  const { isAdmin } = useRights();
  const [, navigate] = useLocation();
  const editor = useTeamEditor(team);
  const back = adminPath('people', 'teams');
  const namesOf = (ids: unknown): string =>
    Array.isArray(ids) ? ids.map((id) => users.find((user) => user.id === id)?.name ?? id).join(', ') : String(ids);
  const present = users.filter(({ disabledAt }) => disabledAt === null);
  async function remove({ id, name, version }: SetupTeam): Promise<void> {
    await call('DELETE /api/v1/setup/teams/:id', { params: { id }, querystring: { version } });
    recordChange({ did: 'removed', name, kind: 'team', id });
    navigate(back);
    await refreshSetup();
  }
  return (
    <SidePanel title={team?.name ?? say('people.newTeam')} back={back}>
      <EditorForm
        editor={editor}
        isNew={team === undefined}
        readOnly={!isAdmin}
        labelOf={(field) => say(labels[field])}
        wordsOf={(field, value) => (field === 'name' ? String(value) : namesOf(value))}
        after={
          team === undefined || !isAdmin ? null : (
            <section className={form.part}>
              <div>
                <ConfirmButton
                  label={say('team.remove')}
                  text={say('team.removeText', { name: team.name })}
                  onConfirm={() => remove(team)}
                  testId="remove"
                />
              </div>
            </section>
          )
        }
      >
        <TextField label={say('team.name')} maxLength={100} testId="team-name" {...editor.bind('name')} />
        <PeopleChoice label={say('team.members')} people={present} {...editor.bind('memberIds')} />
        <PeopleChoice
          label={say('team.supervisors')}
          hint={say('team.supervisorsHint')}
          empty={say('team.noSupervisors')}
          people={present.filter(({ role }) => role !== 'agent')}
          {...editor.bind('supervisorIds')}
        />
      </EditorForm>
    </SidePanel>
  );
}

function useTeamEditor(team: SetupTeam | undefined) {
  const { say } = useWords();
  const [, navigate] = useLocation();
  const item = `team-${team?.id ?? 'new'}`;
  return useEditor<TeamFields>({
    subject: `team:${team?.id ?? 'new'}`,
    title: team?.name ?? say('people.newTeam'),
    path: adminPath('people', item),
    current: {
      name: team?.name ?? '',
      memberIds: team?.members.map(({ id }) => id) ?? [],
      supervisorIds: team?.supervisors.map(({ id }) => id) ?? [],
    },
    version: team?.version ?? 0,
    required: ['name'],
    async save({ change, values, version }) {
      if (team !== undefined) {
        const params = { id: team.id };
        const saved = await call('PATCH /api/v1/setup/teams/:id', { params, body: { version, ...mutable(change) } });
        return recordChange({ did: 'changed', name: saved.name, kind: 'team', id: team.id });
      }
      const made = await call('POST /api/v1/setup/teams', { body: { ...mutable(values), name: values.name } });
      recordChange({ did: 'created', name: made.name, kind: 'team', id: made.id });
      await refreshSetup();
      openMade(navigate, adminPath('people', 'team-new'), adminPath('people', `team-${made.id}`));
    },
  });
}

/** The contract's arrays are mutable. */
function mutable({ name, memberIds, supervisorIds }: Partial<TeamFields>) {
  return {
    ...(name === undefined ? {} : { name }),
    ...(memberIds === undefined ? {} : { memberIds: [...memberIds] }),
    ...(supervisorIds === undefined ? {} : { supervisorIds: [...supervisorIds] }),
  };
}
