/** Puts the layers together: transports, guard, transactions, core, dialogs, registrar. */
import { systemClock } from '../../../../server/kernel/clock.ts';
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
import type { Flow } from '../transport/flow.ts';
import { createTransports } from '../transport/transports.ts';
import { type StackContext, tell } from './context.ts';
import { createInbound } from './inbound.ts';
import { traceMessage } from './trace.ts';
import { createUasCore } from './uas-core.ts';

const registrationOf = ({ aor, contactUri, flow, expiresAt }: Binding): Registration => ({
  aor,
  contactUri,
  transport: flow.transport,
  expiresAt,
});

/** @see SipStack */
export function createSipStack(options: SipStackOptions): SipStack {
  const { clock, log, handlers, realm, ha1 } = options;
  const counters = { received: 0, sent: 0, malformed: 0 };
  const buckets = createBuckets(clock);

  const malformed = (flow: Flow, reason: string): void => {
    counters.malformed++;
    buckets.penalize(flow.address);
    log.debug({ transport: flow.transport, address: flow.address, reason }, 'malformed SIP message');
  };
  const transports = createTransports({
    clock,
    host: options.host,
    publicAddress: options.publicAddress,
    port: options.port,
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
  });
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
    refused: (flow) => buckets.penalize(flow.address),
  });
  const transactions = createTransactionLayer({
    clock,
    user: createUasCore({ context: () => context, registrar, invited: (invite) => handlers.invite(invite) }),
    udpFlow: (address, port) => transports.flowTo('udp', address, port),
  });
  const context: StackContext = {
    clock,
    log,
    transactions,
    dialogs: createDialogTable(),
    userAgentLine: headerLine('User-Agent', options.userAgent),
    serverLine: headerLine('Server', options.userAgent),
    localHost: () => transports.sentBy,
    flowTo: transports.flowTo,
    connectionOf: bindings.connectionOf,
  };
  const overload = createOverloadWatch(clock, () => transactions.openServers);
  const inbound = createInbound({ log, buckets, overload, transactions, malformed });
  const calls = new Set<OutgoingCall>();
  let closed: Promise<void> | undefined;

  const shutDown = async (): Promise<void> => {
    overload.close();
    for (const call of calls) call.cancel({ status: 503, text: 'Shutting down' });
    for (const owner of context.dialogs.owners()) owner.shutDown();
    await drained();
    bindings.close();
    await transports.close();
  };
  /** The BYEs are answered, or had their time. Real time even in tests: a clock that stands still must not hang here. */
  const drained = (): Promise<void> =>
    new Promise((resolve) => {
      if (context.dialogs.size === 0) {
        resolve();
        return;
      }
      const startedAt = systemClock.now();
      const look = (): void => {
        const late = systemClock.now() - startedAt >= limits.closeDrainMs;
        if (late || context.dialogs.size === 0) resolve();
        else systemClock.after(10, look);
      };
      systemClock.after(10, look);
    });

  return {
    async start() {
      await transports.start();
      overload.start();
    },
    close() {
      closed ??= shutDown();
      return closed;
    },
    get port() {
      return transports.port;
    },
    handleUpgrade: transports.handleUpgrade,
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
      ...counters,
    }),
  };
}
