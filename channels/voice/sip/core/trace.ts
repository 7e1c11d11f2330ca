/** SIP messages in the log, at trace level only. */
import type { Log } from '../../../../server/kernel/log.ts';
import type { Flow } from '../transport/flow.ts';

/** Credentials and keys of media never reach the log. */
const redact = (text: string): string =>
  text
    .replace(/^((?:proxy-)?authorization[ \t]*:)[^\r]*(?:\r\n[ \t][^\r]*)*/gim, '$1 [redacted]')
    .replace(/^(a=(?:crypto|ice-pwd):)[^\r]*/gim, '$1[redacted]');

/** Costs nothing at other levels. */
export function traceMessage(log: Log, direction: 'in' | 'out', bytes: Buffer, flow: Flow): void {
  if (!log.isLevelEnabled('trace')) return;
  const { transport, address, port } = flow;
  log.trace({ direction, transport, address, port, message: redact(bytes.toString('utf8')) }, 'SIP message');
}
