// Evaluates a query like the service: the same formats, and the same errors as RFC 9457 problems.
import type { Store } from "oxigraph/web.js";
import type { Answered } from "./sparql";
import { lowerBooleans, words } from "./tokens";

const RESULTS = ["application/sparql-results+json", "application/sparql-results+xml", "text/csv", "text/tab-separated-values"];
const GRAPHS = [
  "text/turtle",
  "application/n-triples",
  "application/ld+json",
  "application/rdf+xml",
  "application/trig",
  "application/n-quads",
];
const FUNCTION = /custom function <([^>]+)> is not supported/;
const PLACE = /^error at (\d+):(\d+): (.*)/s;
const CONDITIONS = {
  "Prefix not found": "a prefix is used here that is not declared",
  "IRI parsing failed": "an IRI before this position is invalid",
  "variable that is unbound": "SELECT uses a variable that is not bound by GROUP BY or the pattern",
  "overrides an existing variable": "SELECT gives an expression the name of a variable that is already bound",
  "Duplicated variable name": "SELECT gives two columns the same name",
};

class Refused extends Error {}

/** Answer a query in the best format that the client accepts, or with a problem. */
export function evaluate(store: Store, text: string, accept: string, base: string): Answered {
  const wrong = (status: number, name: string, title: string, detail: string, more: object = {}): Answered => ({
    status,
    type: "application/problem+json",
    body: JSON.stringify({ type: `${base}problems/${name}`, title, status, detail, ...more }),
  });
  try {
    const [results, graph] = [best(accept, RESULTS), best(accept, GRAPHS)];
    refuse(text);
    const found = results && ask(store, text, base, results);
    if (found) return found;
    const made = graph && ask(store, text, base, graph);
    if (made) return made;
    const kind = results ? "a graph" : "a table or a truth value";
    return wrong(406, "not-acceptable", "Not available in an accepted format", `the query returns ${kind}`);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const place = PLACE.exec(message);
    if (place)
      return wrong(400, "query-syntax", "The query is not valid SPARQL", readable(place[3]!), {
        line: Number(place[1]),
        column: Number(place[2]),
      });
    const unknown = FUNCTION.exec(message)?.[1];
    const detail = unknown ? `only the live service computes ${unknown}` : message;
    return wrong(400, "query", "The query cannot be evaluated here", detail);
  }
}

/** Evaluate a query in a format; undefined when the format is for the other kind of query. */
function ask(store: Store, text: string, base: string, type: string): Answered | undefined {
  try {
    const found = store.query(lowerBooleans(text), { base_iri: `${base}sparql`, results_format: type }) as string;
    const bare = found === "true" || found === "false"; // in the formats that have no truth values a bare word, a line
    return { status: 200, type, body: bare ? `${found}\n` : found };
  } catch (error) {
    if (error instanceof Error && /^Not supported (?:RDF|SPARQL query results) format/.test(error.message)) return undefined;
    throw error;
  }
}

/** Refuse queries whose answer would differ from that of the service; throws. */
function refuse(text: string): void {
  const found = words(text);
  if (found.filter(({ word, next }) => /^from$/i.test(word) && !/^named$/i.test(next)).length > 1)
    throw new Refused("only the live service merges several graphs into a default graph; query one graph, or all");
  if (found.some(({ word }) => /^service$/i.test(word)))
    throw new Refused("only the live service queries other endpoints");
}

/** Return the accepted type with the highest quality, the first of equals; undefined when none is. */
function best(accept: string, types: string[]): string | undefined {
  let [found, quality]: [string | undefined, number] = [undefined, 0];
  for (const part of accept.split(",")) {
    const [range, ...parameters] = part.split(";").map((each) => each.trim());
    const weight = Number(parameters.find((each) => each.startsWith("q="))?.slice(2) ?? 1);
    const type = types.find((each) => range === "*/*" || range === each || range === `${each.split("/")[0]}/*`);
    if (type && weight > quality) [found, quality] = [type, weight];
  }
  return found;
}

/** Return the condition of the grammar that the parser names, as kg/engine/syntax.py does; what else it names changes. */
function readable(problem: string): string {
  const condition = Object.entries(CONDITIONS).find(([sign]) => problem.includes(sign))?.[1];
  return condition ?? "what is here is not allowed, or what precedes it is incomplete";
}
