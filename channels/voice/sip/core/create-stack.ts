/** The core on real sockets. */
import { systemClock } from '../../../../server/kernel/clock.ts';
import { limits } from '../limits.ts';
import type { SipStack, SipStackOptions } from '../stack.ts';
import { createTransports } from '../transport/transports.ts';
import { createSipCore } from './create-core.ts';

/** @see SipStack */
export function createSipStack(options: SipStackOptions): SipStack {
  const { clock, host, publicAddress, port } = options;
  const core = createSipCore({
    ...options,
    sentBy: () => transports.sentBy,
    flowTo: (transport, address, remotePort) => transports.flowTo(transport, address, remotePort),
  });
  const transports = createTransports({ clock, host, publicAddress, port, sink: core.sink });
  let closed: Promise<void> | undefined;

  /** The BYEs are answered, or had their time. Real time even in tests: a clock that stands still must not hang here. */
  const drained = (deadline: number): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (core.idle || systemClock.now() >= deadline) resolve();
        else systemClock.after(pollMs, look);
      };
      look();
    });
  const shutDown = async (): Promise<void> => {
    core.shutDown();
    await drained(systemClock.now() + limits.closeDrainMs);
    core.close();
    await transports.close();
  };

  return {
    async start() {
      await transports.start();
      core.start(transports.probe);
    },
    close() {
      closed ??= shutDown();
      return closed;
    },
    get port() {
      return transports.port;
    },
    handleUpgrade: transports.handleUpgrade,
    invite: core.invite,
    registrations: core.registrations,
    stats: core.stats,
  };
}

/** How often close() looks whether everybody has answered. */
const pollMs = 5;
