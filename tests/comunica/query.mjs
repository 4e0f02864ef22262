// Asks SPARQL endpoints by Comunica: node query.mjs QUERY-FILE|- [SOURCE...]
//
// stdout: each binding, each triple or the truth value as one line of JSON, its terms as in SPARQL 1.1 Query Results JSON.
// stderr: each HTTP request that Comunica made, as one line of JSON.
import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { QueryEngine } from "@comunica/query-sparql";

const TYPES = { NamedNode: "uri", BlankNode: "bnode", Literal: "literal" };
const XSD_STRING = "http://www.w3.org/2001/XMLSchema#string";

function term(given) {
  const { termType, value, language, datatype } = given;
  if (language) return { type: TYPES[termType], value, "xml:lang": language };
  if (datatype && datatype.value !== XSD_STRING) return { type: TYPES[termType], value, datatype: datatype.value };
  return { type: TYPES[termType], value };
}

async function traced(url, options) {
  const response = await fetch(url, options);
  const method = options?.method ?? "GET";
  const type = response.headers.get("content-type");
  console.error(JSON.stringify({ method, url: String(url), status: response.status, type }));
  return response;
}

const [file, ...sources] = process.argv.slice(2);
if (!file) {
  console.error("usage: node query.mjs QUERY-FILE|- [SOURCE...]");
  process.exit(2);
}
const query = file === "-" ? await text(process.stdin) : await readFile(file, "utf8");
const result = await new QueryEngine().query(query, { sources, fetch: traced });
const print = (row) => console.log(JSON.stringify(row));
const found = await result.execute();
if (result.resultType === "boolean") {
  print(found);
} else if (result.resultType === "bindings") {
  for await (const row of found) print(Object.fromEntries([...row].map(([name, value]) => [name.value, term(value)])));
} else {
  for await (const { subject, predicate, object } of found) {
    print({ subject: term(subject), predicate: term(predicate), object: term(object) });
  }
}
