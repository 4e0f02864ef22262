// SPARQL tokens, to inspect a query without parsing it; the same as in kg/engine/tokens.py.

const TOKEN = new RegExp(
  [
    /(?<comment>#[^\n\r]*)/u,
    /(?<string>"""(?:[^"\\]|\\.|"(?!""))*"""|'''(?:[^'\\]|\\.|'(?!''))*'''|"(?:[^"\\\n\r]|\\.)*"|'(?:[^'\\\n\r]|\\.)*')/u,
    /(?<iri><[^<>"{}|^`\\\x00-\x20]*>)/u,
    /(?<tag>@[A-Za-z]+(?:-[A-Za-z0-9]+)*)/u,
    /(?<variable>[?$][\p{L}\p{N}_]+)/u,
    /(?<name>[\p{L}\p{N}_\-.]{0,100}:(?:[\p{L}\p{N}_\-.:]|%[0-9A-Fa-f]{2}|\\.)*)/u,
    /(?<word>\d+\.\d+(?:[eE][+-]?\d+)?|[\p{L}\p{N}_]+)/u,
    /(?<other>&&|\|\||\^\^|\S)/u,
  ]
    .map((part) => part.source)
    .join("|"),
  "gsu",
);

/** Return the words of a query outside strings, IRIs, names and comments, with their positions. */
export function words(text: string): { word: string; at: number; next: string }[] {
  const found = [...text.matchAll(TOKEN)].filter((token) => token.groups!["comment"] === undefined);
  return found.flatMap((token, at) =>
    token.groups!["word"] === undefined ? [] : [{ word: token[0], at: token.index, next: found[at + 1]?.[0] ?? "" }],
  );
}

/** Return a query with its truth values in lower case, as the engine requires. */
export function lowerBooleans(text: string): string {
  let written = text;
  for (const { word, at } of words(text))
    if (/^(?:true|false)$/i.test(word)) written = written.slice(0, at) + word.toLowerCase() + written.slice(at + word.length);
  return written;
}
