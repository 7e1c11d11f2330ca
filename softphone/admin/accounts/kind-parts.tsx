import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import type { AccountKind } from '../../../server/contract/messages-words.ts';
import { CheckField } from '../parts/field.tsx';
import form from '../parts/form.module.css';
import { useWords } from '../words/use-words.ts';
import { newPart, settingAt, withProvider, withSetting } from './account-fields.ts';
import {
  CheckSetting,
  ChoiceSetting,
  LinesSetting,
  NumberSetting,
  type PartProps,
  SecretField,
  TextSetting,
} from './setting-fields.tsx';

/** A part of a mailbox that is there or not. */
function SwitchedPart({
  editor,
  part,
  children,
}: Pick<PartProps, 'editor'> & { readonly part: 'imap' | 'smtp'; readonly children: ReactNode }) {
  const { say } = useWords();
  const { settings } = editor.values;
  const isOn = (settings[part] ?? null) !== null;
  return (
    <section className={form.part}>
      <CheckField
        label={say(`mail.${part}`)}
        value={isOn}
        onChange={(on) => editor.set({ settings: { ...settings, [part]: on ? newPart[part] : null } })}
        testId={`has-${part}`}
      />
      {isOn ? children : null}
    </section>
  );
}

const securities = ['tls', 'starttls', 'none'] as const;
const ways = { imap: ['password', 'xoauth2'], smtp: ['password', 'xoauth2', 'none'] } as const;

function ServerFields({ editor, part }: Pick<PartProps, 'editor'> & { readonly part: 'imap' | 'smtp' }) {
  return (
    <>
      <TextSetting editor={editor} path={`${part}/host`} label="mail.host" />
      <div className={form.pair}>
        <NumberSetting editor={editor} path={`${part}/port`} label="mail.port" min={1} max={65_535} />
        <ChoiceSetting
          editor={editor}
          path={`${part}/security`}
          label="mail.security"
          words={securities}
          wordOf={(word) => `mail.security.${word}`}
        />
      </div>
      <div className={form.pair}>
        <TextSetting editor={editor} path={`${part}/user`} label="mail.user" />
        <ChoiceSetting
          editor={editor}
          path={`${part}/auth`}
          label="mail.auth"
          words={ways[part]}
          wordOf={(word) => `mail.auth.${word}`}
        />
      </div>
    </>
  );
}

function DkimFields({ editor, kept }: PartProps) {
  const { say } = useWords();
  const { settings } = editor.values;
  const isOn = (settingAt(settings, 'smtp/dkim') ?? null) !== null;
  return (
    <>
      <CheckField
        label={say('mail.dkim')}
        value={isOn}
        onChange={(on) =>
          editor.set({ settings: withSetting(settings, 'smtp/dkim', on ? { domain: '', selector: '' } : null) })
        }
      />
      {isOn ? (
        <>
          <div className={form.pair}>
            <TextSetting editor={editor} path="smtp/dkim/domain" label="mail.dkimDomain" />
            <TextSetting editor={editor} path="smtp/dkim/selector" label="mail.dkimSelector" />
          </div>
          <SecretField editor={editor} kept={kept} name="dkimKey" label="mail.dkimKey" isText />
        </>
      ) : null}
    </>
  );
}

const providers = ['google', 'microsoft'] as const;

function OAuthFields({ editor, kept }: PartProps) {
  const { say } = useWords();
  const { settings } = editor.values;
  const isAsked = ['imap/auth', 'smtp/auth'].some((path) => settingAt(settings, path) === 'xoauth2');
  if (!isAsked) return null;
  return (
    <section className={form.part}>
      <div className={form.actions}>
        {providers.map((provider) => (
          <Button
            key={provider}
            size="compact-xs"
            variant="default"
            onClick={() => editor.set({ settings: withProvider(settings, provider) })}
            data-testid={`provider-${provider}`}
          >
            {say(`mail.provider.${provider}`)}
          </Button>
        ))}
      </div>
      <TextSetting editor={editor} path="oauth/authorizeUrl" label="mail.authorizeUrl" hint="mail.authorizeUrlHint" />
      <TextSetting editor={editor} path="oauth/tokenUrl" label="mail.tokenUrl" />
      <div className={form.pair}>
        <TextSetting editor={editor} path="oauth/clientId" label="mail.clientId" />
        <TextSetting editor={editor} path="oauth/scope" label="mail.scope" />
      </div>
      <SecretField editor={editor} kept={kept} name="clientSecret" label="mail.clientSecret" />
      <SecretField editor={editor} kept={kept} name="refreshToken" label="mail.refreshToken" />
    </section>
  );
}

