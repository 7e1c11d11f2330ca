/** The sections, in the order in which a new owner needs them. */
export const screens = [
  'start',
  'people',
  'shifts',
  'lines',
  'queues',
  'sounds',
  'outcomes',
  'accounts',
  'templates',
  'rules',
  'messaging',
  'failed',
  'import',
  'history',
  'audit',
  'company',
] as const;
export type Screen = (typeof screens)[number];

/** What an address under /admin opens: a section, and in it a thing (`item`) in the side panel. */
export interface AdminPlace {
  readonly screen: Screen;
  /** `7`, `new`, `team-2`, `coverage`. */
  readonly item: string | undefined;
}

/** What every section gets: which of its things the address opens. */
export interface ScreenProps {
  readonly item: AdminPlace['item'];
}

/** Pure: path to place; undefined = there is no such page. */
export function adminPlaceOf(path: string): AdminPlace | undefined {
  const [, root, name = 'start', item, ...rest] = path.split('/');
  const screen = screens.find((one) => one === name);
  if (root !== 'admin' || screen === undefined || rest.length > 0) return undefined;
  return { screen, item: item === '' ? undefined : item };
}

export const adminPath = (screen: Screen, item?: string | number): string =>
  screen === 'start' ? '/admin' : item === undefined ? `/admin/${screen}` : `/admin/${screen}/${item}`;

/** A thing's id in an item like `team-2`; `new` for one that is being made. Without a prefix: `2`. */
export function idOf(item: string | undefined, prefix = ''): number | 'new' | undefined {
  if (item === undefined || !item.startsWith(prefix)) return undefined;
  const rest = item.slice(prefix.length);
  if (rest === 'new') return 'new';
  return /^[1-9]\d{0,14}$/.test(rest) ? Number(rest) : undefined;
}
