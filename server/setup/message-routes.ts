import { and, asc, eq, ne } from 'drizzle-orm';
import type { Executor } from '../../db/client.ts';
import { channelAccounts, channelAddresses } from '../../db/schema/index.ts';
import type { Routes } from '../access/route.ts';
import { type AccountKind, channelOfAccount } from '../contract/messages-words.ts';
import type { AddressInput } from '../contract/setup-message-schemas.ts';
import { secretsOfKind } from '../contract/setup-message-words.ts';
import type { AccountId } from '../kernel/ids.ts';
import { addressValueOf } from './address-value.ts';
import type { Turn } from './changes.ts';
import { done, found, merged, type SetupContext } from './context.ts';
import { accountViews, messageSettingsView, ruleViews, templateViews } from './message-views.ts';
import { nextPosition, reorder } from './order.ts';
import { wrongField } from './problems.ts';
import type { AccountData, AddressData } from './subjects/channel-account.ts';
import {
  messageSettingsId,
  messageSettingsSubject,
  type RuleData,
  ruleSubject,
  type TemplateData,
  templateSubject,
} from './subjects/messages.ts';

type Secrets = Readonly<Record<string, string>>;

/** Addresses of a body, canonical; the first one of a channel in the house is its default. */
async function addressesOf(
  { tx }: Turn,
  inputs: readonly AddressInput[],
  { kind, region }: { readonly kind: AccountKind; readonly region: string },
): Promise<AddressData[]> {
  const channel = channelOfAccount[kind];
  const isFirst = (await tx.orm.$count(channelAddresses, eq(channelAddresses.channel, channel))) === 0;
  const isNamed = inputs.some(({ isDefault }) => isDefault);
  return inputs.map(({ id, value, name, queueId, isDefault }, index) => ({
    id: id ?? null,
    value: addressValueOf(channel, value, { region, field: `addresses/${index}/value` }),
    name: name.trim(),
    queueId,
    isDefault: isDefault || (isFirst && !isNamed && index === 0),
  }));
}

/** One default of each channel: the former one, of another account, is none any more. */
async function takeDefaultFromOthers(
  { tx, edit }: Turn,
  id: number,
  subject: SetupContext['subjects']['channel_account'],
): Promise<void> {
  const own = await subject.read(tx, id);
  if (!own?.data.addresses.some(({ isDefault }) => isDefault)) return;
  const others = await tx.orm
    .selectDistinct({ id: channelAddresses.accountId })
    .from(channelAddresses)
    .where(
      and(
        eq(channelAddresses.channel, channelOfAccount[own.data.kind]),
        eq(channelAddresses.isDefault, true),
        ne(channelAddresses.accountId, id as AccountId),
      ),
    )
    .orderBy(asc(channelAddresses.accountId));
  for (const other of others)
    await edit(subject, { id: other.id, version: undefined }, (data: AccountData) => ({
      ...data,
      addresses: data.addresses.map((address) => ({ ...address, isDefault: false })),
    }));
}

/** Secrets are no field of an account: written apart, noted as a change of their own. */
export async function writeSecrets(
  turn: Turn,
  id: number,
  given: Secrets,
  { subjects, accountRules }: SetupContext,
): Promise<void> {
  const { tx } = turn;
  const [row] = await tx.orm
    .select()
    .from(channelAccounts)
    .where(eq(channelAccounts.id, id as AccountId));
  if (!row) return;
  const names: readonly string[] = secretsOfKind[row.kind];
  for (const name of Object.keys(given))
    if (!names.includes(name)) throw wrongField(`secrets/${name}`, 'is no secret of this kind');
  const together = Object.entries({ ...row.secrets, ...given }).filter(([, value]) => value !== '');
  const secrets = Object.fromEntries(together);
  if (row.enabled) accountRules.secrets(row.kind, secrets);
  if (Object.keys(given).length === 0) return;
  await tx.orm
    .update(channelAccounts)
    .set({ secrets })
    .where(eq(channelAccounts.id, id as AccountId));
  await turn.note(subjects.channel_account, id, 'password_reset');
}

