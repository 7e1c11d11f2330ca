/** Everything above the sockets: guard, transactions, UAS and UAC, dialogs, registrar. */
import type { Clock } from '../../../../server/kernel/clock.ts';
import { createDigestServer } from '../auth/digest-server.ts';
import { createDialogTable } from '../dialog/dialog-table.ts';
import { OutgoingCall } from '../dialog/outgoing-call.ts';
import { createBuckets } from '../guard/buckets.ts';
import { createOverloadWatch } from '../guard/overload.ts';
import { limits } from '../limits.ts';
import { headerLine } from '../message/build.ts';
import { type Binding, createBindings } from '../registrar/bindings.ts';
import { createRegistrar } from '../registrar/registrar.ts';
import type { Registration, SipStack, SipStackOptions } from '../stack.ts';
import { createTransactionLayer } from '../transaction/layer.ts';
import type { Flow, TransportSink } from '../transport/flow.ts';
import type { ReceiveProbe } from '../transport/probe.ts';
import { type StackContext, tell } from './context.ts';
import { createInbound } from './inbound.ts';
import { traceMessage } from './trace.ts';
import { createUasCore } from './uas-core.ts';

export interface SipCoreOptions extends Omit<SipStackOptions, 'host' | 'publicAddress' | 'port'> {
  readonly clock: Clock;
  /** Our host and port as peers see them. */
  readonly sentBy: () => string;
  /** The flow to an address, opened when there is none. */
  flowTo(transport: 'udp' | 'tcp', address: string, port: number): Flow;
}

export interface SipCore extends Pick<SipStack, 'invite' | 'registrations' | 'stats'> {
  /** Where the transports put what they receive and send. */
  readonly sink: TransportSink;
  /** @param probe of the queue whose length is watched */
  start(probe?: ReceiveProbe): void;
  /** Refuses, cancels and says BYE; the answers are not waited for. */
  shutDown(): void;
  /** Nothing is left that waits for a peer. */
  readonly idle: boolean;
  /** Forgets the registrations without a word. */
  close(): void;
}

const registrationOf = ({ aor, contactUri, flow, expiresAt }: Binding): Registration => ({
  aor,
  contactUri,
  transport: flow.transport,
  expiresAt,
});

export function createSipCore(options: SipCoreOptions): SipCore {
  const { clock, log, handlers, realm, ha1 } = options;
  const counters = { received: 0, sent: 0, malformed: 0 };
  const buckets = createBuckets(clock);

  const malformed = (flow: Flow, reason: string): void => {
    counters.malformed++;
    buckets.penalize(flow.address, limits.malformedCost);
    log.debug({ transport: flow.transport, address: flow.address, reason }, 'malformed SIP message');
  };
  const bindings = createBindings({
    clock,
    changed: (aor, current) =>
      tell(context, 'registered', () => {
        if (current.length > 0) handlers.registered?.(aor, current.map(registrationOf));
        else handlers.unregistered?.(aor);
      }),
  });
  const registrar = createRegistrar({
    clock,
    bindings,
    digest: createDigestServer({ clock, realm, ha1 }),
    refused: (flow) => buckets.penalize(flow.address, limits.wrongPasswordCost),
  });
  const transactions = createTransactionLayer({
    clock,
    user: createUasCore({ context: () => context, registrar, invited: (invite) => handlers.invite(invite) }),
    udpFlow: (address, port) => options.flowTo('udp', address, port),
  });
  const context: StackContext = {
    clock,
    log,
    transactions,
    dialogs: createDialogTable(),
    userAgentLine: headerLine('User-Agent', options.userAgent),
    serverLine: headerLine('Server', options.userAgent),
    localHost: options.sentBy,
    flowTo: options.flowTo,
    connectionOf: bindings.connectionOf,
  };
  const overload = createOverloadWatch({ clock, log, openTransactions: () => transactions.openServers });
  const inbound = createInbound({ log, buckets, overload, transactions, malformed });
  const calls = new Set<OutgoingCall>();

  return {
    sink: {
      received(bytes, flow) {
        counters.received++;
        traceMessage(log, 'in', bytes, flow);
        inbound(bytes, flow);
      },
      malformed,
      sending(bytes, flow) {
        counters.sent++;
        traceMessage(log, 'out', bytes, flow);
      },
    },
    start: overload.start,
    shutDown() {
      overload.close();
      for (const call of calls) call.cancel({ status: 503, text: 'Shutting down' });
      for (const owner of context.dialogs.owners()) owner.shutDown();
    },
    get idle() {
      return context.dialogs.size === 0;
    },
    close: bindings.close,
    invite(invite) {
      const call: OutgoingCall = new OutgoingCall(context, invite, () => calls.delete(call));
      calls.add(call);
      call.start(bindings.of);
      return call;
    },
    registrations: (aor) => bindings.of(aor).map(registrationOf),
    stats: () => ({
      dialogs: context.dialogs.size,
      serverTransactions: transactions.servers,
      clientTransactions: transactions.clients,
      registrations: bindings.size,
      refused: overload.refused,
      ...counters,
    }),
  };
}
