/** The list with `item` at place `to`; the same list when it is there already or there is no such place. */
export function moved<T>(list: readonly T[], item: T, to: number): readonly T[] {
  const from = list.indexOf(item);
  if (from < 0 || to === from || to < 0 || to >= list.length) return list;
  const rest = list.filter((_, index) => index !== from);
  return [...rest.slice(0, to), item, ...rest.slice(to)];
}
