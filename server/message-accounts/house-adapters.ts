import { AppError } from '../kernel/errors.ts';
import type { AdapterParts, Adapters } from './adapters.ts';

/** A setting that its channel checked. @throws AppError `bad_request` in the channel's words */
function checked<T>(
  answer: { readonly ok: true; readonly value: T } | { readonly ok: false; readonly errors: readonly string[] },
): T {
  if (answer.ok) return answer.value;
  throw new AppError('bad_request', answer.errors.join('; '), { details: { errors: answer.errors } });
}

const values = ({ account }: AdapterParts): string[] => account.addresses.map(({ value }) => value);

/** What the adapters of both SMS providers are made of, besides their own settings. */
const smsParts = ({ receive, state, clock, log, publicUrl, signer }: AdapterParts) => ({
  receive,
  state,
  clock,
  log,
  publicUrl,
  ...signer,
});

/** Kinds that every house has. Each module is loaded when its first account starts. */
export const houseAdapters: Adapters = {
  async mailbox(parts) {
    const [{ createEmailChannel }, { parseEmailSettings }, { createMailSigner }] = await Promise.all([
      import('../../channels/email/adapter.ts'),
      import('../../channels/email/settings.ts'),
      import('../../channels/email/signed-ids.ts'),
    ]);
    const { account, receive, state, clock, log, mailKey } = parts;
    const { id, name, secrets } = account;
    const settings = parseEmailSettings(account.settings);
    return createEmailChannel({
      account: { id, name, settings, secrets, addresses: values(parts) },
      receive,
      state,
      clock,
      log,
      signer: createMailSigner(mailKey),
      keepToken: (rotated) => parts.keepSecret('refreshToken', rotated),
    });
  },
  async smpp(parts) {
    const { checkSmppSecrets, checkSmppSettings, createSmppChannel } = await import('../../channels/sms/index.ts');
    const { id, name } = parts.account;
    const settings = checked(checkSmppSettings(parts.account.settings));
    const secrets = checked(checkSmppSecrets(parts.account.secrets));
    const account = { id, name, settings, secrets, addresses: values(parts) };
    return createSmppChannel({ account, ...smsParts(parts) });
  },
  async twilio(parts) {
    const { checkTwilioSecrets, checkTwilioSettings, createTwilioChannel } = await import(
      '../../channels/sms/index.ts'
    );
    const { id, name } = parts.account;
    const settings = checked(checkTwilioSettings(parts.account.settings));
    const secrets = checked(checkTwilioSecrets(parts.account.secrets));
    const account = { id, name, settings, secrets, addresses: values(parts) };
    return createTwilioChannel({ account, ...smsParts(parts), ownerOf: parts.ownerOf });
  },
  async web_chat({ account, receive, state, clock, log, signer }) {
    const { createWebChat } = await import('../../channels/chat/web-chat.ts');
    // a key of its own for each widget, from the house's
    const key = Buffer.from(signer.sign('chat visitors', String(account.id)), 'base64url');
    return createWebChat({ account, receive, state, clock, log, key });
  },
};
