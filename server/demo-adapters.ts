import type { Outside } from '../channels/demo/outside.ts';
import type { Executor } from '../db/client.ts';
import type { DemoAddresses } from './demo.ts';
import { readAccounts } from './message-accounts/account.ts';
import type { Adapters } from './message-accounts/adapters.ts';

/** Accounts whose far end is the page /demo. Absent where no demo runs: such an account is down, and says so. */
export const demoAdapters = (outside: Outside): Adapters => ({
  async demo_sms({ account, receive, clock, log }) {
    const { createDemoSms } = await import('../channels/demo/demo-sms.ts');
    return createDemoSms({ account, outside, receive, clock, log });
  },
  async demo_email({ account, receive, state, clock, log, mailKey }) {
    const { createDemoEmail } = await import('../channels/demo/demo-email.ts');
    return createDemoEmail({ account, outside, receive, state, clock, log, mailKey });
  },
});

/** What clients of the demo write to, as it is set up now. */
export async function demoAddresses(db: Executor): Promise<DemoAddresses> {
  const accounts = (await readAccounts(db)).filter(({ enabled }) => enabled);
  const first = (kind: string): string | null =>
    accounts.find((account) => account.kind === kind)?.addresses[0]?.value ?? null;
  const chat = accounts.find(({ kind }) => kind === 'web_chat');
  return {
    smsNumber: first('demo_sms'),
    mailAddress: first('demo_email'),
    chatScript: chat ? `/channels/${chat.id}/widget.js` : null,
  };
}
