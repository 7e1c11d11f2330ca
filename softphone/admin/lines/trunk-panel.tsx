import { useLocation } from 'wouter';
import type { SetupTrunk } from '../../../server/contract/setup-schemas.ts';
import { numberFormats, trunkTransports } from '../../../server/contract/setup-words.ts';
import { call } from '../../net/api.ts';
import { recordChange } from '../data/last-change.ts';
import { openMade } from '../data/open-made.ts';
import { refreshSetup } from '../data/queries.ts';
import { useEditor } from '../data/use-editor.ts';
import { useRights } from '../data/use-rights.ts';
import { ConfirmButton } from '../parts/confirm.tsx';
import { EditorForm, SidePanel } from '../parts/editor-panel.tsx';
import { AreaField, NumberField, SelectField, TextField } from '../parts/field.tsx';
import form from '../parts/form.module.css';
import { adminPath } from '../place.ts';
import { useWords } from '../words/use-words.ts';
import { addressesText, type TrunkFields, trunkBody } from './trunk-fields.ts';

const labels = {
  name: 'trunk.name',
  host: 'trunk.host',
  port: 'trunk.port',
  transport: 'trunk.transport',
  addresses: 'trunk.addresses',
  username: 'trunk.username',
  password: 'trunk.password',
  numberFormat: 'trunk.numberFormat',
} as const;

interface TrunkPanelProps {
  /** undefined: a new one. */
  readonly trunk: SetupTrunk | undefined;
}

/** One carrier: where it is, how both sides know each other, and how it wants numbers. */
export function TrunkPanel({ trunk }: TrunkPanelProps) {
  const { say } = useWords();
  const { isAdmin } = useRights();
  const [, navigate] = useLocation();
  const editor = useTrunkEditor(trunk);
  const back = adminPath('lines');
  async function remove({ id, name, version }: SetupTrunk): Promise<void> {
    await call('DELETE /api/v1/setup/trunks/:id', { params: { id }, querystring: { version } });
    recordChange({ did: 'removed', name, kind: 'trunk', id });
    navigate(back);
    await refreshSetup();
  }
  return (
    <SidePanel title={trunk?.name ?? say('lines.newTrunk')} back={back}>
      <EditorForm
        editor={editor}
        isNew={trunk === undefined}
        readOnly={!isAdmin}
        labelOf={(field) => say(labels[field])}
        after={
          trunk === undefined || !isAdmin ? null : (
            <section className={form.part}>
              <div>
                <ConfirmButton
                  label={say('trunk.remove')}
                  text={say('trunk.removeText', { name: trunk.name })}
                  onConfirm={() => remove(trunk)}
                  testId="remove"
                />
              </div>
            </section>
          )
        }
      >
        <TextField label={say('trunk.name')} maxLength={100} testId="trunk-name" {...editor.bind('name')} />
        <TextField
          label={say('trunk.host')}
          hint={say('trunk.hostHint')}
          maxLength={253}
          testId="trunk-host"
          {...editor.bind('host')}
        />
        <div className={form.pair}>
          <NumberField label={say('trunk.port')} min={1} max={65_535} {...editor.bind('port')} />
          <SelectField
            label={say('trunk.transport')}
            options={trunkTransports.map((value) => ({ value, label: value.toUpperCase() }))}
            {...editor.bind('transport')}
          />
        </div>
        <AreaField
          label={say('trunk.addresses')}
          hint={say('trunk.addressesHint')}
          testId="trunk-addresses"
          {...editor.bind('addresses')}
        />
        <div className={form.pair}>
          <TextField label={say('trunk.username')} maxLength={128} {...editor.bind('username')} />
          <TextField
            label={say('trunk.password')}
            hint={trunk?.hasPassword === true ? say('trunk.passwordKept') : say('trunk.passwordHint')}
            placeholder={trunk?.hasPassword === true ? '••••••••' : say('trunk.passwordNone')}
            type="password"
            autoComplete="new-password"
            maxLength={256}
            {...editor.bind('password')}
          />
        </div>
        <SelectField
          label={say('trunk.numberFormat')}
          options={numberFormats.map((value) => ({ value, label: say(`trunk.format.${value}`) }))}
          testId="trunk-format"
          {...editor.bind('numberFormat')}
        />
      </EditorForm>
    </SidePanel>
  );
}

const fresh: TrunkFields = {
  name: '',
  host: '',
  port: 5060,
  transport: 'udp',
  addresses: '',
  username: '',
  password: '',
  numberFormat: 'e164',
};

function fieldsOf(trunk: SetupTrunk): TrunkFields {
  const { name, host, port, transport, addresses, username, numberFormat } = trunk;
  return { name, host, port, transport, addresses: addressesText(addresses), username, password: '', numberFormat };
}

function useTrunkEditor(trunk: SetupTrunk | undefined) {
  const { say } = useWords();
  const [, navigate] = useLocation();
  return useEditor<TrunkFields>({
    subject: `trunk:${trunk?.id ?? 'new'}`,
    title: trunk?.name ?? say('lines.newTrunk'),
    path: adminPath('lines', `trunk-${trunk?.id ?? 'new'}`),
    current: trunk === undefined ? fresh : fieldsOf(trunk),
    version: trunk?.version ?? 0,
    required: ['name', 'host'],
    async save({ change, values, version }) {
      if (trunk !== undefined) {
        const params = { id: trunk.id };
        const saved = await call('PATCH /api/v1/setup/trunks/:id', { params, body: { version, ...trunkBody(change) } });
        return recordChange({ did: 'changed', name: saved.name, kind: 'trunk', id: trunk.id });
      }
      const body = { ...trunkBody(values), name: values.name, host: values.host };
      const made = await call('POST /api/v1/setup/trunks', { body });
      recordChange({ did: 'created', name: made.name, kind: 'trunk', id: made.id });
      await refreshSetup();
      openMade(navigate, adminPath('lines', 'trunk-new'), adminPath('lines', `trunk-${made.id}`));
    },
  });
}
