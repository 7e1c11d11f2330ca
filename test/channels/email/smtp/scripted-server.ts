import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';

/** What the server does instead of the usual reply: says something else, says it and closes, closes, or keeps silent. */
export type Answer = { readonly say: string; readonly close?: boolean } | 'cut' | 'silence' | undefined;

/** Where a conversation is: `greeting`, a command's verb, `message` in the middle of the data, `dot` after its end. */
export type Moment = 'greeting' | 'EHLO' | 'AUTH' | 'MAIL' | 'RCPT' | 'DATA' | 'message' | 'dot' | 'RSET' | 'QUIT';

export interface ScriptedServer {
  readonly port: number;
  /** Mails that it has whole, whatever it said of them. */
  readonly mails: string[];
  /** All commands of all connections. */
  readonly commands: string[];
  connections(): number;
  /** Decides what happens; undefined = the usual. */
  script: (moment: Moment, line: string) => Answer;
  close(): Promise<void>;
}

const usual: Record<Moment, string> = {
  greeting: '220 peer.test ESMTP',
  EHLO: '250-peer.test\r\n250-SIZE 40000000\r\n250 AUTH PLAIN LOGIN',
  AUTH: '235 2.7.0 accepted',
  MAIL: '250 2.1.0 ok',
  RCPT: '250 2.1.5 ok',
  DATA: '354 go ahead',
  message: '',
  dot: '250 2.0.0 queued',
  RSET: '250 2.0.0 ok',
  QUIT: '221 2.0.0 bye',
};

/** An SMTP server that fails when and how it is told to. */
export async function startScriptedServer(): Promise<ScriptedServer> {
  const sockets = new Set<Socket>();
  let count = 0;

  const server = createServer((socket) => {
    count++;
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    let text = '';
    let inMessage = false;

    function answer(moment: Moment, line: string): void {
      const wanted = scripted.script(moment, line);
      if (wanted === 'silence') return;
      if (wanted === 'cut') return void socket.destroy();
      if (wanted) socket.write(`${wanted.say}\r\n`);
      else if (usual[moment] !== '') socket.write(`${usual[moment]}\r\n`);
      if (moment === 'QUIT' || wanted?.close) socket.end();
    }
    function take(line: string): void {
      const verb = line.slice(0, 4).toUpperCase();
      scripted.commands.push(line);
      if (verb === 'DATA') inMessage = scripted.script('DATA', line) === undefined;
      answer(verb === 'HELO' ? 'EHLO' : (verb as Moment), line);
    }
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      for (;;) {
        const end = inMessage ? text.indexOf('\r\n.\r\n') : text.indexOf('\r\n');
        if (end < 0) break;
        const piece = text.slice(0, end);
        text = text.slice(end + (inMessage ? 5 : 2));
        if (inMessage) {
          inMessage = false;
          scripted.mails.push(piece);
          answer('dot', '');
        } else take(piece);
      }
      if (inMessage && text.length > 0) answer('message', text);
    });
    answer('greeting', '');
  });
  const scripted: ScriptedServer = {
    get port() {
      return (server.address() as AddressInfo).port;
    },
    mails: [],
    commands: [],
    connections: () => count,
    script: () => undefined,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return scripted;
}
