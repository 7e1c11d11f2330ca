import { searchText } from '../../server/clients/search-text.ts';
import type { ClientId, UserId } from '../../server/kernel/ids.ts';
import type { Orm } from '../client.ts';
import { clientSearch, clients, contactPoints } from '../schema/index.ts';
import type { SeededCompany } from './company.ts';
import { createNumbers, type Numbers, writtenNumber } from './numbers.ts';
import {
  type ForeignCountry,
  foreignPeople,
  foreignPerson,
  type Person,
  russianPerson,
  transliterate,
} from './people.ts';
import type { Random } from './random.ts';

/** A card as its history needs it. */
export interface SeededCard {
  readonly id: ClientId;
  readonly language: 'ru' | 'en';
  /** E.164, the first one is primary. */
  readonly phones: readonly string[];
  readonly responsibleId: UserId | null;
  readonly createdAtMs: number;
  readonly vip: boolean;
}

export interface SeedCardsOptions {
  readonly random: Random;
  readonly company: SeededCompany;
  readonly now: Date;
}

const russianCount = 122;
const dayMs = 86_400_000;
const sources = {
  ru: ['сайт', 'сайт', 'звонок', 'рекомендация', 'выставка', 'реклама'],
  en: ['website', 'trade fair', 'referral'],
};
const tags = {
  ru: ['опт', 'тендер', 'сервис', 'повторный', 'рассрочка', 'переезд', 'дизайн-проект', 'срочно'],
  en: ['wholesale', 'export', 'tender', 'repeat', 'fit-out'],
};
const warnings = [
  'Только через директора: со складом условия не обсуждать',
  'Просрочка 42 дня, отгрузка после оплаты',
  'Не звонить до 11:00 — другой часовой пояс',
  'Идёт претензия по заказу, говорить спокойно',
  'Плохо слышит, говорить медленно',
] as const;
/** Countries whose people are spoken to in Russian. */
const russianSpeaking = new Set<string>(['KZ', 'BY', 'UZ', 'AM']);

interface Draft {
  readonly person: Person;
  readonly language: 'ru' | 'en';
  readonly phones: readonly string[];
  readonly email: string | undefined;
}

/** About 150 cards with numbers, addresses and search rows. */
export async function seedClientCards(orm: Orm, options: SeedCardsOptions): Promise<SeededCard[]> {
  const drafts = draftCards(options.random);
  const rows = drafts.map((draft, index) => cardRow(draft, index, options));
  const ids = await orm.insert(clients).values(rows).returning({ id: clients.id });
  const cards = drafts.map((draft, index): SeededCard => {
    const row = rows[index];
    const id = ids[index]?.id;
    if (!row || id === undefined) throw new Error('a card was not made');
    const { vip, responsibleId } = row;
    return {
      id,
      language: draft.language,
      phones: draft.phones,
      responsibleId,
      createdAtMs: row.createdAt.getTime(),
      vip,
    };
  });
  const points = drafts.map((draft, index) => pointRows(draft, cards[index]?.id));
  await orm.insert(contactPoints).values(points.flat());
  await orm.insert(clientSearch).values(
    drafts.map(({ person }, index) => ({
      clientId: ids[index]?.id ?? (0 as ClientId),
      text: searchText({ ...person, contactPoints: points[index] ?? [] }),
    })),
  );
  return cards;
}

function draftCards(random: Random): Draft[] {
  const numbers = createNumbers(random);
  const drafts: Draft[] = [];
  const names = new Set<string>();
  while (drafts.length < russianCount) {
    const person = russianPerson(random);
    if (names.has(person.name)) continue;
    names.add(person.name);
    drafts.push({
      person,
      language: 'ru',
      phones: russianPhones(random, numbers),
      email: mailOf(random, person, 'ru'),
    });
  }
  for (const [country, people] of Object.entries(foreignPeople)) {
    for (const line of people) drafts.push(foreignDraft(random, numbers, country as ForeignCountry, line));
  }
  return shuffled(random, drafts);
}

function russianPhones(random: Random, numbers: Numbers): string[] {
  const phones = [numbers.russianMobile()];
  if (random.chance(0.35)) phones.push(numbers.russianCity());
  if (random.chance(0.12)) phones.push(numbers.russianMobile());
  return phones;
}

function foreignDraft(random: Random, numbers: Numbers, country: ForeignCountry, line: string): Draft {
  const person = foreignPerson(line);
  const phones = [numbers.foreign(country, 'mobile')];
  if (person.company !== '' && random.chance(0.5)) phones.push(numbers.foreign(country, 'city'));
  return { person, language: russianSpeaking.has(country) ? 'ru' : 'en', phones, email: mailOf(random, person, 'en') };
}

/** Domains of RFC 2606: nobody can ever get mail there. */
function mailOf(random: Random, { company, mailbox }: Person, language: 'ru' | 'en'): string | undefined {
  if (!random.chance(company === '' ? 0.5 : 0.85)) return undefined;
  const words = transliterate(company.replace(/^(ООО|АО|ИП|ТОО|ЧУП) /, '')).match(/[a-z0-9]+/g) ?? [];
  const domain = words.slice(0, 2).join('-') || (language === 'ru' ? 'pochta' : 'mail');
  return `${mailbox}@${domain}.example`;
}

function cardRow({ person, language }: Draft, index: number, { random, company, now }: SeedCardsOptions) {
  const createdAt = new Date(now.getTime() - random.int(20, 380) * dayMs - random.int(0, dayMs));
  const vip = index % 14 === 3;
  const labels = random.chance(0.45) ? [random.pick(tags[language])] : [];
  const more = random.pick(tags[language]);
  if (vip && !labels.includes(more)) labels.push(more);
  return {
    kind: 'person' as const,
    name: person.name,
    company: person.company,
    position: person.position,
    responsibleId: random.chance(0.8) ? random.pick(company.agents).id : null,
    language,
    stage: vip ? ('client' as const) : random.pick(['lead', 'lead', 'client', 'client', 'client', 'lost'] as const),
    vip,
    source: random.pick(sources[language]),
    tags: labels,
    warning: index % 23 === 7 ? random.pick(warnings) : '',
    createdAt,
    updatedAt: createdAt,
  };
}

function pointRows({ phones, email, language }: Draft, clientId: ClientId | undefined) {
  if (clientId === undefined) throw new Error('a card was not made');
  const labels = language === 'ru' ? ['мобильный', 'рабочий', 'личный'] : ['mobile', 'office', 'private'];
  const rows = phones.map((value, index) => ({
    clientId,
    kind: 'phone' as 'phone' | 'email',
    value,
    raw: writtenNumber(value),
    label: labels[index] ?? '',
    isPrimary: index === 0,
  }));
  if (email) rows.push({ clientId, kind: 'email', value: email, raw: email, label: '', isPrimary: true });
  return rows;
}

/** Fisher and Yates. */
function shuffled<T>(random: Random, items: readonly T[]): T[] {
  const result: T[] = [];
  for (const item of items) {
    const at = random.int(0, result.length);
    result.push(item);
    const moved = result[at];
    if (moved === undefined) continue;
    result[result.length - 1] = moved;
    result[at] = item;
  }
  return result;
}
