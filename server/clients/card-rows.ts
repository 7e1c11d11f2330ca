/** Reading cards, without the query builder: the threads of imports read them too, and it takes longer to load than all of theirs. */
import type { Executor } from '../../db/client.ts';
import type { ClientId, UserId } from '../kernel/ids.ts';
import type { StoredCard, StoredContactPoint } from './client.ts';

/** The columns of `cardColumns`. */
export interface CardRow {
  id: ClientId;
  version: number;
  kind: StoredCard['kind'];
  name: string;
  company: string;
  position: string;
  responsible_id: UserId | null;
  responsible_name: string | null;
  language: StoredCard['language'];
  time_zone: string;
  stage: StoredCard['stage'];
  vip: boolean;
  source: string;
  tags: string[];
  warning: string;
  created_at: Date;
  merged_into_id: ClientId | null;
  contact_points: StoredContactPoint[];
}

/** Contact points `p` as JSON, the primary ones first. */
export const pointsJson = `
  json_agg(json_build_object('id', p.id, 'kind', p.kind, 'value', p.value, 'extension', p.extension,
                             'label', p.label, 'isPrimary', p.is_primary) ORDER BY p.is_primary DESC, p.id)`;

/** A card's contact points as JSON, the primary ones first; `c` is the card. */
export const contactPointsJson = `coalesce((
  SELECT ${pointsJson} FROM contact_points p WHERE p.client_id = c.id), '[]'::json) AS contact_points`;

/** A card's columns, with `c` the card and `u` its responsible manager. */
export const cardColumns = `
  c.id, c.version, c.kind, c.name, c.company, c.position, c.responsible_id, u.name AS responsible_name,
  c.language, c.time_zone, c.stage, c.vip, c.source, c.tags, c.warning, c.created_at, c.merged_into_id`;

const cardSelect = `
  SELECT ${cardColumns}, ${contactPointsJson}
  FROM clients c LEFT JOIN users u ON u.id = c.responsible_id`;

/** The responsible manager of a row that has one. */
export function responsibleOf(row: { responsible_id: UserId | null; responsible_name: string | null }) {
  return row.responsible_id === null ? null : { id: row.responsible_id, name: row.responsible_name ?? '' };
}

/** The card of a row. */
export function cardOf(row: CardRow): StoredCard {
  const { id, responsible_id, responsible_name, time_zone, created_at, merged_into_id, contact_points, ...same } = row;
  return {
    ...same,
    id,
    responsible: responsibleOf({ responsible_id, responsible_name }),
    timeZone: time_zone,
    contactPoints: contact_points,
    createdAt: created_at,
  };
}

/** A card with its contact points in one round trip; for one that was emptied into another, that other one. */
export async function readCard(db: Executor, id: ClientId): Promise<StoredCard | null> {
  const [row] = await db.run<CardRow>({ name: 'client_card', text: `${cardSelect} WHERE c.id = $1`, values: [id] });
  if (row?.merged_into_id) return readCard(db, row.merged_into_id);
  return row ? cardOf(row) : null;
}

/** Those of these cards that are there; an emptied one is left out. */
export async function readCards(db: Pick<Executor, 'run'>, ids: readonly ClientId[]): Promise<StoredCard[]> {
  const text = `${cardSelect} WHERE c.id = ANY($1::bigint[]) AND c.merged_into_id IS NULL`;
  return (await db.run<CardRow>({ name: 'client_cards', text, values: [ids] })).map(cardOf);
}
