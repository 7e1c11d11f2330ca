import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { and, eq, sql } from 'drizzle-orm';
import { SMTPServer } from 'smtp-server';
import type { Database } from '../../db/client.ts';
import { openDatabase } from '../../db/open.ts';
import {
  channelAccounts,
  channelAddresses,
  contactPoints,
  messageOutbox,
  messageSettings,
  messages,
  queues,
} from '../../db/schema/index.ts';
import { until } from '../../demo/actors/within.ts';
import type { Output } from '../../server/contract/api.ts';
import type { AccountKind, MessageChannelName } from '../../server/contract/messages-words.ts';
import { silentLog } from '../../server/kernel/log.ts';
import { startScriptedMailbox } from '../channels/email/imap/scripted-mailbox.ts';
import { postgresPrograms, startPostgres } from '../support/postgres.ts';
import { startSmsc } from '../support/smsc.ts';
import { type Company, createCompany } from './support/company.ts';
import { type Figure, printFigure } from './support/figure.ts';
import { watchUsage } from './support/machine.ts';
import { type ServerProcess, startServer } from './support/server-process.ts';

/** Longest wait for a part to be over. */
const patienceMs = 600_000;
const writersAtOnce = 8;
const sentFolder = null;

interface Part {
  readonly figure: string;
  readonly count: number;
  /** Of the account, which is made before the server starts. */
  readonly kind: AccountKind;
  readonly channel: MessageChannelName;
  readonly address: string;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly secrets: Readonly<Record<string, string>>;
  /** Written by people before the clock starts, to be sent when it does. */
  readonly isOut: boolean;
  /** How many got through, by the far end. */
  done(server: ServerProcess, cookie: string): Promise<number> | number;
  close(): Promise<unknown>;
}

type Health = Output<'GET /api/v1/channel-health'>['items'][number];

async function health(server: ServerProcess, cookie: string): Promise<Health | undefined> {
  const answer = await fetch(`${server.url}/api/v1/channel-health`, { headers: { cookie } });
  return ((await answer.json()) as { items: Health[] }).items[0];
}

const smppPart = async (count: number): Promise<Part> => {
  const smsc = await startSmsc();
  return {
    figure: 'sms_out',
    count,
    kind: 'smpp',
    channel: 'sms',
    address: '+74950000888',
    settings: { host: '127.0.0.1', port: smsc.port, perSecond: 5_000, window: 100 },
    secrets: { systemId: 'esme', password: 'secret' },
    isOut: true,
    // counted when the receipt is stored
    done: () => smsc.submitted.length - smsc.unanswered,
    close: () => smsc.stop(),
  };
};

const smtpPart = async (count: number): Promise<Part> => {
  let taken = 0;
  const smtp = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    logger: false,
    onData(stream, _session, done) {
      stream.resume().once('end', () => {
        taken++;
        done();
      });
    },
  });
  smtp.listen(0, '127.0.0.1');
  await once(smtp.server, 'listening');
  const { port } = smtp.server.address() as AddressInfo;
  const settings = { host: '127.0.0.1', port, security: 'none', auth: 'none', perDomainPerMinute: 0 };
  return {
    figure: 'mail_out',
    count,
    kind: 'mailbox',
    channel: 'email',
    address: 'shop@ours.example',
    settings: { imap: null, smtp: settings },
    secrets: {},
    isOut: true,
    done: () => taken,
    close: () => new Promise((resolve) => smtp.close(() => resolve(undefined))),
  };
};

