// Labels: of the terms and entities of the dataset, and of others, which are loaded when they are shown.

import { request } from "./answer";
import { settings } from "./settings";
import { term, type Term } from "./terms";

export interface Word {
  iri: string;
  kind: "class" | "property" | "concept" | "function";
  label?: string;
  definition?: string;
}

interface Vocabulary {
  prefixes: Record<string, string>;
  namespaces: Record<string, string>;
  terms: Word[];
  entities: Record<string, string>;
}

const BASE = "https://w3id.org/calcikg/";
export const ID = `${BASE}id/`;
const ONTOLOGY = `${BASE}ontology/`;
const FUNCTION = `${BASE}function/`;
const BATCH = 500;

let vocabulary: Vocabulary = { prefixes: {}, namespaces: {}, terms: [], entities: {} };
let loading: Promise<Vocabulary> | undefined;
const terms = new Map<string, Word>();
/** The label of each entity by its id; empty for a finding, which has none. */
export const entities = new Map<string, string>();
const others = new Map<string, string>();

/** Load the vocabulary, once; without it every label is an IRI. */
export function load(): Promise<Vocabulary> {
  loading ??= fetch(settings.vocabulary)
    .then((answer) => (answer.ok ? (answer.json() as Promise<Vocabulary>) : vocabulary))
    .catch(() => vocabulary)
    .then((loaded) => {
      vocabulary = loaded;
      for (const word of loaded.terms) terms.set(word.iri, word);
      for (const [id, called] of Object.entries(loaded.entities)) entities.set(id, called);
      return loaded;
    });
  return loading;
}

/** Return the vocabulary, empty until it is loaded. */
export function words(): Vocabulary {
  return vocabulary;
}

/** Shorten an IRI by the longest namespace that fits. */
export function short(iri: string): string {
  let best = "";
  let found = iri;
  for (const [prefix, namespace] of Object.entries({ ...vocabulary.prefixes, ...vocabulary.namespaces }))
    if (namespace.length > best.length && iri.startsWith(namespace)) {
      best = namespace;
      found = `${prefix}:${iri.slice(namespace.length)}`;
    }
  return found;
}

/** Return the label of an IRI, or else its short form. */
export function label(iri: string): string {
  if (iri.startsWith(ID)) {
    const id = iri.slice(ID.length);
    return entities.get(id) || id;
  }
  return terms.get(iri)?.label ?? others.get(iri) ?? short(iri);
}

/** Return a term of an answer in words. */
export function said(one: Term | undefined, plain = false): string {
  if (!one) return "";
  return one.kind === "iri" && !plain ? label(one.value) : one.value;
}

/** Return the address of an entity's page, or else the IRI itself; undefined for an IRI that is no web address. */
export function address(iri: string): string | undefined {
  const own = (path: string) => new URL(path, settings.root).href;
  if (iri.startsWith(ID)) {
    const id = iri.slice(ID.length).split("#")[0]!;
    if (entities.has(id)) return own(`page/${id}`);
  }
  if (terms.has(iri)) {
    if (iri.startsWith(ONTOLOGY)) return own(`ontology#${iri.slice(ONTOLOGY.length)}`);
    if (iri.startsWith(FUNCTION)) return own(`page/function/${iri.slice(FUNCTION.length)}`);
  }
  return /^https?:\/\//.test(iri) ? iri : undefined; // never a javascript: address
}

/** Tell whether an address is one of this service. */
export function isOurs(href: string): boolean {
  return href.startsWith(settings.root);
}

/** Load the labels of unknown IRIs, each once. */
export async function learn(iris: Iterable<string>): Promise<void> {
  const unknown = [...new Set(iris)].filter(
    (iri) => !others.has(iri) && !terms.has(iri) && !iri.startsWith(ID) && /^[a-z][a-z0-9+.-]*:[^\s<>"{}|^`\\]+$/i.test(iri),
  );
  for (let start = 0; start < unknown.length; start += BATCH) {
    const asked = unknown.slice(start, start + BATCH);
    const values = asked.map((iri) => `<${iri}>`).join(" ");
    const query = `SELECT ?iri (MIN(STR(?name)) AS ?label) {
      VALUES ?iri { ${values} }
      VALUES ?by { <http://www.w3.org/2000/01/rdf-schema#label> <http://www.w3.org/2004/02/skos/core#prefLabel> }
      ?iri ?by ?name } GROUP BY ?iri`;
    const answer = await request(query, "text/tab-separated-values").catch(() => undefined);
    if (!answer) return;
    for (const iri of asked) others.set(iri, "");
    for (const line of (await answer.text()).split("\n").slice(1)) {
      const [iri, name] = line.split("\t").map((cell) => term(cell)?.value);
      if (iri && name) others.set(iri, name);
    }
    for (const iri of asked) if (!others.get(iri)) others.set(iri, short(iri));
  }
}
