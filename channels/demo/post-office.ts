import type { AddressInfo } from 'node:net';
import { SMTPServer, type SMTPServerAddress, type SMTPServerDataStream } from 'smtp-server';
import type { Log } from '../../server/kernel/log.ts';

export interface PostOfficeOptions {
  readonly host: string;
  readonly log: Log;
  /** Whether an address is the house's. */
  readonly isOurs: (address: string) => boolean;
  /** A raw mail to us; it is acknowledged when this resolves. */
  readonly onOurs: (raw: Buffer) => Promise<void>;
  /** A raw mail to others. */
  readonly onTheirs: (raw: Buffer, recipients: readonly string[]) => Promise<void>;
}

/** The mail server of the demo (RFC 5321), on a loopback port. */
export interface PostOffice {
  readonly port: number;
  close(): Promise<void>;
}

const largestMail = 35 * 1024 * 1024;

/** Names before the @ -> what the server says of them, so that failures can be looked at. */
const refusals: Readonly<Record<string, { readonly code: number; readonly text: string }>> = {
  nobody: { code: 550, text: '5.1.1 There is no such mailbox' },
  full: { code: 552, text: '5.2.2 The mailbox is full' },
  later: { code: 451, text: '4.3.0 Try again later' },
};

/** The house could not store it: the sender keeps it. */
function notTaken(): never {
  throw refusal({ code: 451, text: '4.3.0 Not taken' });
}

const refusal = ({ code, text }: { code: number; text: string }): Error =>
  Object.assign(new Error(text), { responseCode: code });

async function bytesOf(stream: SMTPServerDataStream): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** @throws when no port is free */
export async function createPostOffice({
  host,
  log,
  isOurs,
  onOurs,
  onTheirs,
}: PostOfficeOptions): Promise<PostOffice> {
  async function take(stream: SMTPServerDataStream, recipients: readonly SMTPServerAddress[]): Promise<void> {
    const raw = await bytesOf(stream);
    if (stream.sizeExceeded) throw refusal({ code: 552, text: '5.3.4 The mail is too large' });
    const addresses = recipients.map(({ address }) => address);
    const theirs = addresses.filter((address) => !isOurs(address));
    if (theirs.length < addresses.length) await onOurs(raw).catch(notTaken);
    if (theirs.length > 0) await onTheirs(raw, theirs);
  }

  const server = new SMTPServer({
    name: 'demo.switchroom.local',
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    size: largestMail,
    maxClients: 50,
    logger: false,
    onRcptTo({ address }, _session, done) {
      const refused = refusals[address.split('@')[0]?.toLowerCase() ?? ''];
      done(refused ? refusal(refused) : null);
    },
    onData(stream, session, done) {
      take(stream, session.envelope.rcptTo).then(
        () => done(),
        (error: unknown) => {
          log.warn({ err: error }, 'a mail of the demo was not taken');
          if (error instanceof Error && 'responseCode' in error) done(error);
          // whether it was kept nobody knows: the sender gets no answer, as when a line is cut
          else for (const link of server.connections) if (link.id === session.id) link.close();
        },
      );
    },
    closeTimeout: 1_000,
  });
  server.on('error', (error: unknown) => log.warn({ err: error }, "the demo's mail server had a trouble"));
  await new Promise<void>((resolve, reject) => {
    server.server.once('error', reject);
    server.listen(0, host, () => {
      server.server.off('error', reject);
      resolve();
    });
  });
  const { port } = server.server.address() as AddressInfo;
  return { port, close: () => new Promise((resolve) => server.close(() => resolve())) };
}
