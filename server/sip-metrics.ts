import { Counter, Gauge, type Registry } from 'prom-client';
import type { SipStackStats } from '../channels/voice/sip/stack.ts';

export interface SipMetricsOptions {
  readonly registry: Registry;
  readonly stats: () => SipStackStats;
  /** Calls in hand, from arrival to the end of the wrap-up. */
  readonly callsInHand: () => number;
}

/** What the SIP stack holds at this moment: it all goes back to nothing when nobody calls. */
export function addSipMetrics({ registry, stats, callsInHand }: SipMetricsOptions): void {
  const gauge = (name: string, help: string, read: () => number): void => {
    new Gauge({
      name: `switchroom_${name}`,
      help,
      registers: [registry],
      collect() {
        this.set(read());
      },
    });
  };
  gauge('calls', 'Calls in hand, from arrival to the end of the wrap-up', callsInHand);
  gauge('sip_dialogs', 'SIP dialogs, early and confirmed', () => stats().dialogs);
  gauge('sip_server_transactions', 'SIP requests of peers in progress', () => stats().serverTransactions);
  gauge('sip_client_transactions', 'SIP requests of ours in progress', () => stats().clientTransactions);
  gauge('sip_registrations', 'Places where phones are registered', () => stats().registrations);
  const counter = (name: string, help: string, read: () => number): void => {
    new Counter({
      name: `switchroom_${name}_total`,
      help,
      registers: [registry],
      collect() {
        this.reset();
        this.inc(read());
      },
    });
  };
  counter('sip_received', 'SIP messages received', () => stats().received);
  counter('sip_sent', 'SIP messages sent', () => stats().sent);
  counter('sip_malformed', 'SIP messages that could not be read', () => stats().malformed);
  counter('sip_refused', 'SIP requests refused with 503 under overload', () => stats().refused);
}
