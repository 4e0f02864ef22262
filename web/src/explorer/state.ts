// The filters of a picture as sorted pairs, like on the server, so that each picture has one address.

export type Pair = readonly [string, string];
export type State = readonly Pair[];

const USUAL: Pair = ["single_patients", "no"];

/** Return the filters of the export that has what the picture shows: without populations of one person, unless they are asked for. */
export const shown = (state: State): State =>
  state.some(([name]) => name === USUAL[0]) ? state : [...state, USUAL].sort((one, other) => compare(one[0], other[0]));

/** Drop empty values, duplicates, steps without a center, and what is usual. */
export function tidy(pairs: Iterable<Pair>): State {
  const given = [...pairs].map(([name, text]) => [name, text.trim()] as const).filter(([, text]) => text !== "");
  const around = given.some(([name]) => name === "center");
  const kept = given.filter(([name, text]) => name !== "depth" || (around && text !== "1"));
  const unusual = kept.filter((pair) => pair.join() !== USUAL.join());
  const once = new Map(unusual.map((pair) => [pair.join("\n"), pair]));
  return [...once.values()].sort((one, other) => compare(one[0], other[0]) || compare(one[1], other[1]));
}

export const read = (search: string): State => tidy(new URLSearchParams(search));

/** Write filters as the query of an address; the slash of ids stays readable. */
export const write = (state: State): string =>
  new URLSearchParams(state.map((pair) => [...pair])).toString().replaceAll("%2F", "/");

export const values = (state: State, name: string): string[] =>
  state.filter(([key]) => key === name).map(([, text]) => text);

export const adding = (state: State, name: string, text: string): State => tidy([...state, [name, text]]);

/** Remove a value of a filter; without any filter all findings are shown, not the first picture. */
export function dropping(state: State, name: string, text: string): State {
  const left = tidy(state.filter((pair) => pair[0] !== name || pair[1] !== text));
  return left.length ? left : [["max_level", "5"]];
}

const compare = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);
