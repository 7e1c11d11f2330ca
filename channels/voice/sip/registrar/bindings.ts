/** Where the AORs are reachable now (RFC 3261 section 10.2.1). A binding over a WebSocket dies with it. */
import type { Clock, TimerHandle } from '../../../../server/kernel/clock.ts';
import type { Flow, FlowWatcher } from '../transport/flow.ts';

export interface Binding {
  readonly aor: string;
  /** URI of the Contact, as on the wire. */
  readonly contactUri: string;
  /** Two Contacts with the same key are the same place. */
  readonly key: string;
  /** Where it registered from. */
  readonly flow: Flow;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
  readonly callId: string;
  readonly cseq: number;
  /** +sip.instance and reg-id (RFC 5626), '' when not given. */
  readonly instance: string;
  readonly regId: string;
  /** Path values (RFC 3327). */
  readonly path: readonly string[];
}

export interface Bindings {
  /** Live bindings, oldest first. */
  of(aor: string): readonly Binding[];
  /** Puts a new set in place of the old one. */
  replace(aor: string, bindings: readonly Binding[]): void;
  /** The open connection of the binding with this contact URI. */
  connectionOf(contactUri: string): Flow | undefined;
  readonly aors: number;
  readonly size: number;
  close(): void;
}

export interface BindingsOptions {
  readonly clock: Clock;
  /** From none to some, or back. */
  readonly changed: (aor: string, bindings: readonly Binding[]) => void;
}

/** How late an expired binding may be noticed when nobody asks for it. */
const sweepMs = 5_000;

export function createBindings({ clock, changed }: BindingsOptions): Bindings {
  const byAor = new Map<string, readonly Binding[]>();
  const byContact = new Map<string, Binding>();
  const watchers = new Map<Binding, FlowWatcher>();
  let sweep: TimerHandle | undefined;

  const isLive = (binding: Binding): boolean => binding.expiresAt > clock.now() && !binding.flow.closed;

  const forget = (binding: Binding): void => {
    const watcher = watchers.get(binding);
    if (watcher) binding.flow.unwatch(watcher);
    watchers.delete(binding);
    if (byContact.get(binding.contactUri) === binding) byContact.delete(binding.contactUri);
  };
  const adopt = (binding: Binding): void => {
    byContact.set(binding.contactUri, binding);
    if (binding.flow.transport !== 'ws' || watchers.has(binding)) return;
    const watcher = { flowClosed: () => prune(binding.aor) };
    watchers.set(binding, watcher);
    binding.flow.watch(watcher);
  };
  const replace = (aor: string, next: readonly Binding[]): void => {
    const before = byAor.get(aor) ?? [];
    for (const binding of before) if (!next.includes(binding)) forget(binding);
    for (const binding of next) adopt(binding);
    if (next.length > 0) byAor.set(aor, next);
    else byAor.delete(aor);
    if ((before.length === 0) !== (next.length === 0)) changed(aor, next);
    if (byAor.size > 0) sweep ??= clock.after(sweepMs, sweepAll);
  };
  const prune = (aor: string): void => {
    const bindings = byAor.get(aor) ?? [];
    if (!bindings.every(isLive)) replace(aor, bindings.filter(isLive));
  };
  const sweepAll = (): void => {
    sweep = undefined;
    for (const aor of [...byAor.keys()]) prune(aor);
    if (byAor.size > 0) sweep ??= clock.after(sweepMs, sweepAll);
  };

  return {
    of(aor) {
      prune(aor);
      return byAor.get(aor) ?? [];
    },
    replace,
    connectionOf(contactUri) {
      const binding = byContact.get(contactUri);
      return binding && isLive(binding) ? binding.flow : undefined;
    },
    get aors() {
      return byAor.size;
    },
    get size() {
      return byContact.size;
    },
    close() {
      sweep?.cancel();
      for (const bindings of byAor.values()) for (const binding of bindings) forget(binding);
      byAor.clear();
    },
  };
}
