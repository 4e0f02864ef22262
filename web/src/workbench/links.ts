// Links that contain the query, so that they last as long as the site: the server stores nothing.
//
//   #question/SLUG?name=TYPE/SLUG&as=VIEW   a question of the library, about the entities named
//   #q=TEXT&as=VIEW                         any query: shortened, deflated (RFC 1951), in base64url (RFC 4648, section 5)

/** Common beginnings of queries, each written as one control character. Links contain these numbers: never change or move a row. */
const USUAL = [
  "BASE <https://w3id.org/calcikg/id/>\n",
  "PREFIX ckg: <https://w3id.org/calcikg/ontology/>\n",
  "PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>\n",
  "PREFIX skos: <http://www.w3.org/2004/02/skos/core#>\n",
  "PREFIX owl: <http://www.w3.org/2002/07/owl#>\n",
  "PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>\n",
  "PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>\n",
  "https://w3id.org/calcikg/",
];
/** Escapes a literal control character. */
const ITSELF = "\x0e";
/** The longest query that is unpacked. */
const MOST = 2 ** 20;

export interface Linked {
  slug?: string;
  chosen: Record<string, string[]>;
  text?: string;
  show: string;
}

export async function pack(text: string): Promise<string> {
  const escaped = text.replace(/[\x01-\x08\x0e]/g, (one) => ITSELF + one);
  const shortened = USUAL.reduce((rest, usual, at) => rest.replaceAll(usual, String.fromCharCode(at + 1)), escaped);
  const bytes = await through(new Blob([shortened]), new CompressionStream("deflate-raw"));
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

/** Return the text that was packed; throws for anything else. */
export async function unpack(packed: string): Promise<string> {
  const binary = atob(packed.replace(/-/g, "+").replace(/_/g, "/"));
  const bytes = Uint8Array.from(binary, (one) => one.charCodeAt(0));
  const shortened = await through(new Blob([bytes]), new DecompressionStream("deflate-raw"));
  const text = new TextDecoder("utf-8", { fatal: true }).decode(shortened);
  return text.replace(/\x0e(.)|([\x01-\x08])/gs, (_, itself, usual) => itself ?? USUAL[usual.charCodeAt(0) - 1]);
}

async function through(from: Blob, by: CompressionStream | DecompressionStream): Promise<Uint8Array> {
  const reader = from.stream().pipeThrough(by as ReadableWritablePair<Uint8Array, Uint8Array>).getReader();
  const parts: BlobPart[] = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return new Uint8Array(await new Blob(parts).arrayBuffer());
    size += value.byteLength;
    if (size > MOST) throw new RangeError("the query of the link is too long");
    parts.push(value as Uint8Array<ArrayBuffer>);
  }
}

export function questionLink(slug: string, chosen: Record<string, string[]>, show: string): string {
  const parts = Object.entries(chosen).flatMap(([name, ids]) => ids.map((id) => `${encodeURIComponent(name)}=${id}`));
  if (show) parts.push(`as=${encodeURIComponent(show)}`);
  return `#question/${slug}${parts.length ? `?${parts.join("&")}` : ""}`;
}

export async function queryLink(text: string, show: string): Promise<string> {
  return `#q=${await pack(text)}${show ? `&as=${encodeURIComponent(show)}` : ""}`;
}

/** Read the part of an address after its #; undefined when it is none of ours. Throws when its query is damaged. */
export async function readLink(hash: string): Promise<Linked | undefined> {
  const found = /^#question\/([a-z0-9-]+)(?:\?(.*))?$/.exec(hash);
  if (found) {
    const given = new URLSearchParams(found[2] ?? "");
    const chosen: Record<string, string[]> = Object.create(null);
    for (const name of new Set(given.keys())) if (name !== "as") chosen[name] = given.getAll(name);
    return { slug: found[1]!, chosen, show: given.get("as") ?? "" };
  }
  if (!hash.startsWith("#q=")) return undefined;
  const given = new URLSearchParams(hash.slice(1));
  return { text: await unpack(given.get("q") ?? ""), chosen: {}, show: given.get("as") ?? "" };
}