function MailboxPart({ editor, kept }: PartProps) {
  return (
    <>
      <SecretField editor={editor} kept={kept} name="password" label="mail.password" />
      <SwitchedPart editor={editor} part="imap">
        <ServerFields editor={editor} part="imap" />
        <div className={form.pair}>
          <NumberSetting editor={editor} path="imap/sinceDays" label="mail.sinceDays" min={0} max={3_650} />
          <TextSetting editor={editor} path="imap/sentFolder" label="mail.sentFolder" hint="mail.sentFolderHint" />
        </div>
      </SwitchedPart>
      <SwitchedPart editor={editor} part="smtp">
        <ServerFields editor={editor} part="smtp" />
        <SecretField editor={editor} kept={kept} name="smtpPassword" label="mail.smtpPassword" />
        <NumberSetting
          editor={editor}
          path="smtp/perDomainPerMinute"
          label="mail.perDomainPerMinute"
          min={0}
          max={100_000}
        />
        <CheckSetting editor={editor} path="smtp/plusAddressing" label="mail.plusAddressing" />
        <CheckSetting editor={editor} path="smtp/bounceAddressing" label="mail.bounceAddressing" />
        <CheckSetting editor={editor} path="smtp/saveToSent" label="mail.saveToSent" />
        <DkimFields editor={editor} kept={kept} />
      </SwitchedPart>
      <OAuthFields editor={editor} kept={kept} />
    </>
  );
}

const binds = ['transceiver', 'transmitter', 'receiver'] as const;
const cuts = ['udh', 'payload'] as const;

function SmppPart({ editor, kept }: PartProps) {
  return (
    <section className={form.part}>
      <TextSetting editor={editor} path="host" label="mail.host" />
      <div className={form.pair}>
        <NumberSetting editor={editor} path="port" label="mail.port" min={1} max={65_535} />
        <TextSetting editor={editor} path="systemType" label="smpp.systemType" />
      </div>
      <CheckSetting editor={editor} path="tls" label="smpp.tls" />
      <div className={form.pair}>
        <SecretField editor={editor} kept={kept} name="systemId" label="smpp.systemId" />
        <SecretField editor={editor} kept={kept} name="password" label="mail.password" />
      </div>
      <div className={form.pair}>
        <NumberSetting editor={editor} path="window" label="smpp.window" min={1} max={1_000} />
        <NumberSetting editor={editor} path="perSecond" label="smpp.perSecond" min={1} max={10_000} />
      </div>
      <ChoiceSetting
        editor={editor}
        path="bind"
        label="smpp.bind"
        words={binds}
        wordOf={(word) => `smpp.bind.${word}`}
      />
      <ChoiceSetting
        editor={editor}
        path="longMessages"
        label="smpp.longMessages"
        words={cuts}
        wordOf={(word) => `smpp.longMessages.${word}`}
      />
    </section>
  );
}

function TwilioPart({ editor, kept }: PartProps) {
  return (
    <section className={form.part}>
      <TextSetting editor={editor} path="accountSid" label="twilio.accountSid" />
      <TextSetting editor={editor} path="messagingServiceSid" label="twilio.messagingServiceSid" />
      <SecretField editor={editor} kept={kept} name="authToken" label="twilio.authToken" />
    </section>
  );
}

function ChatPart({ editor, kept }: PartProps) {
  return (
    <section className={form.part}>
      <LinesSetting editor={editor} path="origins" label="chat.origins" hint="chat.originsHint" />
      <div className={form.pair}>
        <TextSetting editor={editor} path="title" label="chat.title" />
        <TextSetting editor={editor} path="color" label="chat.color" />
      </div>
      <TextSetting editor={editor} path="greeting" label="chat.greeting" />
      <TextSetting editor={editor} path="callLine" label="chat.callLine" hint="chat.callLineHint" />
      <SecretField editor={editor} kept={kept} name="identityKey" label="chat.identityKey" />
    </section>
  );
}

const nothing = (): null => null;
/** What is set of each kind, besides its name and addresses. */
export const kindParts: Readonly<Record<AccountKind, (props: PartProps) => ReactNode>> = {
  mailbox: MailboxPart,
  smpp: SmppPart,
  twilio: TwilioPart,
  web_chat: ChatPart,
  demo_email: nothing,
  demo_sms: nothing,
};
