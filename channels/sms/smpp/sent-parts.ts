/**
 * Which submission is whose: ties receipts to messages by our reference, or by the SMSC's id in any of its spellings.
 * In memory only and bounded; after a restart the house finds the message by the provider's id.
 */
import type { Clock } from '../../../server/kernel/clock.ts';
import type { MessageId } from '../../../server/kernel/ids.ts';
import { limits } from '../limits.ts';
import { plainNumber } from './addresses.ts';
import { type IdSpelling, idSpellings, plainId, unspellId } from './receipt.ts';

/** One submitted part. */
export interface SentPart {
  readonly messageId: MessageId;
  /** null: the message has one part. */
  readonly part: number | null;
  readonly to: string;
  /** user_message_reference. */
  readonly reference: number;
}

export interface TiedPart extends SentPart {
  /** As in `accepted`; null while the SMSC has not answered. */
  readonly providerId: string | null;
  /** How the receipt's id was made of it; null when the reference tied them. */
  readonly spelling: IdSpelling | null;
}

/** A submission on its way. */
export interface Flight {
  /** The SMSC took it. Also after `ended`, when its answer came too late. */
  accepted(id: string): void;
  /** Nobody waits for its answer any more. */
  ended(): void;
}

export interface SentParts {
  begin(part: SentPart): Flight;
  find(query: { ids: readonly string[]; reference: number | null; numbers: readonly string[] }): TiedPart | null;
  /** The SMSC's id of the part with this reference; null when it is not known here. */
  idOf(reference: number, to: string): string | null;
  /** It is sure that nothing with this reference was begun since then: this process has forgotten nothing of that time. */
  isUnsent(reference: number, to: string, since: number): boolean;
  /** Resolves when no submission to this number is on its way any more; null when there is none. */
  landed(number: string): Promise<void> | null;
}

/** A map that forgets its oldest entries. */
function createBoundedMap<T>(most: number, onForget: () => void = () => undefined) {
  const map = new Map<string, T>();
  return {
    get: (key: string) => map.get(key),
    set(key: string, value: T): void {
      map.delete(key);
      map.set(key, value);
      for (const oldest of map.keys()) {
        if (map.size <= most) break;
        map.delete(oldest);
        onForget();
      }
    },
  };
}

interface Known extends SentPart {
  providerId: string | null;
}

export function createSentParts(clock: Pick<Clock, 'now'>): SentParts {
  /** All that began after this is known. Forgetting the oldest is rare: the time of the youngest does for it. */
  let knownSince = clock.now();
  const byReference = createBoundedMap<Known>(limits.sentParts, () => {
    knownSince = clock.now();
  });
  const byId = createBoundedMap<Known>(limits.sentParts);
  const flights = new Map<string, Set<Promise<void>>>();

  const referenceKey = (reference: number, number: string): string => `${reference}:${plainNumber(number)}`;

  function findById(id: string, numbers: readonly string[]): TiedPart | null {
    for (const spelling of idSpellings) {
      const key = unspellId(id, spelling);
      const known = key === null ? undefined : byId.get(key);
      // 1001 may be the hexadecimal name of another message: then the number decides
      const isSure = spelling === 'same' || numbers.includes(plainNumber(known?.to ?? ''));
      if (known !== undefined && isSure) return { ...known, spelling };
    }
    return null;
  }

  return {
    begin(part) {
      const known: Known = { ...part, providerId: null };
      byReference.set(referenceKey(part.reference, part.to), known);
      const number = plainNumber(part.to);
      const { promise, resolve } = Promise.withResolvers<void>();
      const onTheirWay = flights.get(number) ?? new Set();
      flights.set(number, onTheirWay.add(promise));
      return {
        accepted(id) {
          known.providerId = id;
          byId.set(plainId(id), known);
        },
        ended() {
          onTheirWay.delete(promise);
          if (onTheirWay.size === 0 && flights.get(number) === onTheirWay) flights.delete(number);
          resolve();
        },
      };
    },
    find({ ids, reference, numbers }) {
      const plain = numbers.map(plainNumber);
      for (const number of reference === null ? [] : plain) {
        const known = byReference.get(referenceKey(reference ?? 0, number));
        if (known !== undefined) return { ...known, spelling: null };
      }
      for (const id of ids) {
        const tied = findById(id, plain);
        if (tied !== null) return tied;
      }
      return null;
    },
    idOf: (reference, to) => byReference.get(referenceKey(reference, to))?.providerId ?? null,
    isUnsent: (reference, to, since) =>
      since >= knownSince && byReference.get(referenceKey(reference, to)) === undefined,
    landed(number) {
      const onTheirWay = flights.get(plainNumber(number));
      return onTheirWay === undefined ? null : Promise.all(onTheirWay).then(() => undefined);
    },
  };
}
