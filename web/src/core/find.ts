/** Finds by a few letters, the way one types a name one knows: word beginnings first. */
export function rank(query: string, name: string): number {
  const wanted = fold(query);
  const have = fold(name);
  if (wanted === "") return 1;
  if (have === wanted) return 5;
  if (have.startsWith(wanted)) return 4;
  if (have.split(/[\s\-_.,]+/).some((word) => word.startsWith(wanted))) return 3;
  if (have.includes(wanted)) return 2;
  return isSpread(wanted, have) ? 1 : 0;
}

export function find<Item>(query: string, items: readonly Item[], nameOf: (item: Item) => string, max: number): Item[] {
  return items
    .map((item, index) => ({ item, index, rank: rank(query, nameOf(item)) }))
    .filter((one) => one.rank > 0)
    .sort((a, b) => b.rank - a.rank || a.index - b.index)
    .slice(0, max)
    .map((one) => one.item);
}

/** Without accents and case. */
export function fold(text: string): string {
  return text.normalize("NFD").replaceAll(/\p{Mark}/gu, "").toLowerCase().trim();
}

function isSpread(wanted: string, have: string): boolean {
  let from = 0;
  for (const letter of wanted) {
    const at = have.indexOf(letter, from);
    if (at < 0) return false;
    from = at + 1;
  }
  return true;
}

/** The `@word` at the caret, if one is being typed. */
export function mentionAt(text: string, caret: number): { from: number; query: string } | undefined {
  const match = /(?:^|[\s(])@([\p{L}\p{N}._-]*(?: [\p{L}\p{N}._-]*)?)$/u.exec(text.slice(0, caret));
  if (match?.[1] === undefined) return undefined;
  return { from: caret - match[1].length - 1, query: match[1] };
}
