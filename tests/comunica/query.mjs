// Asks SPARQL endpoints by Comunica, one question after the other, each with an engine of its own.
//
// stdin: each line is JSON with a query and its sources.
// stdout: for each its rows and the HTTP requests that Comunica made, as one line of JSON, or its error. A row is a
// binding, a triple or the truth value, its terms as in SPARQL 1.1 Query Results JSON.
import { createInterface } from "node:readline";
import { QueryEngine } from "@comunica/query-sparql";

const TYPES = { NamedNode: "uri", BlankNode: "bnode", Literal: "literal" };
const XSD_STRING = "http://www.w3.org/2001/XMLSchema#string";

function term(given) {
  const { termType, value, language, datatype } = given;
  if (language) return { type: TYPES[termType], value, "xml:lang": language };
  if (datatype && datatype.value !== XSD_STRING) return { type: TYPES[termType], value, datatype: datatype.value };
  return { type: TYPES[termType], value };
}

async function* rows(result) {
  const found = await result.execute();
  if (result.resultType === "boolean") {
    yield found;
  } else if (result.resultType === "bindings") {
    for await (const row of found) yield Object.fromEntries([...row].map(([name, value]) => [name.value, term(value)]));
  } else {
    for await (const { subject, predicate, object } of found) {
      yield { subject: term(subject), predicate: term(predicate), object: term(object) };
    }
  }
}

async function ask({ query, sources }) {
  const requests = [];
  async function traced(url, options) {
    const response = await fetch(url, options);
    const method = options?.method ?? "GET";
    const type = response.headers.get("content-type");
    requests.push({ method, url: String(url), status: response.status, type });
    return response;
  }
  const result = await new QueryEngine().query(query, { sources, fetch: traced });
  return { rows: await Array.fromAsync(rows(result)), requests };
}

for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(await ask(JSON.parse(line)).catch((error) => ({ error: String(error) }))));
}
