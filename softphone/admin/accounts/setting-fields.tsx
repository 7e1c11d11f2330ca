import type { Editor } from '../data/use-editor.ts';
import { AreaField, CheckField, NumberField, SelectField, TextField } from '../parts/field.tsx';
import type { WordKey } from '../words/translate.ts';
import { useWords } from '../words/use-words.ts';
import { type AccountFields, settingAt, withSetting } from './account-fields.ts';

export interface PartProps {
  readonly editor: Editor<AccountFields>;
  /** Names of secrets that the server keeps. */
  readonly kept: readonly string[];
}

/** Words without placeholders. */
type Label = Extract<
  WordKey,
  `account.${string}` | `mail.${string}` | `smpp.${string}` | `twilio.${string}` | `chat.${string}`
>;
const plain = (say: unknown, key: Label): string => (say as (key: Label) => string)(key);

interface SettingProps extends Pick<PartProps, 'editor'> {
  /** Where it is in the settings: `imap/host`. */
  readonly path: string;
  readonly label: Label;
  readonly hint?: Label;
}

function useSetting<V>({ editor, path, label, hint }: SettingProps, empty: V) {
  const { say } = useWords();
  const { settings } = editor.values;
  return {
    label: plain(say, label),
    ...(hint === undefined ? {} : { hint: plain(say, hint) }),
    value: (settingAt(settings, path) ?? empty) as V,
    error: editor.errorAt(`settings/${path}`),
    onChange: (value: V) => editor.set({ settings: withSetting(settings, path, value) }),
    testId: `setting-${path.replaceAll('/', '-')}`,
  };
}

export function TextSetting(props: SettingProps) {
  return <TextField maxLength={2_000} {...useSetting(props, '')} />;
}

export function NumberSetting(props: SettingProps & { readonly min: number; readonly max: number }) {
  return <NumberField min={props.min} max={props.max} {...useSetting(props, props.min)} />;
}

export function CheckSetting(props: SettingProps) {
  return <CheckField {...useSetting(props, false)} />;
}

export function ChoiceSetting<const W extends string>({
  words,
  wordOf,
  ...props
}: SettingProps & { readonly words: readonly W[]; readonly wordOf: (word: W) => Label }) {
  const { say } = useWords();
  const options = words.map((value) => ({ value, label: plain(say, wordOf(value)) }));
  return <SelectField options={options} {...useSetting<W>(props, words[0] as W)} />;
}

/** One entry per line. */
export function LinesSetting(props: SettingProps) {
  const { value, onChange, ...rest } = useSetting<readonly string[]>(props, []);
  return <AreaField value={value.join('\n')} onChange={(text) => onChange(text.split(/[\s,;]+/))} {...rest} />;
}

interface SecretProps extends PartProps {
  readonly name: string;
  readonly label: Label;
  readonly isText?: boolean;
}

/** A secret: never shown, kept unless something is written. */
export function SecretField({ editor, kept, name, label, isText = false }: SecretProps) {
  const { say } = useWords();
  const { secrets } = editor.values;
  const isKept = kept.includes(name);
  const common = {
    label: plain(say, label),
    hint: say(isKept ? 'account.secretKept' : 'account.secretHint'),
    value: secrets[name] ?? '',
    error: editor.errorAt(`secrets/${name}`),
    onChange: (value: string) => editor.set({ secrets: { ...secrets, [name]: value } }),
    testId: `secret-${name}`,
  };
  if (isText) return <AreaField {...common} />;
  return (
    <TextField
      {...common}
      type="password"
      autoComplete="new-password"
      maxLength={8_000}
      placeholder={isKept ? '••••••••' : ''}
    />
  );
}
