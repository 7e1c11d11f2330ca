import type { ApiClient, PushFeed } from '../../demo/actors/api-client.ts';
import { openTestPhone, type TestPhone } from '../../demo/actors/sip-agent.ts';
import type { TestServer } from './server.ts';

/** An agent at work: signed in, pushes open, desk phone registered. */
export interface Desk extends ApiClient, PushFeed {
  readonly phone: TestPhone;
  setStatus(status: 'available' | 'not_ready', reason?: string): Promise<void>;
  close(): Promise<void>;
}

/**
 * @param tone what this agent says, Hz
 * @param status his routing status at the beginning; available as a rule
 */
export async function openDesk(
  server: TestServer,
  login: string,
  { tone, status = 'available' }: { tone: number; status?: 'available' | 'not_ready' },
): Promise<Desk> {
  const client = await server.signIn(login);
  const feed = await client.openFeed();
  const phone = await openTestPhone({ serverPort: server.sipPort, tone });
  const answer = await phone.register(login, server.sipSecrets.get(login) ?? '');
  if (answer !== 200) throw new Error(`${login} could not register: ${answer}`);
  const setStatus: Desk['setStatus'] = async (wanted, reason) => {
    const body = reason === undefined ? { status: wanted } : { status: wanted, reason };
    await client.call('PUT /api/v1/presence', { body });
  };
  await setStatus(status);
  return {
    ...client,
    ...feed,
    phone,
    setStatus,
    async close() {
      feed.close();
      await phone.unregister().catch(() => 0);
      await phone.close();
    },
  };
}
