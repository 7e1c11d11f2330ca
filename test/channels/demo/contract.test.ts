import { randomUUID } from 'node:crypto';
import type { Receive } from '../../../channels/channel.ts';
import { createDemoEmail } from '../../../channels/demo/demo-email.ts';
import { createDemoSms } from '../../../channels/demo/demo-sms.ts';
import { createOutside, type Outside, type OutsideKind } from '../../../channels/demo/outside.ts';
import type { MessageChannel } from '../../../channels/message-channel.ts';
import { type Clock, systemClock } from '../../../server/kernel/clock.ts';
import type { AccountId } from '../../../server/kernel/ids.ts';
import { silentLog } from '../../../server/kernel/log.ts';
import { type MessageChannelStand, messageChannelSuite } from '../contract-suite.ts';
import { outgoing } from './outgoing.ts';

const accountId = 9 as AccountId;
/** Receipts come at once when they are asked for. */
const hurried = (due: (() => void)[]): Clock => ({
  now: systemClock.now,
  after: (_ms, fn) => {
    due.push(fn);
    return { cancel: () => void due.splice(due.indexOf(fn), 1) };
  },
});

/** The outside with a network that can be cut. */
function breakable(outside: Outside) {
  let how: 'hang' | 'lose_answer' | null = null;
  const cut: Outside = {
    ...outside,
    async deliver(message) {
      if (how === 'hang') return new Promise(() => undefined);
      await outside.deliver(message);
      if (how === 'lose_answer') throw new Error('the answer was lost');
    },
  };
  return {
    cut,
    break(next: 'hang' | 'lose_answer') {
      how = next;
    },
  };
}

interface Made {
  readonly kind: OutsideKind;
  readonly ours: string;
  readonly theirs: string;
  readonly outside: Outside;
  readonly channel: MessageChannel;
  readonly break: MessageChannelStand['break'];
  readonly report?: () => Promise<void>;
}

function standOf({ kind, ours, theirs, outside, channel, break: cut, report }: Made): MessageChannelStand {
  let last = { id: '', text: '' };
  const write = () =>
    outside
      .write({ ...last, kind, owner: theirs, ownerName: '', peer: ours, subject: 'Subject', answersId: null })
      .then(
        () => true,
        () => false,
      );
  return {
    channel,
    arrive(text) {
      last = { id: randomUUID(), text };
      return write();
    },
    arriveAgain: write,
    outgoing: (id) =>
      outgoing({ id, from: { address: ours, name: 'Shop' }, to: [{ address: theirs, name: '' }], text: 'Ready' }),
    taken: async () => outside.read(kind, theirs).filter(({ direction }) => direction === 'in').length,
    break: cut,
    ...(report ? { report } : {}),
    close: async () => undefined,
  };
}

messageChannelSuite('the SMS of the demo', async (receive: Receive) => {
  const due: (() => void)[] = [];
  const outside = createOutside(systemClock);
  const { cut, break: breakIt } = breakable(outside);
  const ours = '+74950000001';
  const account = { id: accountId, addresses: [{ value: ours }] };
  const channel = createDemoSms({ account, outside: cut, receive, clock: hurried(due), log: silentLog });
  return standOf({
    kind: 'sms',
    ours,
    theirs: '+79160000055',
    outside,
    channel,
    break: breakIt,
    report: async () => {
      for (const fn of due.splice(0)) fn();
    },
  });
});

messageChannelSuite('the e-mail of the demo', async (receive: Receive) => {
  const outside = createOutside(systemClock);
  const { cut, break: breakIt } = breakable(outside);
  const ours = 'shop@demo.example';
  const channel = createDemoEmail({
    account: { id: accountId, name: 'Demo', addresses: [{ value: ours }] },
    outside: cut,
    receive,
    state: { get: async () => null, set: async () => undefined },
    clock: systemClock,
    log: silentLog,
    mailKey: Buffer.alloc(32, 7),
  });
  return standOf({ kind: 'email', ours, theirs: 'ivan@example.com', outside, channel, break: breakIt });
});