const imapPart = async (count: number): Promise<Part> => {
  const imap = await startScriptedMailbox();
  const body = 'When will my order come? I ordered two weeks ago. '.repeat(20);
  for (let uid = 1; uid <= count; uid++)
    imap.mails.set(
      uid,
      [
        `From: Client ${uid} <client${uid}@outside.example>`,
        'To: shop@ours.example',
        `Subject: Order ${uid}`,
        `Message-ID: <${uid}@outside.example>`,
        'Date: Mon, 02 Jun 2025 10:00:00 +0300',
        'MIME-Version: 1.0',
        'Content-Type: text/plain; charset=utf-8',
        '',
        body,
        '',
      ].join('\r\n'),
    );
  let hasBegun = false;
  return {
    figure: 'mail_in',
    count,
    kind: 'mailbox',
    channel: 'email',
    address: 'shop@ours.example',
    settings: {
      imap: { host: '127.0.0.1', port: imap.port, security: 'none', user: 'shop', sentFolder, sinceDays: 3_000 },
      smtp: null,
    },
    secrets: { password: 'secret' },
    isOut: false,
    async done(server, cookie) {
      const { catchUp, state } = (await health(server, cookie)) ?? { catchUp: null, state: 'off' };
      hasBegun ||= catchUp !== null;
      return catchUp === null && hasBegun && state === 'up' ? count : (catchUp?.done ?? 0);
    },
    close: () => imap.close(),
  };
};

const parts = { sms_out: smppPart, mail_out: smtpPart, mail_in: imapPart } as const;

/** Longer than anybody writes: nothing leaves before the clock starts. */
const undoSeconds = 24 * 60 * 60;

/** The account, and nothing that delays a message but the time for undoing. */
async function setUp(db: Database, part: Part): Promise<{ id: number; to: string }[]> {
  const set = { quietFrom: '00:00', quietTo: '00:00', undoSeconds };
  await db.orm.insert(messageSettings).values(set).onConflictDoUpdate({ target: messageSettings.id, set });
  const [queue] = await db.orm.select().from(queues);
  const { kind, settings, secrets, channel, address: value } = part;
  const [account] = await db.orm.insert(channelAccounts).values({ kind, name: kind, settings, secrets }).returning();
  if (!queue || !account) throw new Error('no queue or account');
  await db.orm
    .insert(channelAddresses)
    .values({ accountId: account.id, channel, value, name: 'Shop', queueId: queue.id, isDefault: true });
  const pointKind = channel === 'sms' ? 'phone' : 'email';
  const isIt = and(eq(contactPoints.kind, pointKind), eq(contactPoints.isPrimary, true));
  const points = await db.orm.select().from(contactPoints).where(isIt);
  // endings that mean something to the SMSC
  const usual = points.filter(({ value: to }) => !/(?:00[1-8]|01[04]|045|058|09[6-9])$/.test(to));
  return usual.slice(0, part.count).map(({ clientId, value: to }) => ({ id: clientId, to }));
}

async function writeAll(server: ServerProcess, cookie: string, part: Part, people: { id: number; to: string }[]) {
  const left = [...people.entries()];
  const writer = async (): Promise<void> => {
    for (let next = left.pop(); next; next = left.pop()) {
      const [index, { id, to }] = next;
      const message = {
        clientId: id,
        channel: part.channel,
        mode: 'new',
        to: [{ address: to, name: '' }],
        cc: [],
        subject: part.channel === 'email' ? `Order ${index}` : '',
        text: 'Your order is ready, come until eight. '.repeat(part.channel === 'sms' ? 2 : 30),
        attachmentIds: [],
        purpose: 'service',
      };
      const answer = await fetch(`${server.url}/api/v1/messages`, {
        method: 'POST',
        headers: { cookie, 'content-type': 'application/json' },
        body: JSON.stringify({ key: `bench-message-${index}`, message, despiteWarnings: true }),
      });
      if (answer.status === 429) {
        // the house lets nobody write more in a minute
        left.push(next);
        await pause(1_000);
      } else if (!answer.ok) throw new Error(await answer.text());
      await answer.arrayBuffer();
    }
  };
  await Promise.all(Array.from({ length: writersAtOnce }, writer));
}

async function inDatabase<T>({ dataDir, databaseUrl }: Company, work: (db: Database) => Promise<T>): Promise<T> {
  const db = await openDatabase({ url: databaseUrl, dataDir, log: silentLog });
  try {
    return await work(db);
  } finally {
    await db.close();
  }
}