/** Operations on accounts. */
export function accountRoutes(context: SetupContext): Routes {
  const { db, changes, setup, subjects, accountRules } = context;
  const accounts = subjects.channel_account;
  const list = () => accountViews(db, context.publicUrl());
  const view = async (id: number) => found(await list(), id);
  const region = (): string => setup.company.region;

  return (mount) => {
    mount('GET /api/v1/setup/channel-accounts', async () => ({ items: await list() }));

    mount('POST /api/v1/setup/channel-accounts', async ({ body: { secrets = {}, addresses, ...body }, user }) => {
      const id = await changes.run(user, async (turn) => {
        const settings = accountRules.settings(body.kind, body.settings);
        const written = await addressesOf(turn, addresses, { kind: body.kind, region: region() });
        const made = await turn.create(accounts, { enabled: true, ...body, settings, addresses: written });
        await takeDefaultFromOthers(turn, made, accounts);
        await writeSecrets(turn, made, secrets, context);
        return made;
      });
      return view(id);
    });

    mount('PATCH /api/v1/setup/channel-accounts/:id', async ({ params: { id }, body, user }) => {
      const { secrets = {}, addresses, settings, ...rest } = body;
      await changes.run(user, async (turn) => {
        await turn.edit(accounts, { id, version: body.version }, async (data) => ({
          ...merged(data, rest),
          ...(settings && { settings: accountRules.settings(data.kind, settings) }),
          ...(addresses && { addresses: await addressesOf(turn, addresses, { kind: data.kind, region: region() }) }),
        }));
        await takeDefaultFromOthers(turn, id, accounts);
        await writeSecrets(turn, id, secrets, context);
      });
      return view(id);
    });

    mount('DELETE /api/v1/setup/channel-accounts/:id', async ({ params: { id }, query, user }) => {
      await changes.run(user, (turn) => turn.remove(accounts, { id, version: query.version }));
      return done;
    });

    mount('POST /api/v1/setup/channel-accounts/:id/test', ({ params }) => context.tryAccount(params.id as AccountId));
  };
}

const newTemplate: Pick<TemplateData, 'channel' | 'language' | 'subject' | 'archived'> = {
  channel: null,
  language: '',
  subject: '',
  archived: false,
};
const shortcutOf = (written: string): string => written.trim().replace(/^:+/, '').toLowerCase();

/** Operations on templates. */
export function templateRoutes({ db, changes }: SetupContext): Routes {
  const list = () => templateViews(db);

  return (mount) => {
    mount('GET /api/v1/setup/message-templates', async () => ({ items: await list() }));

    mount('POST /api/v1/setup/message-templates', async ({ body, user }) => {
      const data = { ...newTemplate, ...body, shortcut: shortcutOf(body.shortcut) };
      const id = await changes.run(user, (turn) => turn.create(templateSubject, data));
      return found(await list(), id);
    });

    mount('PATCH /api/v1/setup/message-templates/:id', async ({ params: { id }, body, user }) => {
      const shortcut = body.shortcut === undefined ? {} : { shortcut: shortcutOf(body.shortcut) };
      await changes.run(user, (turn) =>
        turn.edit(templateSubject, { id, version: body.version }, (data) => merged(data, { ...body, ...shortcut })),
      );
      return found(await list(), id);
    });
  };
}

const newRule: Omit<RuleData, 'name' | 'match' | 'action' | 'position'> = {
  enabled: true,
  channel: null,
  addressId: null,
  words: [],
  text: '',
  queueId: null,
  userId: null,
};

/** Operations on inbound rules. */
export function ruleRoutes({ db, changes }: SetupContext): Routes {
  const list = () => ruleViews(db);
  const inOrder = async (tx: Executor) => (await ruleViews(tx)).map((rule) => ({ ...rule, archived: false }));

  return (mount) => {
    mount('GET /api/v1/setup/inbound-rules', async () => ({ items: await list() }));

    mount('POST /api/v1/setup/inbound-rules', async ({ body, user }) => {
      const position = nextPosition(await inOrder(db));
      const id = await changes.run(user, (turn) => turn.create(ruleSubject, { ...newRule, ...body, position }));
      return found(await list(), id);
    });

    mount('PATCH /api/v1/setup/inbound-rules/:id', async ({ params: { id }, body, user }) => {
      await changes.run(user, (turn) =>
        turn.edit(ruleSubject, { id, version: body.version }, (data) => merged(data, body)),
      );
      return found(await list(), id);
    });

    mount('PUT /api/v1/setup/inbound-rules/order', async ({ body: { ids }, user }) => {
      await reorder(changes, { user, ids }, ruleSubject, inOrder);
      return { items: await list() };
    });

    mount('DELETE /api/v1/setup/inbound-rules/:id', async ({ params: { id }, query, user }) => {
      await changes.run(user, (turn) => turn.remove(ruleSubject, { id, version: query.version }));
      return done;
    });
  };
}

/** Operations on what holds for all messages. */
export function messageSettingsRoutes({ db, changes }: SetupContext): Routes {
  return (mount) => {
    mount('GET /api/v1/setup/message-settings', () => messageSettingsView(db));

    mount('PATCH /api/v1/setup/message-settings', async ({ body, user }) => {
      await changes.run(user, (turn) =>
        turn.edit(messageSettingsSubject, { id: messageSettingsId, version: body.version }, (data) =>
          merged(data, body),
        ),
      );
      return messageSettingsView(db);
    });
  };
}
