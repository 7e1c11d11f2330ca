import { useLocation } from 'wouter';
import { messageChannelNames, ruleActions, ruleMatches } from '../../../server/contract/messages-words.ts';
import type { SetupAccount, SetupRule } from '../../../server/contract/setup-message-schemas.ts';
import type { SetupQueue, SetupUser } from '../../../server/contract/setup-schemas.ts';
import { call } from '../../net/api.ts';
import { recordChange } from '../data/last-change.ts';
import { openMade } from '../data/open-made.ts';
import { refreshSetup } from '../data/queries.ts';
import { type Editor, useEditor } from '../data/use-editor.ts';
import { useRights } from '../data/use-rights.ts';
import { ConfirmButton } from '../parts/confirm.tsx';
import { EditorForm, SidePanel } from '../parts/editor-panel.tsx';
import { AreaField, CheckField, SelectField, TextField } from '../parts/field.tsx';
import form from '../parts/form.module.css';
import { adminPath } from '../place.ts';
import { BodyField } from '../templates/body-field.tsx';
import { useWords } from '../words/use-words.ts';
import { type RuleFields, type RuleNames, ruleSentence } from './rule-sentence.ts';

const fresh: RuleFields = {
  name: '',
  enabled: true,
  channel: null,
  addressId: null,
  match: 'contains',
  words: [],
  action: 'reply',
  text: '',
  queueId: null,
  userId: null,
};

const labels = {
  name: 'field.name',
  enabled: 'rule.enabled',
  channel: 'rule.channel',
  addressId: 'rule.address',
  match: 'rule.match',
  words: 'rule.words',
  action: 'rule.action',
  text: 'template.body',
  queueId: 'rule.queueId',
  userId: 'rule.userId',
} as const;

export interface RuleLists {
  readonly accounts: readonly SetupAccount[];
  readonly queues: readonly SetupQueue[];
  readonly users: readonly SetupUser[];
}

interface RulePanelProps extends RuleLists {
  /** undefined: a new one. */
  readonly rule: SetupRule | undefined;
  readonly names: RuleNames;
}

/** One rule: its condition, what is done, and both as a sentence. */
export function RulePanel({ rule, names, ...lists }: RulePanelProps) {
  const { say } = useWords();
  const { isAdmin } = useRights();
  const [, navigate] = useLocation();
  const editor = useRuleEditor(rule);
  const back = adminPath('rules');
  async function remove({ id, name, version }: SetupRule): Promise<void> {
    await call('DELETE /api/v1/setup/inbound-rules/:id', { params: { id }, querystring: { version } });
    recordChange({ did: 'removed', name, kind: 'inbound_rule', id });
    navigate(back);
    await refreshSetup();
  }
  return (
    <SidePanel title={rule?.name ?? say('rules.new')} back={back} wide>
      <EditorForm
        editor={editor}
        isNew={rule === undefined}
        readOnly={!isAdmin}
        labelOf={(field) => say(labels[field])}
        after={
          <>
            <section className={form.part}>
              <h3>{say('rule.preview')}</h3>
              <p className={form.text} data-testid="sentence">
                {ruleSentence(editor.values, names, say)}
              </p>
            </section>
            {rule === undefined || !isAdmin ? null : (
              <section className={form.part}>
                <div>
                  <ConfirmButton
                    label={say('rule.remove')}
                    text={say('rule.removeText', { name: rule.name })}
                    onConfirm={() => remove(rule)}
                    testId="remove"
                  />
                </div>
              </section>
            )}
          </>
        }
      >
        <TextField label={say('field.name')} maxLength={100} testId="rule-name" {...editor.bind('name')} />
        <CheckField label={say('rule.enabled')} testId="rule-enabled" {...editor.bind('enabled')} />
        <ConditionPart editor={editor} {...lists} />
        <ActionPart editor={editor} {...lists} />
      </EditorForm>
    </SidePanel>
  );
}

interface PartProps extends RuleLists {
  readonly editor: Editor<RuleFields>;
}

