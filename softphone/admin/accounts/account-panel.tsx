import { useLocation } from 'wouter';
import type { SetupAccount } from '../../../server/contract/setup-message-schemas.ts';
import { ownAccountKinds } from '../../../server/contract/setup-message-words.ts';
import type { SetupQueue } from '../../../server/contract/setup-schemas.ts';
import { call } from '../../net/api.ts';
import { recordChange } from '../data/last-change.ts';
import { openMade } from '../data/open-made.ts';
import { refreshSetup } from '../data/queries.ts';
import { useEditor } from '../data/use-editor.ts';
import { useRights } from '../data/use-rights.ts';
import { ConfirmButton } from '../parts/confirm.tsx';
import { EditorForm, SidePanel } from '../parts/editor-panel.tsx';
import { CheckField, SelectField, TextField } from '../parts/field.tsx';
import form from '../parts/form.module.css';
import { adminPath } from '../place.ts';
import { useWords } from '../words/use-words.ts';
import { type AccountFields, fieldsOf, newAccount, newSettings, secretsBody, settingsBody } from './account-fields.ts';
import classes from './accounts.module.css';
import { AddressesPart } from './addresses-part.tsx';
import { CheckPart } from './check-part.tsx';
import { ConsentPart } from './consent-part.tsx';
import { kindParts } from './kind-parts.tsx';

const labels = {
  kind: 'account.kind',
  name: 'field.name',
  enabled: 'account.enabled',
  settings: 'account.settings',
  secrets: 'account.secrets',
  addresses: 'accounts.addresses',
} as const;

interface AccountPanelProps {
  /** undefined: a new one. */
  readonly account: SetupAccount | undefined;
  readonly queues: readonly SetupQueue[];
}

/** One account: how it connects, its addresses, and whether it works. */
export function AccountPanel({ account, queues }: AccountPanelProps) {
  const { say } = useWords();
  const { isAdmin } = useRights();
  const [, navigate] = useLocation();
  const editor = useAccountEditor(account, queues);
  const back = adminPath('accounts');
  const { kind } = editor.values;
  const KindPart = kindParts[kind];
  async function remove({ id, name, version }: SetupAccount): Promise<void> {
    await call('DELETE /api/v1/setup/channel-accounts/:id', { params: { id }, querystring: { version } });
    recordChange({ did: 'removed', name, kind: 'channel_account', id });
    navigate(back);
    await refreshSetup();
  }
  return (
    <SidePanel title={account?.name ?? say('accounts.new')} back={back} wide>
      <EditorForm
        editor={editor}
        isNew={account === undefined}
        readOnly={!isAdmin}
        labelOf={(field) => say(labels[field])}
        after={
          account === undefined || !isAdmin ? null : (
            <>
              <WebhookPart account={account} />
              <ConsentPart account={account} isDirty={editor.isDirty} />
              <CheckPart accountId={account.id} isDirty={editor.isDirty} />
              <section className={form.part}>
                <div>
                  <ConfirmButton
                    label={say('account.remove')}
                    text={say('account.removeText', { name: account.name })}
                    onConfirm={() => remove(account)}
                    testId="remove"
                  />
                </div>
              </section>
            </>
          )
        }
      >
        {account === undefined ? (
          <SelectField
            label={say('account.kind')}
            options={ownAccountKinds.map((value) => ({ value, label: say(`account.kind.${value}`) }))}
            value={kind}
            onChange={(next) => editor.set({ kind: next, settings: newSettings[next], secrets: {} })}
            testId="account-kind"
          />
        ) : (
          <p className={form.text}>{say(`account.kind.${kind}`)}</p>
        )}
        <TextField label={say('field.name')} maxLength={100} testId="account-name" {...editor.bind('name')} />
        <CheckField
          label={say('account.enabled')}
          hint={say('account.enabledHint')}
          testId="account-enabled"
          {...editor.bind('enabled')}
        />
        <AddressesPart editor={editor} queues={queues} />
        <KindPart editor={editor} kept={account?.secrets ?? []} />
      </EditorForm>
    </SidePanel>
  );
}

/** What the other side has to be told. */
function WebhookPart({ account: { kind, webhookUrl } }: { readonly account: SetupAccount }) {
  const { say } = useWords();
  if (kind !== 'twilio' && kind !== 'web_chat') return null;
  return (
    <section className={form.part}>
      <p className={form.text}>{say(kind === 'twilio' ? 'twilio.webhook' : 'chat.snippet')}</p>
      <pre className={classes.code}>
        {kind === 'twilio' ? `${webhookUrl}sms` : `<script src="${webhookUrl}widget.js" async></script>`}
      </pre>
    </section>
  );
}

function useAccountEditor(account: SetupAccount | undefined, queues: readonly SetupQueue[]) {
  const { say } = useWords();
  const [, navigate] = useLocation();
  return useEditor<AccountFields>({
    subject: `account:${account?.id ?? 'new'}`,
    title: account?.name ?? say('accounts.new'),
    path: adminPath('accounts', account?.id ?? 'new'),
    current: account === undefined ? newAccount(queues[0]?.id ?? 0) : fieldsOf(account),
    version: account?.version ?? 0,
    required: ['name'],
    async save({ change, values, version }) {
      const secrets = secretsBody(values.secrets);
      const hasSecrets = Object.keys(secrets).length > 0;
      if (account !== undefined) {
        const { name, enabled, settings, addresses } = change;
        const body = {
          version,
          ...(name === undefined ? {} : { name }),
          ...(enabled === undefined ? {} : { enabled }),
          ...(settings === undefined ? {} : { settings: settingsBody(settings) }),
          ...(addresses === undefined ? {} : { addresses: [...addresses] }),
          ...(hasSecrets ? { secrets } : {}),
        };
        await call('PATCH /api/v1/setup/channel-accounts/:id', { params: { id: account.id }, body });
        const steps = hasSecrets && Object.keys(change).length > 1 ? 2 : 1;
        return recordChange({ did: 'changed', name: values.name, kind: 'channel_account', id: account.id, steps });
      }
      const kind = ownAccountKinds.find((one) => one === values.kind) ?? 'mailbox';
      const { name, enabled } = values;
      const made = await call('POST /api/v1/setup/channel-accounts', {
        body: {
          kind,
          name,
          enabled,
          settings: settingsBody(values.settings),
          addresses: [...values.addresses],
          ...(hasSecrets ? { secrets } : {}),
        },
      });
      const steps = hasSecrets ? 2 : 1;
      recordChange({ did: 'created', name: made.name, kind: 'channel_account', id: made.id, steps });
      await refreshSetup();
      openMade(navigate, adminPath('accounts', 'new'), adminPath('accounts', made.id));
    },
  });
}
