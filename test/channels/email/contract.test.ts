import type { InboundEvent } from '../../../channels/channel.ts';
import type { AdapterState, MessageChannel } from '../../../channels/message-channel.ts';
import { until } from '../../../demo/actors/within.ts';
import { openMailbox, outgoing, signer } from '../../support/mail-peer/channel.ts';
import { createMemoryState } from '../../support/mail-peer/house.ts';
import { letter } from '../../support/mail-peer/mailboxes.ts';
import { messageChannelSuite } from '../contract-suite.ts';
import { type ScriptedMailbox, startScriptedMailbox } from './imap/scripted-mailbox.ts';
import { startScriptedServer } from './smtp/scripted-server.ts';

const us = 'support@shop.test';

/** A mailbox server and an adapter's memory of it: what IMAP has instead of acknowledgements is a bookmark. */
function mailboxWire(server: ScriptedMailbox, state: AdapterState, channel: () => MessageChannel) {
  let lastUid = 0;
  const isKept = async (): Promise<boolean> =>
    ((await state.get<{ lastUid: number }>('imap:INBOX'))?.lastUid ?? 0) >= lastUid;
  /** The bookmark has passed the mail, or the adapter says that the house takes none. */
  async function answer(): Promise<boolean> {
    await until(async () => (await isKept()) || channel().health().state === 'degraded', 10_000, 'an answer');
    return isKept();
  }
  return {
    answer,
    put(mail: string): Promise<boolean> {
      server.mails.set(++lastUid, Buffer.from(mail).toString('latin1'));
      return answer();
    },
    /** The bookmark is lost with the last crash, and the connection with it. */
    async again(): Promise<boolean> {
      const bookmark = await state.get<object>('imap:INBOX');
      await state.set('imap:INBOX', { ...bookmark, lastUid: lastUid - 1 });
      const before = server.connections();
      server.cut();
      await until(() => server.connections() > before, 10_000, 'a new connection');
      await until(() => channel().health().state === 'up', 10_000, 'the mailbox');
      return answer();
    },
  };
}

messageChannelSuite('e-mail', async (receive) => {
  const imap = await startScriptedMailbox();
  const smtp = await startScriptedServer();
  const state = createMemoryState();
  let written = 0;
  let sent = '';
  const { channel } = openMailbox({
    address: us,
    imap: { host: '127.0.0.1', port: imap.port, security: 'none', user: 'support', sentFolder: null },
    smtp: { host: '127.0.0.1', port: smtp.port, security: 'none', auth: 'none' },
    receive: (event: InboundEvent) => receive(event),
    state,
    // a refused mail is not offered again by itself
    imapTiming: { pollMs: 20, backOffMs: [1, 2], houseMs: [3_600_000, 3_600_000] },
    smtpTiming: { silenceMs: 20_000 },
  });
  const wire = mailboxWire(imap, state, () => channel);
  return {
    channel,
    arrive: (text) => wire.put(letter(us, `mail-${++written}`, text)),
    arriveAgain: () => wire.again(),
    outgoing: (id) => {
      sent = signer.messageId(id, 'shop.test');
      return outgoing(us, 'anna@customer.test', { id });
    },
    taken: async () => smtp.mails.length,
    break(how) {
      let isLost = false;
      smtp.script = (moment) => {
        if (how === 'hang') return moment === 'RCPT' ? 'silence' : undefined;
        if (moment !== 'dot' || isLost) return undefined;
        isLost = true;
        return 'cut';
      };
    },
    async report() {
      const status = 'Final-Recipient: rfc822; anna@customer.test\r\nAction: failed\r\nStatus: 5.1.1';
      const type = 'Content-Type: multipart/report; report-type=delivery-status; boundary=b';
      const parts = [
        `--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.test\r\n\r\n${status}\r\n`,
        `--b\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: ${sent}\r\n\r\nx`,
        '--b--\r\n',
      ];
      await wire.put([`From: MAILER-DAEMON@mx.test`, `To: ${us}`, type, '', ...parts].join('\r\n'));
    },
    async close() {
      await imap.close();
      await smtp.close();
    },
  };
});
