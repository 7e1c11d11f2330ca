import { Link, useLocation } from 'wouter';
import type { SetupTeam, SetupUser } from '../../../server/contract/setup-schemas.ts';
import { rightsOfNew, roles, seesWords } from '../../../server/contract/words.ts';
import { dayMonth } from '../../i18n/format.ts';
import { call } from '../../net/api.ts';
import { recordChange } from '../data/last-change.ts';
import { openMade } from '../data/open-made.ts';
import { refreshSetup, useSetup } from '../data/queries.ts';
import { useEditor } from '../data/use-editor.ts';
import { useRights } from '../data/use-rights.ts';
import { ConfirmButton } from '../parts/confirm.tsx';
import { EditorForm, SidePanel } from '../parts/editor-panel.tsx';
import { CheckField, SelectField, TextField } from '../parts/field.tsx';
import form from '../parts/form.module.css';
import { LanguageField } from '../parts/place-fields.tsx';
import { ShownOnce } from '../parts/shown-once.tsx';
import { adminPath } from '../place.ts';
import type { Say, WordKey } from '../words/translate.ts';
import { useWords } from '../words/use-words.ts';
import { forgetSecrets, keepSecrets, useSecrets } from './secrets.ts';

interface UserFields {
  readonly login: string;
  readonly name: string;
  readonly role: SetupUser['role'];
  readonly teamId: number | null;
  readonly language: 'ru' | 'en';
  readonly sees: SetupUser['sees'];
  readonly mayExport: boolean;
}

const labels = {
  login: 'people.login',
  name: 'people.name',
  role: 'people.role',
  teamId: 'people.team',
  language: 'people.language',
  sees: 'people.sees',
  mayExport: 'people.mayExport',
} as const satisfies Record<keyof UserFields, WordKey>;

const newUser = { login: '', name: '', role: 'agent', teamId: null, ...rightsOfNew.agent } as const;

interface UserPanelProps {
  /** undefined: a new one. */
  readonly user: SetupUser | undefined;
  readonly teams: readonly SetupTeam[];
}

/** One person: who he is, how he signs in, his desk phone, and whether he may. */
export function UserPanel({ user, teams }: UserPanelProps) {
  const { say, t } = useWords();
  const { isAdmin } = useRights();
  const editor = useUserEditor(user);
  const label = (field: keyof UserFields): string => say(labels[field]);
  function wordsOf(field: keyof UserFields, value: unknown): string {
    if (field === 'teamId') return teams.find(({ id }) => id === value)?.name ?? say('people.noTeam');
    if (field === 'sees') return say(`people.sees.${value as SetupUser['sees']}`);
    if (field === 'mayExport') return say(value === true ? 'value.yes' : 'value.no');
    if (field === 'role') return t(`role.${value as SetupUser['role']}`);
    return field === 'language' ? t(`language.${value as 'ru' | 'en'}`) : String(value);
  }
  return (
    <SidePanel title={user?.name ?? say('people.new')} back={adminPath('people')}>
      <EditorForm
        editor={editor}
        isNew={user === undefined}
        readOnly={!isAdmin}
        labelOf={label}
        wordsOf={wordsOf}
        before={user === undefined ? undefined : <UserSecrets userId={user.id} />}
        after={user === undefined ? <p className={form.text}>{say('people.passwordNew')}</p> : <UserMore user={user} />}
      >
        <TextField label={label('name')} maxLength={100} testId="user-name" {...editor.bind('name')} />
        <TextField
          label={label('login')}
          hint={say('people.loginHint')}
          maxLength={64}
          testId="user-login"
          {...editor.bind('login')}
        />
        <SelectField
          label={label('role')}
          options={roles.map((value) => ({ value, label: say(`people.role.${value}`) }))}
          testId="user-role"
          {...editor.bind('role')}
          // a new person gets what is usual for his role; of others nothing else changes
          onChange={(role) => editor.set(user === undefined ? { role, ...rightsOfNew[role] } : { role })}
        />
        <div className={form.pair}>
          <SelectField
            label={label('teamId')}
            options={[
              { value: null, label: say('people.noTeam') },
              ...teams.map(({ id, name }) => ({ value: id, label: name })),
            ]}
            testId="user-team"
            {...editor.bind('teamId')}
          />
          <LanguageField {...editor.bind('language')} />
        </div>
        <UserRights editor={editor} />
      </EditorForm>
    </SidePanel>
  );
}

const seesHints = {
  agent: 'people.seesHint',
  supervisor: 'people.seesSupervisorHint',
  admin: 'people.seesAdminHint',
} as const satisfies Record<SetupUser['role'], WordKey>;

/** Whose clients he sees, and whether he may take them out of the house. */
function UserRights({ editor }: { readonly editor: ReturnType<typeof useUserEditor> }) {
  const { say } = useWords();
  const { role } = editor.values;
  return (
    <>
      <SelectField
        label={say('people.sees')}
        hint={say(seesHints[role])}
        options={seesWords.map((value) => ({ value, label: say(`people.sees.${value}`) }))}
        testId="user-sees"
        {...editor.bind('sees')}
      />
      <CheckField
        label={say('people.mayExport')}
        hint={say('people.mayExportHint')}
        testId="user-may-export"
        {...editor.bind('mayExport')}
      />
    </>
  );
}

