import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';

/** A mailbox server (RFC 3501) with one folder, that fails when and how it is told to. No TLS, no IDLE. */
export interface ScriptedMailbox {
  readonly port: number;
  /** By number, a byte a character. */
  readonly mails: Map<number, string>;
  readonly commands: string[];
  connections(): number;
  /**
   * What the server does at a command instead of the usual: `cut` the connection, keep `silence`, answer `slowly` (a tenth every
   * 100 ms), or refuse in these words. `fetch` is the whole mail, `sizes` the list.
   */
  script: (step: Step, command: string) => 'cut' | 'silence' | 'slowly' | { readonly no: string } | undefined;
  /** Mails that are listed and not given. */
  readonly withheld: Set<number>;
  /** Mails in the middle of which the server ends the connection, after it gave those before them. */
  readonly breaking: Set<number>;
  /** Whether it tells the number that the next mail will have. */
  hasNext: boolean;
  /** The folder's modification number (RFC 7162); null = the server has none. */
  modseq: number | null;
  /** Tells connections that have the folder open how many mails there are, as servers do without being asked. */
  announce(): void;
  /** Ends all connections. */
  cut(): void;
  close(): Promise<void>;
}

export type Step =
  | 'greeting'
  | 'LOGIN'
  | 'EXAMINE'
  | 'SEARCH'
  | 'sizes'
  | 'fetch'
  | 'STATUS'
  | 'LIST'
  | 'NOOP'
  | 'other';

function stepOf(verb: string, rest: string): Step {
  if (verb === 'AUTHENTICATE' || verb === 'LOGIN') return 'LOGIN';
  if (verb === 'UID' && /^SEARCH/i.test(rest)) return 'SEARCH';
  if (verb === 'UID') return /BODY/i.test(rest) ? 'fetch' : 'sizes';
  const known: readonly Step[] = ['EXAMINE', 'STATUS', 'LIST', 'NOOP'];
  return known.find((step) => step === verb) ?? 'other';
}

function writeSlowly(socket: Socket, answer: string): void {
  const tenth = Math.ceil(answer.length / 10);
  let sent = 0;
  const timer = setInterval(() => {
    socket.write(answer.slice(sent, sent + tenth), 'latin1');
    sent += tenth;
    if (sent >= answer.length) clearInterval(timer);
  }, 100);
  socket.on('close', () => clearInterval(timer));
}

export async function startScriptedMailbox(): Promise<ScriptedMailbox> {
  const sockets = new Set<Socket>();
  const examining = new Set<Socket>();
  let count = 0;

  /** The numbers that a set names: `1,2,5:7`, `8:*`. */
  function numbersIn(set: string): number[] {
    const numbers = [...scripted.mails.keys()].sort((one, other) => one - other);
    const last = numbers.at(-1) ?? 0;
    return numbers.filter((uid) =>
      set.split(',').some((range) => {
        const [from = 0, to = from] = range.split(':').map((text) => (text === '*' ? last : Number(text)));
        return uid >= Math.min(from, to) && uid <= Math.max(from, to);
      }),
    );
  }
  const sequenceOf = (uid: number): number => [...scripted.mails.keys()].filter((other) => other <= uid).length;

  function usual(step: Step, rest: string): string[] {
    const last = Math.max(0, ...scripted.mails.keys());
    if (step === 'EXAMINE') {
      return [
        `* ${scripted.mails.size} EXISTS`,
        '* OK [UIDVALIDITY 7] ok',
        `* OK [UIDNEXT ${last + 1}] ok`,
        '* FLAGS ()',
        ...(scripted.modseq === null ? [] : [`* OK [HIGHESTMODSEQ ${scripted.modseq}] ok`]),
      ];
    }
    if (step === 'SEARCH') {
      const set = /UID ([\d:,*]+)/i.exec(rest)?.[1] ?? '1:*';
      return [`* SEARCH ${numbersIn(set).join(' ')}`];
    }
    const set = /^FETCH ([\d:,*]+)/i.exec(rest)?.[1] ?? '';
    if (step === 'sizes') {
      return numbersIn(set).map((uid) => {
        const size = scripted.mails.get(uid)?.length ?? 0;
        return `* ${sequenceOf(uid)} FETCH (UID ${uid} RFC822.SIZE ${size} INTERNALDATE "02-Jun-2025 10:00:00 +0300")`;
      });
    }
    if (step === 'fetch') {
      return numbersIn(set).flatMap((uid) => {
        const mail = scripted.mails.get(uid) ?? '';
        if (scripted.withheld.has(uid)) return [];
        return [`* ${sequenceOf(uid)} FETCH (UID ${uid} BODY[]<0> {${mail.length}}\r\n${mail})`];
      });
    }
    return [];
  }

  const isBreaking = (line: string): boolean => scripted.breaking.has(Number(/FETCH \(UID (\d+)/.exec(line)?.[1]));

  const server = createServer((socket) => {
    count++;
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => {
      sockets.delete(socket);
      examining.delete(socket);
    });
    let text = '';
    let loginTag = '';

    function take(line: string): void {
      if (loginTag !== '') {
        socket.write(`${loginTag} OK signed in\r\n`);
        loginTag = '';
        return;
      }
      const [tag = '', verb = '', ...words] = line.split(' ');
      const rest = words.join(' ');
      const step = stepOf(verb.toUpperCase(), rest);
      scripted.commands.push(`${verb} ${rest}`);
      const wanted = scripted.script(step, line);
      if (wanted === 'silence') return;
      if (wanted === 'cut') return void socket.destroy();
      if (typeof wanted === 'object') return void socket.write(`${tag} NO ${wanted.no}\r\n`);
      if (step === 'EXAMINE') examining.add(socket);
      const isCapability = verb.toUpperCase() === 'CAPABILITY';
      const lines = isCapability
        ? [`* CAPABILITY IMAP4rev1${scripted.modseq === null ? '' : ' CONDSTORE'}`]
        : usual(step, rest);
      const brokenAt = step === 'fetch' ? lines.findIndex(isBreaking) : -1;
      const answer = [...lines, `${tag} OK done`, ''].join('\r\n');
      if (wanted === 'slowly') return void writeSlowly(socket, answer);
      if (brokenAt < 0) return void socket.write(answer, 'latin1');
      const half = lines[brokenAt]?.slice(0, -20) ?? '';
      socket.end([...lines.slice(0, brokenAt), half].join('\r\n'), 'latin1');
    }
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      for (let end = text.indexOf('\r\n'); end >= 0; end = text.indexOf('\r\n')) {
        const line = text.slice(0, end);
        text = text.slice(end + 2);
        take(line);
      }
    });
    if (scripted.script('greeting', '') === undefined) socket.write('* OK [CAPABILITY IMAP4rev1] ready\r\n');
  });
  const scripted: ScriptedMailbox = {
    get port() {
      return (server.address() as AddressInfo).port;
    },
    mails: new Map(),
    commands: [],
    connections: () => count,
    script: () => undefined,
    withheld: new Set(),
    breaking: new Set(),
    hasNext: true,
    modseq: null,
    announce() {
      for (const socket of examining) socket.write(`* ${scripted.mails.size} EXISTS\r\n`);
    },
    cut() {
      for (const socket of sockets) socket.destroy();
    },
    async close() {
      scripted.cut();
      server.close();
      await once(server, 'close');
    },
  };
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return scripted;
}
