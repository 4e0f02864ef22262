// RDF terms in TSV results (SPARQL 1.1 Query Results CSV and TSV) and in N-Triples.

const XSD = "http://www.w3.org/2001/XMLSchema#";
const NUMERIC = new Set(
  ("integer decimal double float long int short byte nonNegativeInteger positiveInteger negativeInteger " +
    "nonPositiveInteger unsignedLong unsignedInt unsignedShort unsignedByte")
    .split(" ")
    .map((name) => XSD + name),
);

export interface Term {
  kind: "iri" | "literal" | "blank";
  value: string;
  datatype?: string;
  language?: string;
  /** The value of a number; absent where a literal only claims to be one. */
  number?: number;
}

const ESCAPES: Record<string, string> = { t: "\t", n: "\n", r: "\r", b: "\b", f: "\f", '"': '"', "'": "'", "\\": "\\" };

function unescaped(text: string): string {
  if (!text.includes("\\")) return text;
  return text.replace(/\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))/gs, (_, short, long, one) =>
    one ? (ESCAPES[one] ?? one) : String.fromCodePoint(parseInt(short ?? long, 16)),
  );
}

/** Parse a term; undefined for an empty cell. */
export function term(written: string): Term | undefined {
  const first = written[0];
  if (first === undefined) return undefined;
  if (first === "<" && !written.startsWith("<<")) return { kind: "iri", value: unescaped(written.slice(1, -1)) };
  if (written.startsWith("_:")) return { kind: "blank", value: written };
  if (first === '"') {
    const end = written.lastIndexOf('"');
    const value = unescaped(written.slice(1, end));
    const rest = written.slice(end + 1);
    if (rest.startsWith("@")) return { kind: "literal", value, language: rest.slice(1) };
    if (!rest.startsWith("^^")) return { kind: "literal", value };
    const datatype = rest.slice(3, -1);
    const number = NUMERIC.has(datatype) && /^[-+.\d]/.test(value) ? Number(value) : NaN;
    return { kind: "literal", value, datatype, ...(Number.isFinite(number) ? { number } : {}) };
  }
  if (written === "true" || written === "false") return { kind: "literal", value: written, datatype: `${XSD}boolean` };
  const number = Number(written);
  if (Number.isNaN(number)) return { kind: "literal", value: written };
  const type = /e/i.test(written) ? "double" : written.includes(".") ? "decimal" : "integer";
  return { kind: "literal", value: written, datatype: XSD + type, number };
}

const TRIPLE = /^(<[^>]*>|_:\S+) (<[^>]*>) (.*?) ?\.$/s;

/** Return the three terms of a line of N-Triples, unparsed. */
export function triple(line: string): [string, string, string] {
  const found = TRIPLE.exec(line);
  return found ? [found[1]!, found[2]!, found[3]!] : ["", "", line];
}
