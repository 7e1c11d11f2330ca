const plain = (text: string): string => text.toLocaleLowerCase('ru').replaceAll('ё', 'е');

/** Whether every word of the query is somewhere in the texts; ё counts as е. */
export function matches(query: string, texts: readonly string[]): boolean {
  const text = plain(texts.join(' '));
  return plain(query)
    .split(/\s+/)
    .every((word) => text.includes(word));
}
