import { vi } from 'vitest';
import type { Delivered } from '../../support/smsc.ts';
import { twilioAccount } from '../../support/twilio-peer.ts';
import { messageChannelSuite } from '../contract-suite.ts';
import { message, startSmppStand } from './smpp-stand.ts';
import { startTwilioStand } from './twilio-stand.ts';

const client = '+79001234567';

messageChannelSuite('smpp', async (receive) => {
  const stand = await startSmppStand({ smsc: { repeatMs: 60_000, holdReceipts: true } });
  stand.door = receive;
  const { smsc } = stand;
  let last: Delivered | undefined;
  let lastDigits = '567';

  const answered = async (delivered: Delivered | undefined, count: number): Promise<boolean> => {
    await vi.waitUntil(() => (delivered?.statuses.length ?? 0) >= count, { timeout: 10_000 });
    return delivered?.statuses.at(-1) === 0;
  };

  return {
    channel: stand.channel,
    arrive(text) {
      last = smsc.write({ from: client, to: '+15550100', text })[0];
      return answered(last, 1);
    },
    async arriveAgain() {
      const before = last?.statuses.length ?? 0;
      // an SMSC repeats what it believes unanswered after a new bind
      smsc.dropAll();
      if (last) smsc.repeat(last);
      return answered(last, before + 1);
    },
    outgoing: (id) => message(`+79001234${lastDigits}`, 'ready', { id }),
    taken: async () => smsc.submitted.length,
    break(how) {
      lastDigits = how === 'hang' ? '096' : '098';
    },
    report: async () => smsc.releaseReceipts(),
    close: () => stand.close(),
  };
});

messageChannelSuite('twilio', async (receive) => {
  const stand = await startTwilioStand({ receive });
  const { peer } = stand;
  const isKept = ({ status }: { status: number }): boolean => status === 200;
  return {
    channel: stand.channel,
    arrive: async (text) =>
      isKept(await peer.write(stand.urlOf('sms'), { From: client, To: twilioAccount.number, Body: text })),
    arriveAgain: async () => isKept(await peer.repeat()),
    outgoing: (id) => message(client, 'ready', { id, from: { address: twilioAccount.number, name: '' } }),
    taken: async () => peer.messages.length,
    break: (how) => peer.fail(how === 'hang' ? 'hang' : 'accept_then_drop'),
    async report() {
      await peer.callbacksDone();
    },
    close: () => stand.close(),
  };
});
