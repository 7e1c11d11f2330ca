import { createHash } from 'node:crypto';
import { createTransport } from 'nodemailer';
import type { Clock } from '../../server/kernel/clock.ts';
import type { AccountId } from '../../server/kernel/ids.ts';
import type { Log } from '../../server/kernel/log.ts';
import type { Receive } from '../channel.ts';
import { createEmailChannel } from '../email/adapter.ts';
import { readMail } from '../email/index.ts';
import { createMailReader } from '../email/reader.ts';
import { createMailSigner } from '../email/signed-ids.ts';
import type { AdapterState, MessageChannel, SendResult } from '../message-channel.ts';
import { createOnceOpen } from '../once-open.ts';
import type { Outside, OutsideMessage, OutsideWriting } from './outside.ts';
import { createPostOffice, type PostOffice } from './post-office.ts';

export interface DemoEmailOptions {
  readonly account: {
    readonly id: AccountId;
    readonly name: string;
    readonly addresses: readonly { readonly value: string }[];
  };
  readonly outside: Outside;
  readonly receive: Receive;
  readonly state: AdapterState;
  readonly clock: Clock;
  readonly log: Log;
  /** Of this house, for the signed ids in its mails. */
  readonly mailKey: Buffer;
}

const loopback = '127.0.0.1';

/**
 * E-mail between the house and the mailboxes of the page /demo, over a mail server of its own on a loopback port: what the
 * house sends goes out by the same SMTP client as to the world, what a client writes comes in as a raw mail and is read by
 * the same reader as from a mailbox.
 */
export function createDemoEmail(options: DemoEmailOptions): MessageChannel {
  const { account, outside, receive, state, clock, log, mailKey } = options;
  const signer = createMailSigner(mailKey);
  const addresses = account.addresses.map(({ value }) => value.toLowerCase());
  const reader = createMailReader({ signer, clock, log });
  let office: PostOffice | undefined;
  let email: MessageChannel | undefined;
  let giveBack: (() => void)[] = [];
  const life = createOnceOpen(clock);

  async function receiveMail(raw: Buffer): Promise<void> {
    const id = readMail(raw).messageId ?? createHash('sha256').update(raw).digest('hex');
    const context = {
      sourceId: `demo:${account.id}:${id}`,
      accountId: account.id,
      addresses,
      direction: 'in',
      at: clock.now(),
      cutFrom: null,
    } as const;
    const reading = await reader.read(raw, context);
    if (reading.kind === 'ours') return;
    const { event } = reading;
    const receipt = await receive(event.type === 'message.arrived' ? { ...event, raw } : event);
    if (!receipt.accepted && receipt.reason !== 'duplicate')
      throw new Error(`the house takes no mail: ${receipt.reason}`);
  }

  /** A mail of ours, as its recipient's mailbox shows it. */
  async function put(raw: Buffer, recipients: readonly string[]): Promise<void> {
    const mail = readMail(raw);
    const from = mail.from[0]?.address ?? '';
    const files = mail.attachments.map(({ name }) => name ?? '');
    for (const owner of recipients)
      await outside.deliver({
        id: mail.messageId ?? `${clock.now()}`,
        at: clock.now(),
        kind: 'email',
        direction: 'in',
        owner,
        peer: mail.replyTo[0]?.address ?? from,
        subject: mail.subject ?? '',
        text: mail.text,
        files,
      });
  }

  async function write(writing: OutsideWriting, answers: OutsideMessage | null): Promise<void> {
    const { id, owner, ownerName, subject, text, html, cc = [], peer } = writing;
    // as mail programs write it: who answers sees what is new (RFC 3676 section 4.5)
    const quoted = answers
      ? `\n\n${new Date(answers.at).toISOString().slice(0, 16).replace('T', ' ')}, ${answers.peer}:\n${answers.text.replace(/^/gm, '> ')}`
      : '';
    const transport = createTransport({ host: loopback, port: office?.port ?? 0, secure: false, ignoreTLS: true });
    try {
      await transport.sendMail({
        messageId: `<${id}@clients.example>`,
        from: { name: ownerName, address: owner },
        to: answers?.peer ?? peer,
        subject: answers && subject === '' ? `Re: ${answers.subject}` : subject,
        text: text + quoted,
        cc: [...cc],
        ...(html === undefined ? {} : { html }),
        ...(answers ? { inReplyTo: answers.id, references: answers.id } : {}),
      });
    } finally {
      transport.close();
    }
  }

  return {
    name: `demo e-mail ${account.name}`,
    channel: 'email',
    accountId: account.id,
    get capabilities() {
      return email?.capabilities ?? notStarted;
    },
    async start() {
      life.open();
      if (office) return;
      office = await createPostOffice({
        host: loopback,
        log,
        isOurs: (address) => addresses.includes(address.replace(/\+[^@]*(?=@)/, '').toLowerCase()),
        onOurs: receiveMail,
        onTheirs: put,
      });
      const smtp = {
        host: loopback,
        port: office.port,
        security: 'none',
        user: '',
        auth: 'none',
        dkim: null,
        plusAddressing: true,
        bounceAddressing: false,
        perDomainPerMinute: 0,
        saveToSent: false,
      } as const;
      const { id, name } = account;
      const settings = { imap: null, smtp };
      email = createEmailChannel({
        account: { id, name, settings, secrets: {}, addresses },
        receive,
        state,
        clock,
        log,
        signer,
      });
      await email.start();
      giveBack = addresses.map((address) => outside.carry('email', address, write));
    },
    async close() {
      life.close();
      for (const back of giveBack) back();
      giveBack = [];
      await email?.close();
      await office?.close();
      await reader.close();
    },
    health: () => email?.health() ?? { state: 'off', since: 0, problem: '', catchUp: null },
    send: async (message, signal) => email?.send(message, signal) ?? notThere,
  };
}

const notThere: SendResult = {
  kind: 'retry',
  problem: { kind: 'temporary', code: 'not started', text: "the demo's mail server is not there" },
};

const notStarted: MessageChannel['capabilities'] = {
  maxText: 0,
  maxAttachmentBytes: 0,
  subject: true,
  html: true,
  canInitiate: false,
  settles: 'same_id',
  rate: { perSecond: 1, concurrency: 1 },
};
