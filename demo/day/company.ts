import { type ApiClient, ApiFailure, signIn } from '../actors/api-client.ts';
import { openTestPhone, type TestPhone } from '../actors/sip-agent.ts';
import { openAgent, type ScriptedAgent } from './agent.ts';
import { type Callers, createCallers } from './caller.ts';
import { type Book, voices } from './story.ts';

/** Everybody who plays: agents at work, the town that calls, and somebody who may read everything. */
export interface Company {
  readonly admin: ApiClient;
  readonly agents: readonly ScriptedAgent[];
  readonly callers: Callers;
  /** Hangs up, signs out, takes statuses back. Idempotent. */
  close(): Promise<void>;
}

export interface CompanyOptions {
  readonly url: string;
  readonly sipPort: number;
  readonly password: string;
  /** The line that is called. */
  readonly line: string;
  readonly book: Book;
  readonly say: (text: string) => void;
}

const logins = ['anna', 'boris', 'vera'] as const;

/**
 * Opens them. Agents whose phone is registered are at work in a browser: they are left to themselves.
 * @throws Error in words when nobody is left to be scripted
 */
export async function openCompany(options: CompanyOptions): Promise<Company> {
  const { url, sipPort, password, line, book, say } = options;
  const agents: ScriptedAgent[] = [];
  let phone: TestPhone | undefined;
  const admin = await signIn(url, 'admin', password);
  try {
    const { items } = await admin.call('GET /api/v1/agents');
    for (const login of logins) {
      const client = await signIn(url, login, password);
      if (items.find(({ id }) => id === client.me.id)?.phone) {
        say(`${client.me.name} (${login}) has a phone already: left to the person who works there.`);
        await client.call('DELETE /api/v1/session');
      } else agents.push(await openAgent({ url, client, tone: voices[login], book }));
    }
    if (agents.length === 0) throw new Error('every agent is at work in a browser: there is nobody left to script');
    phone = await openTestPhone({ serverPort: sipPort, tone: voices.caller });
  } catch (error) {
    await Promise.allSettled(agents.map((agent) => agent.close()));
    throw error;
  }
  const callers = createCallers({ phone, line, book });
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    callers.hangUpAll();
    const left = await Promise.allSettled(agents.map((agent) => agent.close()));
    for (const each of left) if (each.status === 'rejected') say(`An agent could not leave: ${each.reason}`);
    await phone?.close();
    await admin.call('DELETE /api/v1/session').catch((error: unknown) => {
      // signed out already
      if (!(error instanceof ApiFailure)) throw error;
    });
  };
  return {
    admin,
    agents,
    callers,
    close() {
      closing ??= close();
      return closing;
    },
  };
}
