/** Where a message came from and where an answer goes: a remote address over UDP, or one connection. */
import type { SipTransportName } from '../stack.ts';

/** Somebody whose work dies with a connection: a pending transaction, a dialog, a binding. */
export interface FlowWatcher {
  flowClosed(flow: Flow): void;
}

export interface Flow {
  readonly transport: SipTransportName;
  /** TCP and WebSocket: no retransmissions needed (RFC 3261 section 17). */
  readonly reliable: boolean;
  readonly address: string;
  readonly port: number;
  /** Who the WebSocket's upgrade was authenticated as. */
  readonly identity: string | undefined;
  /** Our side, as it stands in Via: host:port. */
  readonly sentBy: string;
  /** Always false for UDP. */
  readonly closed: boolean;
  /** Never throws. `onError` when the octets surely did not leave; on a connection the close says so instead. */
  send(bytes: Buffer, onError?: () => void): void;
  /** Tells the watcher once when the connection closes. Does nothing for UDP. Adding twice is adding once. */
  watch(watcher: FlowWatcher): void;
  unwatch(watcher: FlowWatcher): void;
}

/** What a transport hands its input to. */
export interface TransportSink {
  /** One whole message, not parsed. */
  received(bytes: Buffer, flow: Flow): void;
  /** Input that cannot be cut into messages; the connection is closed. */
  malformed(flow: Flow, reason: string): void;
  /** Before the octets leave. */
  sending(bytes: Buffer, flow: Flow): void;
}

/** The watchers of one connection. */
export interface Watchers {
  add(watcher: FlowWatcher): void;
  delete(watcher: FlowWatcher): void;
  readonly size: number;
  /** Tells everybody once and forgets them. */
  close(flow: Flow): void;
}

export function createWatchers(): Watchers {
  const watchers = new Set<FlowWatcher>();
  return {
    add: (watcher) => void watchers.add(watcher),
    delete: (watcher) => void watchers.delete(watcher),
    get size() {
      return watchers.size;
    },
    close(flow) {
      const told = [...watchers];
      watchers.clear();
      for (const watcher of told) watcher.flowClosed(flow);
    },
  };
}

/** IPv4 addresses of a dual-stack socket without their ::ffff: prefix. */
export const plainAddress = (address: string | undefined): string => (address ?? '').replace(/^::ffff:(?=\d+\.)/, '');