function ConditionPart({ editor, accounts }: PartProps) {
  const { say } = useWords();
  const { channel, match, words } = editor.values;
  const addresses = accounts
    .filter((account) => channel === null || account.channel === channel)
    .flatMap((account) => account.addresses);
  return (
    <section className={form.part}>
      <h3>{say('rule.if')}</h3>
      <div className={form.pair}>
        <SelectField
          label={say('rule.channel')}
          options={[
            { value: null, label: say('channel.every') },
            ...messageChannelNames.map((value) => ({ value, label: say(`channel.${value}`) })),
          ]}
          value={channel}
          onChange={(next) => editor.set({ channel: next, addressId: null })}
          testId="rule-channel"
        />
        <SelectField
          label={say('rule.address')}
          options={[
            { value: null, label: say('rule.everyAddress') },
            ...addresses.map(({ id, value }) => ({ value: id, label: value })),
          ]}
          {...editor.bind('addressId')}
        />
      </div>
      <SelectField
        label={say('rule.match')}
        options={ruleMatches.map((value) => ({ value, label: say(`rule.match.${value}`) }))}
        testId="rule-match"
        {...editor.bind('match')}
      />
      {match === 'keyword' || match === 'contains' ? (
        <AreaField
          label={say('rule.words')}
          value={words.join('\n')}
          error={editor.errorAt('words')}
          onChange={(text) => editor.set({ words: text.split('\n') })}
          testId="rule-words"
        />
      ) : null}
    </section>
  );
}

function ActionPart({ editor, queues, users }: PartProps) {
  const { say } = useWords();
  const { action } = editor.values;
  const people = users.filter(({ disabledAt }) => disabledAt === null);
  return (
    <section className={form.part}>
      <h3>{say('rule.then')}</h3>
      <SelectField
        label={say('rule.action')}
        options={ruleActions.map((value) => ({ value, label: say(`rule.action.${value}`) }))}
        testId="rule-action"
        {...editor.bind('action')}
      />
      {action === 'reply' ? (
        <BodyField label={say('rule.reply')} rows={4} testId="rule-text" {...editor.bind('text')} />
      ) : null}
      {action === 'task' ? (
        <>
          <TextField label={say('rule.task')} maxLength={200} testId="rule-text" {...editor.bind('text')} />
          <SelectField
            label={say('rule.userId')}
            options={[
              { value: null, label: say('rule.responsible') },
              ...people.map(({ id, name }) => ({ value: id, label: name })),
            ]}
            {...editor.bind('userId')}
          />
        </>
      ) : null}
      {action === 'queue' ? (
        <SelectField
          label={say('rule.queueId')}
          options={[
            { value: null, label: say('rule.chooseQueue') },
            ...queues.map(({ id, name }) => ({ value: id, label: name })),
          ]}
          {...editor.bind('queueId')}
        />
      ) : null}
    </section>
  );
}

/** What was typed, without empty lines and doubles. */
const wordsOf = (lines: readonly string[]): string[] => [
  ...new Set(lines.map((line) => line.trim()).filter((line) => line !== '')),
];

function useRuleEditor(rule: SetupRule | undefined) {
  const { say } = useWords();
  const [, navigate] = useLocation();
  const {
    id: _id,
    version: _version,
    position: _position,
    ...present
  } = rule ?? { ...fresh, id: 0, version: 0, position: 0 };
  return useEditor<RuleFields>({
    subject: `rule:${rule?.id ?? 'new'}`,
    title: rule?.name ?? say('rules.new'),
    path: adminPath('rules', rule?.id ?? 'new'),
    current: present,
    version: rule?.version ?? 0,
    required: ['name'],
    async save({ change, values, version }) {
      if (rule !== undefined) {
        const words = change.words === undefined ? {} : { words: wordsOf(change.words) };
        const params = { id: rule.id };
        await call('PATCH /api/v1/setup/inbound-rules/:id', { params, body: { version, ...change, ...words } });
        return recordChange({ did: 'changed', name: values.name, kind: 'inbound_rule', id: rule.id });
      }
      const body = { ...values, words: wordsOf(values.words) };
      const made = await call('POST /api/v1/setup/inbound-rules', { body });
      recordChange({ did: 'created', name: made.name, kind: 'inbound_rule', id: made.id });
      await refreshSetup();
      openMade(navigate, adminPath('rules', 'new'), adminPath('rules', made.id));
    },
  });
}
