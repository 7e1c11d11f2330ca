/** What the layers above the transactions share: one per stack, built by `createSipStack`. */
import type { Clock } from '../../../../server/kernel/clock.ts';
import type { Log } from '../../../../server/kernel/log.ts';
import type { DialogTable } from '../dialog/dialog-table.ts';
import type { TransactionLayer } from '../transaction/layer.ts';
import type { Flow } from '../transport/flow.ts';

export interface StackContext {
  readonly clock: Clock;
  readonly log: Log;
  readonly transactions: TransactionLayer;
  readonly dialogs: DialogTable;
  /** `User-Agent:` line for requests. */
  readonly userAgentLine: string;
  /** `Server:` line for responses. */
  readonly serverLine: string;
  /** Host and port of ours, for From and the default of a URI. */
  readonly localHost: () => string;
  flowTo(transport: 'udp' | 'tcp', address: string, port: number): Flow;
  /** The open connection behind a registered contact URI, after its peer came back on another. */
  connectionOf(contactUri: string): Flow | undefined;
}

/** Our Contact on this flow (RFC 3261 section 8.1.1.8). */
export const contactLine = (flow: Flow): string =>
  `Contact: <sip:${flow.sentBy}${flow.transport === 'udp' ? '' : `;transport=${flow.transport}`}>\r\n`;

/** Runs a handler of the house: its failure is logged, harms no other call, and is returned as false. */
export function tell(context: Pick<StackContext, 'log'>, handler: string, run: () => void): boolean {
  try {
    run();
    return true;
  } catch (error) {
    context.log.error({ err: error, handler }, 'SIP event handler failed');
    return false;
  }
}
