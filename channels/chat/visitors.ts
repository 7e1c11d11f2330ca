import { createHmac, timingSafeEqual } from 'node:crypto';
import type { AdapterState } from '../message-channel.ts';
import { limits } from './limits.ts';

/** One message as the visitor's browser shows it. */
export interface ChatLine {
  /** Counts the visitor's lines from 1; never reused. */
  readonly seq: number;
  /** Of the message: the same twice is one line. */
  readonly id: string;
  readonly by: 'visitor' | 'house';
  /** Who of us, as clients see him. */
  readonly name: string;
  readonly text: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** What the adapter knows of one browser. */
export interface Visitor {
  readonly id: string;
  readonly name: string;
  /** Proven by the site's signature; empty when it proved nothing. */
  readonly email: string;
  readonly phone: string;
  readonly lines: readonly ChatLine[];
  readonly lastSeq: number;
}

export const newVisitor = (id: string): Visitor => ({ id, name: '', email: '', phone: '', lines: [], lastSeq: 0 });

/** The visitor with one more line; the oldest lines go when there are too many, or too long ones. */
export function withLine(visitor: Visitor, line: Omit<ChatLine, 'seq'>): Visitor {
  if (visitor.lines.some(({ id }) => id === line.id)) return visitor;
  const lastSeq = visitor.lastSeq + 1;
  let lines = [...visitor.lines, { ...line, seq: lastSeq }].slice(-limits.messages);
  while (lines.length > 1 && Buffer.byteLength(JSON.stringify(lines)) > limits.visitorBytes) lines = lines.slice(1);
  return { ...visitor, lines, lastSeq };
}

/** Something about a visitor, in memory: the one who was away longest is forgotten for him. */
export function keepNewest<T>(map: Map<string, T>, visitorId: string, value: T): void {
  map.delete(visitorId);
  map.set(visitorId, value);
  const [oldest] = map.keys();
  if (map.size > limits.visitors && oldest !== undefined) map.delete(oldest);
}

/** Visitors of one widget: the last ones in memory, all of them in the adapter's durable memory. */
export interface Visitors {
  get(id: string): Promise<Visitor | null>;
  /** One change after another for one visitor; durable when it resolves. */
  change(id: string, change: (visitor: Visitor) => Visitor): Promise<Visitor>;
}

export function createVisitors(state: AdapterState): Visitors {
  const known = new Map<string, Visitor>();
  const lines = new Map<string, Promise<unknown>>();
  const keyOf = (id: string): string => `visitor:${id}`;

  const remember = (visitor: Visitor): void => keepNewest(known, visitor.id, visitor);

  async function get(id: string): Promise<Visitor | null> {
    const held = known.get(id) ?? (await state.get<Visitor>(keyOf(id)));
    if (held) remember(held);
    return held;
  }

  return {
    get,
    change(id, change) {
      const work = (lines.get(id) ?? Promise.resolve()).then(async () => {
        const before = (await get(id)) ?? newVisitor(id);
        const after = change(before);
        if (after !== before) await state.set(keyOf(id), after);
        remember(after);
        return after;
      });
      const settled = work.catch(() => undefined);
      lines.set(id, settled);
      void settled.then(() => {
        if (lines.get(id) === settled) lines.delete(id);
      });
      return work;
    },
  };
}

/** Makes and checks what a browser keeps: `VISITOR.SIGNATURE`. Whoever has it reads and writes as that visitor. */
export interface VisitorTokens {
  tokenOf(visitorId: string): string;
  /** null = not ours. */
  visitorOf(token: unknown): string | null;
}

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** @param key secret bytes, the same for ever for this account */
export function createVisitorTokens(key: Buffer): VisitorTokens {
  const macOf = (id: string): string => createHmac('sha256', key).update(`visitor\0${id}`).digest('base64url');
  return {
    tokenOf: (id) => `${id}.${macOf(id)}`,
    visitorOf(token) {
      if (typeof token !== 'string' || token.length > 200) return null;
      const [id = '', mac = ''] = token.split('.');
      return uuid.test(id) && isSame(mac, macOf(id)) ? id : null;
    },
  };
}

/** @param given of anybody: any characters at all */
function isSame(given: string, own: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(own)];
  return one.length === other.length && timingSafeEqual(one, other);
}

/** Whom the site says its visitor is: HMAC-SHA256 in hex over `email|phone`, made by the site's server with the shared key. */
export function isSignedBySite(key: string, who: { email: string; phone: string; signature: string }): boolean {
  if (key === '' || (who.email === '' && who.phone === '')) return false;
  const mac = createHmac('sha256', key).update(`${who.email}|${who.phone}`).digest('hex');
  return isSame(who.signature.toLowerCase(), mac);
}
