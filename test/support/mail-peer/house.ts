import type { InboundEvent, Receipt, Receive } from '../../../channels/channel.ts';
import type { AdapterState, DeliveryReported, MessageArrived } from '../../../channels/message-channel.ts';
import { until } from '../../../demo/actors/within.ts';

/** A house that keeps what comes in: each event once, by its source, as the real one does. */
export interface MemoryHouse {
  readonly receive: Receive;
  readonly events: readonly InboundEvent[];
  /** How often something came that was there already. */
  duplicates(): number;
  arrivals(): MessageArrived[];
  reports(): DeliveryReported[];
  /** The first arrival that fits, when it has come. */
  arrival(fits: (event: MessageArrived) => boolean, ms?: number): Promise<MessageArrived>;
  report(fits: (event: DeliveryReported) => boolean, ms?: number): Promise<DeliveryReported>;
  /** What happens to an event before it is stored; throws or answers otherwise to refuse it. */
  onReceive: (event: InboundEvent) => Receipt | null;
}

export function createMemoryHouse(): MemoryHouse {
  const stored = new Map<string, InboundEvent>();
  const events: InboundEvent[] = [];
  let twice = 0;
  const house: MemoryHouse = {
    events,
    onReceive: () => null,
    async receive(event) {
      const answer = house.onReceive(event);
      if (answer) return answer;
      if (stored.has(event.sourceId)) {
        twice++;
        return { accepted: false, reason: 'duplicate' };
      }
      stored.set(event.sourceId, event);
      events.push(event);
      return { accepted: true };
    },
    duplicates: () => twice,
    arrivals: () => events.filter((event) => event.type === 'message.arrived'),
    reports: () => events.filter((event) => event.type === 'delivery.reported'),
    arrival: (fits, ms = 20_000) => until(() => house.arrivals().find(fits), ms, 'the arrival of a mail'),
    report: (fits, ms = 20_000) => until(() => house.reports().find(fits), ms, 'a report of delivery'),
  };
  return house;
}

/** The memory of an adapter, written and read as JSON. */
export function createMemoryState(): AdapterState {
  const values = new Map<string, string>();
  return {
    async get<T>(key: string) {
      const text = values.get(key);
      return text === undefined ? null : (JSON.parse(text) as T);
    },
    async set(key, value) {
      values.set(key, JSON.stringify(value));
    },
  };
}
