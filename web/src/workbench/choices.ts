// The entities that a query is about: VALUES rows of entity ids, as kg/queries/__init__.py reads them.

export interface Choice {
  name: string;
  ids: string[];
  /** The position of the row in the text. */
  start: number;
  end: number;
}

const ROW = /VALUES \?(\w+) \{((?: <[a-z-]+\/[a-z0-9-]+>)+) \}/g;
const ONE = /^[a-z-]+\/[a-z0-9-]+$/;

/** Return every choice of a query, in the order of the text. */
export function choices(text: string): Choice[] {
  return [...text.matchAll(ROW)].map((found) => ({
    name: found[1]!,
    ids: [...found[2]!.matchAll(/<([^>]+)>/g)].map((one) => one[1]!),
    start: found.index,
    end: found.index + found[0].length,
  }));
}

/** Write a choice as a VALUES row. */
export function row(name: string, ids: string[]): string {
  return `VALUES ?${name} {${ids.map((id) => ` <${id}>`).join("")} }`;
}

/** Return the query about other entities, by the names of the choices; text that is no id changes nothing. */
export function askedOf(text: string, chosen: Record<string, string[]>): string {
  return text.replace(ROW, (whole, name: string) => {
    const ids = (Object.hasOwn(chosen, name) ? chosen[name]! : []).filter((id) => ONE.test(id));
    return ids.length ? row(name, ids) : whole;
  });
}