function useUserEditor(user: SetupUser | undefined) {
  const { say, language } = useWords();
  const [, navigate] = useLocation();
  const company = useSetup('GET /api/v1/setup/company');
  const current: UserFields =
    user === undefined
      ? { ...newUser, language: company.data?.language ?? language }
      : {
          login: user.login,
          name: user.name,
          role: user.role,
          teamId: user.teamId,
          language: user.language,
          sees: user.sees,
          mayExport: user.mayExport,
        };
  return useEditor<UserFields>({
    subject: `user:${user?.id ?? 'new'}`,
    title: user?.name ?? say('people.new'),
    path: adminPath('people', user?.id ?? 'new'),
    current,
    version: user?.version ?? 0,
    required: ['name', 'login'],
    async save({ change, values, version }) {
      if (user !== undefined) {
        const params = { id: user.id };
        const saved = await call('PATCH /api/v1/setup/users/:id', { params, body: { version, ...change } });
        return recordChange({ did: 'changed', name: saved.name, kind: 'user', id: user.id });
      }
      const made = await call('POST /api/v1/setup/users', { body: values });
      const { id, name, login } = made.user;
      recordChange({ did: 'created', name, kind: 'user', id });
      keepSecrets(id, [
        { label: say('people.login'), value: login },
        ...(made.password === null ? [] : [{ label: say('people.password'), value: made.password }]),
      ]);
      await refreshSetup();
      openMade(navigate, adminPath('people', 'new'), adminPath('people', id));
    },
  });
}

function UserSecrets({ userId }: { readonly userId: number }) {
  const secrets = useSecrets((store) => store.byUser.get(userId));
  if (secrets === undefined) return null;
  return <ShownOnce values={secrets} onDone={() => forgetSecrets(userId)} />;
}

/** What is done at once, not with Save: password, desk phone, disabling. */
function UserMore({ user }: { readonly user: SetupUser }) {
  const { say, language } = useWords();
  const { isAdmin, userId } = useRights();
  const { name } = user;
  const account = `sip:${user.sip.aor}@${user.sip.realm}`;
  const actions = userActions(user, say);
  const passwordText =
    user.passwordSetAt === null
      ? say('people.passwordFirst')
      : say('people.passwordSet', { date: dayMonth(user.passwordSetAt, Date.now(), language) });
  return (
    <>
      <section className={form.part}>
        <h3>{say('people.links')}</h3>
        <div className={form.actions}>
          <Link href={adminPath('shifts', `user-${user.id}`)}>{say('people.toShifts')}</Link>
          {user.queues.map((queue) => (
            <Link key={queue.id} href={adminPath('queues', queue.id)}>
              {queue.name}
            </Link>
          ))}
        </div>
      </section>
      <section className={form.part}>
        <h3>{say('people.password')}</h3>
        <p className={form.text}>{passwordText}</p>
        {isAdmin ? (
          <div>
            <ConfirmButton
              label={say('people.resetPassword')}
              text={user.id === userId ? say('people.resetOwnText') : say('people.resetPasswordText', { name })}
              onConfirm={actions.resetPassword}
              testId="reset-password"
            />
          </div>
        ) : null}
      </section>
      <section className={form.part}>
        <h3>{say('people.sip')}</h3>
        <p className={form.text}>{say('people.sipText', { account })}</p>
        {isAdmin ? (
          <div>
            <ConfirmButton
              label={say('people.sipReset')}
              text={say('people.sipResetText', { name })}
              onConfirm={actions.resetSip}
              testId="reset-sip"
            />
          </div>
        ) : null}
      </section>
      {isAdmin ? (
        <section className={form.part}>
          <div>
            {user.disabledAt === null ? (
              <ConfirmButton
                label={say('people.disable')}
                text={say('people.disableText', { name })}
                onConfirm={() => actions.setDisabled(true)}
                testId="disable"
              />
            ) : (
              <ConfirmButton
                label={say('people.enable')}
                text={say('people.enableText', { name })}
                tone="plain"
                onConfirm={() => actions.setDisabled(false)}
                testId="enable"
              />
            )}
          </div>
        </section>
      ) : null}
    </>
  );
}

function userActions(user: SetupUser, say: Say) {
  const params = { id: user.id };
  return {
    async resetPassword(): Promise<void> {
      const { password } = await call('POST /api/v1/setup/users/:id/password', { params, body: {} });
      keepSecrets(user.id, [
        { label: say('people.login'), value: user.login },
        { label: say('people.password'), value: password ?? '' },
      ]);
      await refreshSetup();
    },
    async resetSip(): Promise<void> {
      const { aor, realm, secret } = await call('POST /api/v1/setup/users/:id/sip-secret', { params });
      keepSecrets(user.id, [
        { label: say('people.sipAccount'), value: aor },
        { label: say('people.sipRealm'), value: realm },
        { label: say('people.sipSecret'), value: secret },
      ]);
      await refreshSetup();
    },
    async setDisabled(disabled: boolean): Promise<void> {
      await call('PATCH /api/v1/setup/users/:id', { params, body: { version: user.version, disabled } });
      recordChange({ did: 'changed', name: user.name, kind: 'user', id: user.id });
      await refreshSetup();
    },
  };
}
