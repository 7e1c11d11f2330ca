import { createRandom, type Random } from '../../db/seed/random.ts';
import type { ApiClient } from '../actors/api-client.ts';

export interface CastClient {
  readonly id: number;
  readonly number: string;
  readonly name: string;
}

/** Who calls and is called: clients of the demo, each in one story as long as there are enough, and numbers that nobody has. */
export interface Cast {
  /** @throws Error when there are no more of them */
  withManager(): CastClient;
  vip(): CastClient;
  known(): CastClient;
  /** A number of no card. */
  unknown(): string;
  /** A number of no card that the demo's carrier answers with a failure. */
  fails(ending: '00' | '01' | '02' | '03'): string;
}

const page = 100;
/** Numbers of the demo's clients begin so; those of earlier days' unknown callers do not, and would fill the page. */
const beginnings = ['+790', '+791', '+792', '+796', '+798'] as const;
/** The demo's carrier fails calls to numbers that end so; see channels/voice/demo-carrier.ts. */
const failing = /0[0-4]$/;
const firstAnswered = 5;

/** Chooses the cast by the seed. */
export async function chooseCast(client: ApiClient, seed: number): Promise<Cast> {
  const random = createRandom(seed ^ 0x5eed);
  const pages = beginnings.map((q) => client.call('GET /api/v1/clients', { querystring: { q, limit: page } }));
  const items = new Map((await Promise.all(pages)).flatMap((each) => each.items).map((item) => [item.id, item]));
  const free = [...items.values()]
    .flatMap(({ id, kind, name, vip, responsible, contactPoints }) => {
      const phone = contactPoints.find((point) => point.kind === 'phone' && /^\+7\d{10}$/.test(point.value));
      return phone && !failing.test(phone.value) && kind !== 'unknown'
        ? [{ id, name, vip, number: phone.value, hasManager: responsible !== null }]
        : [];
    })
    .map((each) => ({ each, order: random.int(0, 1_000_000) }))
    .sort((a, b) => a.order - b.order)
    .map(({ each }) => each);
  const used: (typeof free)[number][] = [];
  const takeWhere = (what: string, is: (each: (typeof free)[number]) => boolean): CastClient => {
    // in a long day people call again, who called longest ago first
    if (!free.some(is)) free.push(...used.splice(0));
    const at = free.findIndex(is);
    const [found] = at < 0 ? [] : free.splice(at, 1);
    if (found) used.push(found);
    if (!found) throw new Error(`the demo has no more clients ${what}: choose a lower --rate or a shorter day`);
    return found;
  };
  const unused = await freshNumbers(client, random);
  return {
    withManager: () => takeWhere('with a responsible manager', ({ hasManager, vip }) => hasManager && !vip),
    vip: () => takeWhere('who are VIPs', ({ vip }) => vip),
    known: () => takeWhere('with a number', ({ vip }) => !vip),
    unknown: () => unused.next(),
    fails: (ending) => unused.next(ending),
  };
}

/** Mobile networks of Russia that no client of the demo has; the subscriber's number begins with zeros, as nobody's does. */
const networks = [950, 951, 952, 953, 958, 995, 996, 999] as const;
const attempts = 50;

/** Numbers that no card has now: a block of hundred that no earlier day has used. */
async function freshNumbers(client: ApiClient, random: Random): Promise<{ next(ending?: string): string }> {
  let block = '';
  for (let attempt = 0; attempt < attempts; attempt++) {
    block = `+7${random.pick(networks)}000${String(random.int(0, 99)).padStart(2, '0')}`;
    const { items } = await client.call('GET /api/v1/clients', { querystring: { q: block, limit: 1 } });
    if (items.length === 0) break;
  }
  let last = firstAnswered;
  return {
    next(ending) {
      if (ending !== undefined) return `${block}${ending}`;
      if (last > 99) throw new Error('no more numbers that nobody has: choose a lower --rate or a shorter day');
      return `${block}${String(last++).padStart(2, '0')}`;
    },
  };
}
