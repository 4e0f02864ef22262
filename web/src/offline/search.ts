// Search by name: whole names first, then beginnings of names, then of words; more findings before fewer.
import { load } from "./place";

export interface Hit {
  id: string;
  label: string;
  name: string;
  type: string;
  external: false;
}

interface Entry {
  id: string;
  type: string;
  label: string;
  uses: number;
  names: { text: string; folded: string; words: string[] }[];
}

let entries: Promise<Entry[]> | undefined;

/** Return a name without accents, capitals and punctuation. */
export function fold(text: string): string {
  return text
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim();
}

/** Return the entities whose names match a text, the best match first. */
export async function search(text: string): Promise<Hit[]> {
  const asked = fold(text);
  if (!asked) return [];
  const words = asked.split(" ");
  const found = [];
  for (const entry of await (entries ??= read())) {
    let best = { fit: 0, name: "" };
    for (const { text: name, folded, words: own } of entry.names) {
      const fit = fits(asked, words, folded, own);
      if (fit > best.fit) best = { fit, name };
    }
    if (best.fit) found.push({ entry, ...best });
  }
  found.sort(
    (a, b) =>
      b.fit - a.fit ||
      b.entry.uses - a.entry.uses ||
      a.entry.label.length - b.entry.label.length ||
      (a.entry.id < b.entry.id ? -1 : 1),
  );
  return found.map(({ entry: { id, label, type }, name }) => ({ id, label, name, type, external: false }));
}

function fits(asked: string, words: string[], name: string, own: string[]): number {
  if (name === asked) return 3;
  if (name.startsWith(asked)) return 2;
  return words.every((word) => own.some((each) => each.startsWith(word))) ? 1 : 0;
}

async function read(): Promise<Entry[]> {
  await load("offline/names.js");
  return calcikg.names!.map(([id, type, uses, ...names]) => ({
    id,
    type,
    uses,
    label: names[0],
    names: names.map((text) => {
      const folded = fold(text);
      return { text, folded, words: folded.split(" ") };
    }),
  }));
}
