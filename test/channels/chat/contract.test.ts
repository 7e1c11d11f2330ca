import { systemClock } from '../../../server/kernel/clock.ts';
import { messageChannelSuite } from '../contract-suite.ts';
import { outgoing } from '../demo/outgoing.ts';
import { chatStand, said } from './chat-stand.ts';

messageChannelSuite('the web chat', async (receive) => {
  let how: 'hang' | 'lose_answer' | null = null;
  const stand = await chatStand({
    receive,
    clock: systemClock,
    isStarted: false,
    onKeep: async (keep) => {
      if (how === 'hang') return new Promise(() => undefined);
      keep();
      if (how === 'lose_answer') throw new Error('the answer was lost');
    },
  });
  let last = said('');
  let token = '';
  const write = async (): Promise<boolean> => {
    token ||= String((await stand.post('hello', {})).body['token']);
    return stand.post('say', { token, ...last }).then(
      ({ status }) => status === 200,
      () => false,
    );
  };
  // somebody must have come before we can write to him
  const id = '01a201c5-192b-7000-ae13-a2faff19b6ec';
  stand.memory.set(`visitor:${id}`, { id, name: '', email: '', phone: '', lines: [], lastSeq: 0 });
  const lines = () => (stand.memory.get(`visitor:${id}`) as { lines: unknown[] }).lines;
  return {
    channel: stand.chat,
    arrive(text) {
      last = said(text);
      return write();
    },
    arriveAgain: write,
    outgoing: (messageId) => outgoing({ id: messageId, to: [{ address: id, name: '' }] }),
    taken: async () => lines().length,
    break(next) {
      how = next;
    },
    async report() {
      await stand.listen(stand.tokenOf(id), 0);
    },
    close: async () => undefined,
  };
});
