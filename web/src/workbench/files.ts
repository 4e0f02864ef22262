// Results as a file: in each format of the endpoint, and as one self-contained HTML page.

import { request, type Answer } from "./answer";
import { said, address, isOurs } from "./names";
import { settings } from "./settings";
import { order, type Column } from "./order";
import { number } from "./table";
import type { Show } from "./state";

export const FORMATS: Record<Answer["kind"], readonly (readonly [string, string, string])[]> = {
  table: [
    ["CSV", "text/csv", "csv"],
    ["TSV", "text/tab-separated-values", "tsv"],
    ["JSON", "application/sparql-results+json", "srj"],
    ["XML", "application/sparql-results+xml", "srx"],
  ],
  truth: [
    ["JSON", "application/sparql-results+json", "srj"],
    ["XML", "application/sparql-results+xml", "srx"],
    ["CSV", "text/csv", "csv"],
  ],
  graph: [
    ["Turtle", "text/turtle", "ttl"],
    ["N-Triples", "application/n-triples", "nt"],
    ["JSON-LD", "application/ld+json", "jsonld"],
    ["RDF/XML", "application/rdf+xml", "rdf"],
  ],
};

/** The most rows of a saved page: more make it slow to open. */
export const MOST_SAVED = 20_000;

/** Run the query again in a format; the response is the file. */
export async function whole(query: string, type: string): Promise<Blob> {
  const answer = await request(query, type);
  return answer.blob();
}

const ESCAPED: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (one) => ESCAPED[one]!).replace(/[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g, "\ufffd");
}

const STYLE = `
:root{color-scheme:light dark}
body{margin:2rem auto;max-width:75rem;padding:0 1rem;font:1rem/1.5 system-ui,sans-serif}
table{border-collapse:collapse;font-size:.92rem}th,td{padding:.35rem .9rem .35rem 0;text-align:left;vertical-align:top;border-bottom:1px solid #8888;overflow-wrap:anywhere}
.number{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}pre{overflow-x:auto;padding:.8rem 1rem;border:1px solid #8888;border-radius:6px}
dt{font-weight:600}dd{margin:0 0 .5rem}.wide{overflow-x:auto}`;

/** Write results as a page: question, query, rows, and where, when and on which data it ran. */
export function page(answer: Answer, columns: Column[], show: Show, words: string): string {
  const title = words || "Results from calcikg";
  const facts: [string, string][] = [
    ["Date", `${answer.asked.toISOString().slice(0, 19).replace("T", " ")} UTC`],
    ["Endpoint", link(settings.endpoint)],
    ["Dataset", `${escaped(settings.title || "calcikg")}${settings.version ? `, version ${escaped(settings.version)}` : ""}, snapshot <code>${escaped(answer.snapshot)}</code>`],
    ["Rows", escaped(rows(answer))],
    ["How to cite", `calcikg contributors. <cite>${escaped(settings.title || "calcikg")}</cite>${settings.version ? `, version ${escaped(settings.version)}` : ""}, snapshot <code>${escaped(answer.snapshot)}</code>. ${link(settings.root)}. Please also cite the documents behind the findings.`],
    ...(settings.license ? [["Data licence", link(settings.license)] as [string, string]] : []),
    ["Note", "Research data, not medical advice."],
  ];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${escaped(title)}</h1>
${body(answer, columns, show)}
<h2>Provenance</h2>
<dl>
${facts.map(([name, value]) => `<dt>${name}</dt><dd>${value}</dd>`).join("\n")}
</dl>
<h2>Query</h2>
<pre><code>${escaped(answer.query)}</code></pre>
</main>
</body>
</html>
`;
}

function body(answer: Answer, columns: Column[], show: Show): string {
  if (answer.kind === "truth") return `<p>Answer: <strong>${answer.truth ? "yes" : "no"}</strong></p>`;
  if (!answer.rows.length) return "<p>No results.</p>";
  const sorted = order(answer, columns.findIndex((column) => column.name === show.sort), show.descending);
  const head = columns.map((column) => `<th scope="col"${column.holds === "numbers" ? ' class="number"' : ""}>${escaped(column.name)}</th>`);
  const lines = Array.from(sorted.subarray(0, MOST_SAVED), (row) => {
    const cells = columns.map((_, at) => cell(answer, row, at));
    return `<tr>${cells.join("")}</tr>`;
  });
  return `<div class="wide"><table>\n<thead><tr>${head.join("")}</tr></thead>\n<tbody>\n${lines.join("\n")}\n</tbody>\n</table></div>`;
}

function cell(answer: Answer, row: number, column: number): string {
  const value = answer.term(row, column);
  if (!value) return "<td></td>";
  if (value.number !== undefined) return `<td class="number">${escaped(value.value)}</td>`;
  const words = escaped(said(value));
  const href = value.kind === "iri" ? address(value.value) : undefined;
  if (!href) return `<td>${words}</td>`;
  // An entity is linked by its own IRI, which outlives the address of this service.
  const lasting = isOurs(href) && /^https?:/.test(value.value) ? value.value : href;
  return `<td><a href="${escaped(lasting)}" rel="noreferrer">${words}</a></td>`;
}

/** Return the number of rows, and what is missing. */
function rows(answer: Answer): string {
  if (answer.kind === "truth") return "yes or no";
  const total = answer.rows.length;
  const parts = [`${number(total)}${answer.cut ? " before the results were interrupted; they are incomplete" : ""}`];
  if (total > MOST_SAVED) parts.push(`this page has the first ${number(MOST_SAVED)}`);
  return parts.join("; ");
}

function link(address: string): string {
  return `<a href="${escaped(address)}" rel="noreferrer">${escaped(address)}</a>`;
}