async function measure(part: Part, postgres: string | undefined, profileDir: string | undefined): Promise<void> {
  const company = await createCompany({ agents: 1, clients: Math.ceil(part.count * 1.6) + 50, postgres });
  const cookie = `switchroom=${company.browsers[0]?.token}`;
  const dimensions = { bench: 'messages', database: postgres === undefined ? 'embedded' : 'postgres' };
  const print = (figure: string, value: number, unit: string, more: Partial<Figure> = {}): void =>
    printFigure({ ...dimensions, figure: `${part.figure}_${figure}`, value, unit, messages: part.count, ...more });
  let server: ServerProcess | undefined;
  try {
    const people = await inDatabase(company, (db) => setUp(db, part));
    if (part.isOut) {
      server = await startServer(company);
      const begun = performance.now();
      await writeAll(server, cookie, part, people);
      print('written_per_second', (people.length * 1000) / (performance.now() - begun), '1/s');
      await server.close();
      await inDatabase(company, async ({ orm }) => {
        await orm.update(messageOutbox).set({ notBefore: sql`now()` });
      });
    }
    const count = part.isOut ? people.length : part.count;
    server = await startServer({ ...company, profileDir });
    const running = server;
    let [from, first] = [performance.now(), 0];
    const usageSoFar = watchUsage([running.pid]);
    await until(
      async () => {
        const done = await part.done(running, cookie);
        // those that are through when it is seen to have begun had no time on the clock
        if (first === 0 && done > 0) [from, first] = [performance.now(), done];
        return done >= count;
      },
      patienceMs,
      `${count} messages`,
    );
    const usage = usageSoFar();
    print('per_second', ((count - first) * 1000) / (performance.now() - from), '1/s');
    print('cpu_per_message', (usage.cpuMs[0] ?? Number.NaN) / count, 'ms', {
      machine_idle: usage.idle,
      other_cores: usage.otherCores,
    });
    await server.close();
    server = undefined;
    const stored = await inDatabase(company, ({ orm }) =>
      part.isOut
        ? orm.$count(messageOutbox, eq(messageOutbox.state, part.channel === 'sms' ? 'delivered' : 'accepted'))
        : orm.$count(messages, eq(messages.direction, 'in')),
    );
    print('stored', stored, '');
  } finally {
    await server?.close();
    await part.close();
    await company.remove();
  }
}

/**
 * Messages a second through the whole path: the server in a process of its own, the provider in this one. SMS out with their
 * receipts by SMPP, mails out by SMTP, mails in (the catch-up of a full mailbox) by IMAP. Of the processor time the server's own
 * start is a part: measure many.
 *
 * On the embedded database, then on a PostgreSQL of its own where one is installed.
 *
 * Options: `--parts sms_out,mail_out,mail_in`; `--messages 1500` of each; `--databases embedded,postgres`; `--postgres URL` of a server
 * that runs already; `--profile FOLDER`.
 */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      parts: { type: 'string', default: 'sms_out,mail_out,mail_in' },
      messages: { type: 'string', default: '1500' },
      databases: { type: 'string', default: 'embedded,postgres' },
      postgres: { type: 'string' },
      profile: { type: 'string' },
    },
  });
  const databases = values.postgres === undefined ? values.databases.split(',') : ['postgres'];
  for (const database of databases)
    await onDatabase(database, values.postgres, async (url) => {
      for (const name of values.parts.split(',')) {
        const make = parts[name as keyof typeof parts];
        if (!make) throw new Error(`there is no part ${name}`);
        await measure(await make(Number(values.messages)), url, values.profile);
      }
    });
}

/** @param work gets the address of a server; undefined = embedded */
async function onDatabase(
  database: string,
  url: string | undefined,
  work: (url: string | undefined) => Promise<void>,
): Promise<void> {
  if (database !== 'postgres' || url !== undefined) return work(url);
  const programs = postgresPrograms();
  if (programs === undefined) return void process.stderr.write('PostgreSQL is not installed\n');
  const server = await startPostgres(programs);
  try {
    await work(server.url);
  } finally {
    await server.close();
  }
}
