// Completes prefixes, terms, functions, variables and entities, from this dataset only.

import type Yasqe from "@zazuko/yasqe";
import type { Hint, Position } from "@zazuko/yasqe";
import { make, one } from "../dom";
import { ID, load, short, words, type Word } from "./names";
import { settings } from "./settings";

/** The most completions that are offered. */
const MOST = 40;
const PAUSE = 150; // milliseconds after a key

interface Hit {
  id: string;
  iri: string;
  label: string;
  name: string;
  type: string;
  external: boolean;
}

/** The text being typed before the cursor: its kind, its content, and its start. */
interface Typed {
  kind: "prefix" | "variable" | "iri" | "name" | "words";
  text: string;
  start: number;
}

const KEYWORDS = new Set("a as by filter in not exists optional union minus bind values where select distinct order group having limit offset asc desc from named graph service construct describe ask base prefix true false".split(" "));

/** Return the text being typed; undefined in a comment, in a string, or where there is nothing to complete. */
export function typed(before: string): Typed | undefined {
  const bare = before.replace(/<[^<>\s]*>/g, (iri) => "_".repeat(iri.length)).replace(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/g, (text) => "_".repeat(text.length));
  if (/["'#]/.test(bare)) return undefined;
  const patterns: [Typed["kind"], RegExp][] = [
    ["prefix", /\bPREFIX\s+([\w.-]*)$/i],
    ["variable", /[?$](\w*)$/],
    ["iri", /<(\p{L}[^<>"{}|^`\\?$=()]*|)$/u],
    ["name", /(?:^|[^\w:.-])((?:[A-Za-z][\w.-]*)?:[\w-]*)$/],
    ["words", /(?:^|[\s({;,.!|/^])((?:\p{L}[\p{L}\p{N}'-]* )*\p{L}[\p{L}\p{N}'-]*)$/u],
  ];
  for (const [kind, pattern] of patterns) {
    const found = pattern.exec(bare);
    if (!found) continue;
    let text = before.slice(before.length - found[1]!.length);
    // What is typed as words may have a keyword before it: `a top` is the class, and `a` is not.
    if (kind === "words")
      for (let first = text.split(" ")[0]!; text.includes(" ") && KEYWORDS.has(first.toLowerCase()); first = text.split(" ")[0]!)
        text = text.slice(first.length + 1);
    const mark = kind === "variable" || kind === "iri" ? 1 : 0;
    return { kind, text, start: before.length - text.length - mark };
  }
  return undefined;
}

let timer = 0;

/** Offer completions after a pause, where the text is unambiguous. */
export function suggestion(yasqe: Yasqe): void {
  window.clearTimeout(timer);
  timer = window.setTimeout(() => {
    const found = here(yasqe);
    const least = { prefix: 0, variable: 0, iri: 2, name: 1, words: Infinity };
    if (found && found.text.length >= least[found.kind] && !(yasqe as any).state.completionActive) complete(yasqe);
  }, PAUSE);
}

/** Offer completions now. */
export function complete(yasqe: Yasqe): void {
  const first = here(yasqe);
  if (!first) return;
  void load();
  yasqe.showHint({
    completeSingle: false,
    closeCharacters: first.kind === "words" || first.kind === "iri" ? /[{}();]/ : /[\s{}();>]/,
    container: one("ask"), // in the main content, where screen readers find it
    hint: async () => {
      await load();
      const cursor = yasqe.getDoc().getCursor();
      const now = here(yasqe);
      if (!now || now.kind !== first.kind) return { list: [], from: cursor, to: cursor };
      const from = { line: cursor.line, ch: now.start };
      return { list: await hints(yasqe, now), from, to: cursor };
    },
  });
}

function here(yasqe: Yasqe): Typed | undefined {
  const cursor = yasqe.getDoc().getCursor();
  return typed(yasqe.getDoc().getLine(cursor.line).slice(0, cursor.ch));
}

async function hints(yasqe: Yasqe, now: Typed): Promise<Hint[]> {
  switch (now.kind) {
    case "prefix":
      return prefixes(yasqe, now.text);
    case "variable":
      return variables(yasqe, now.text);
    case "iri":
      return entities(yasqe, now.text.replace(/-/g, " ").replace(/^.*\//, ""));
    case "name":
      return names(yasqe, now.text);
    default: {
      // A term that is called so comes before what has these words in any of its names.
      const called = named(yasqe, (word) => fits(word, now.text) >= 2 && fits(word, now.text));
      const others = named(yasqe, (word) => fits(word, now.text) === 1);
      return [...called, ...(await entities(yasqe, now.text)).slice(0, 12), ...others].slice(0, MOST);
    }
  }
}

function prefixes(yasqe: Yasqe, text: string): Hint[] {
  const there = yasqe.getPrefixesFromQuery();
  return Object.entries(words().prefixes)
    .filter(([prefix]) => prefix.startsWith(text) && !(prefix in there))
    .map(([prefix, namespace]) => hint(`${prefix}: <${namespace}>`, `${prefix}:`, namespace));
}

function variables(yasqe: Yasqe, text: string): Hint[] {
  const cursor = yasqe.getDoc().getCursor();
  const own = yasqe.getDoc().indexFromPos(cursor) - text.length - 1;
  const found = new Set<string>();
  for (const one of yasqe.getValue().matchAll(/[?$](\w+)/g)) if (one.index !== own) found.add(one[1]!);
  found.delete(text);
  return [...found].filter((name) => name.startsWith(text)).sort().map((name) => hint(`?${name}`, `?${name}`, ""));
}

/** Terms whose name or label matches a prefixed name. */
function names(yasqe: Yasqe, text: string): Hint[] {
  const [prefix, local] = [text.slice(0, text.indexOf(":")), text.slice(text.indexOf(":") + 1).toLowerCase()];
  const namespace = yasqe.getPrefixesFromQuery()[prefix] ?? words().prefixes[prefix];
  if (!namespace) return [];
  const exact = namespace + text.slice(prefix.length + 1);
  return named(yasqe, (word) => word.iri.startsWith(namespace) && word.iri !== exact && fits(word, local), prefix, namespace);
}

function fits(word: Word, text: string): number {
  const [name, called, asked] = [word.iri.replace(/^.*[/#]/, "").toLowerCase(), word.label?.toLowerCase() ?? "", text.toLowerCase()];
  if (name.startsWith(asked)) return 3;
  if (called.startsWith(asked)) return 2;
  return asked.length > 1 && (name.includes(asked) || called.includes(asked)) ? 1 : 0;
}

function named(yasqe: Yasqe, fit: (word: Word) => number | boolean, prefix?: string, namespace?: string): Hint[] {
  return words()
    .terms.map((word) => ({ word, rank: Number(fit(word)) }))
    .filter(({ rank }) => rank > 0)
    .sort((a, b) => b.rank - a.rank || a.word.iri.length - b.word.iri.length)
    .slice(0, MOST)
    .map(({ word }) => {
      const text = namespace === undefined ? short(word.iri) : `${prefix}:${word.iri.slice(namespace.length)}`;
      const written = /^[\w.-]*:[\w-]*$/.test(text) ? text : `<${word.iri}>`;
      return hint(written, word.label ?? text, `${word.kind}${word.definition ? ` · ${word.definition}` : ""}`, yasqe, text);
    });
}

/** Entities, then terms of other vocabularies, by name. */
async function entities(yasqe: Yasqe, text: string): Promise<Hint[]> {
  if (!text.trim()) return [];
  const address = new URL(settings.search, document.baseURI);
  address.searchParams.set("q", text.slice(0, 200));
  address.searchParams.set("limit", "20");
  const answer = await fetch(address, { headers: { Accept: "application/json" } }).catch(() => undefined);
  if (!answer?.ok) return [];
  const based = new RegExp(`\\bBASE\\s+<${ID}>`, "i").test(yasqe.getValue());
  const { items } = (await answer.json()) as { items: Hit[] };
  return items.map((hit) => {
    const written = based && hit.iri.startsWith(ID) ? `<${hit.iri.slice(ID.length)}>` : `<${hit.iri}>`;
    const other = hit.name.toLowerCase() === hit.label.toLowerCase() ? "" : ` · ${hit.name}`;
    return hint(written, hit.label, `${hit.type.replace(/(?<=[a-z])(?=[A-Z])/g, " ").toLowerCase()}${other} · ${hit.id}`);
  });
}

/** Make one line of the list. Choosing a name also declares its prefix, if the query does not yet. */
function hint(text: string, title: string, note: string, yasqe?: Yasqe, name = ""): Hint {
  const prefix = name.slice(0, name.indexOf(":"));
  const lacks = yasqe && text === name && !(prefix in yasqe.getPrefixesFromQuery()) && words().prefixes[prefix];
  return {
    text,
    render: (line: HTMLElement) => {
      line.parentElement?.setAttribute("aria-label", "Completions");
      line.append(make("strong", {}, title), " ", make("code", {}, text === title ? "" : text), make("small", {}, note));
    },
    ...(lacks ? { hint: (_: unknown, data: { from: Position; to: Position }) => bring(yasqe, data, text, prefix) } : {}),
  };
}

function bring(yasqe: Yasqe, data: { from: Position; to: Position }, text: string, prefix: string): void {
  const doc = yasqe.getDoc();
  doc.replaceRange(text, data.from, data.to, "complete");
  const lines = doc.getValue().split("\n");
  const last = lines.findLastIndex((line: string) => /^\s*(PREFIX|BASE)\b/i.test(line));
  const line = last >= 0 ? last + 1 : Math.max(lines.findIndex((one: string) => one.trim() && !one.trim().startsWith("#")), 0);
  doc.replaceRange(`PREFIX ${prefix}: <${words().prefixes[prefix]}>\n`, { line, ch: 0 }, undefined, "complete");
}
